/** Code in a text: the name of its language above it, a button that copies it, and colours when they are ready. */
import { announce } from "../ui/Announcer.tsx"
import { languageName, languageOf } from "./Languages.ts"

const copy = async (text: string, button: HTMLElement): Promise<void> => {
  const before = button.textContent
  try {
    await navigator.clipboard.writeText(text)
    button.textContent = "Copied"
    announce("Copied")
  } catch {
    button.textContent = "Not allowed to copy"
  }
  setTimeout(() => (button.textContent = before), 2_000)
}

const head = (pre: HTMLElement, name: string): HTMLElement => {
  const element = document.createElement("div")
  element.className = "code-head"
  const label = document.createElement("span")
  label.textContent = name
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = "Copy"
  button.setAttribute("aria-label", name === "" ? "Copy code" : `Copy ${name} code`)
  button.addEventListener("click", () => void copy(pre.textContent, button))
  element.append(label, button)
  return element
}

const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: 1_000 })
    else setTimeout(resolve, 50)
  })

/** Dresses all code below `root`; `onColoured` hears of each block whose text nodes were replaced. */
export const dressCode = async (root: HTMLElement, onColoured: (code: HTMLElement) => void): Promise<void> => {
  const colourful: Array<[HTMLElement, string]> = []
  for (const pre of root.querySelectorAll<HTMLElement>("pre")) {
    const language = pre.dataset["language"] ?? ""
    const frame = document.createElement("div")
    frame.className = "code"
    frame.dir = "ltr"
    pre.replaceWith(frame)
    frame.append(head(pre, languageName(language)), pre)
    // Code that is wider than the page is scrolled by keyboard too.
    pre.tabIndex = 0
    const code = pre.querySelector("code")
    if (code !== null && languageOf(language) !== undefined) colourful.push([code, language])
  }
  if (colourful.length === 0) return
  const { highlight } = await import("./Highlighter.ts")
  for (const [code, language] of colourful) {
    // Colours can wait until the page has been painted and nothing else is to be done.
    await idle()
    if (!code.isConnected) continue
    await highlight(code, language)
    onColoured(code)
  }
}
