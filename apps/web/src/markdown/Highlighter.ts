/** Colours for code, by Shiki with the browser's own regular expressions. Loaded when the first code is seen. */
import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore, type LanguageInput } from "shiki/core"
import { createJavaScriptRegexEngine } from "shiki/engine/javascript"
import { languageOf } from "./Languages.ts"

/** The theme names variables; what colours they are is said in `Theme.css`, for light and for dark. */
const theme = createCssVariablesTheme({ name: "vivim", variablePrefix: "--shiki-", fontStyle: true })

let highlighter: Promise<HighlighterCore> | undefined
const loaded = new Map<string, Promise<void>>()

const highlighterFor = async (id: string, load: () => Promise<unknown>): Promise<HighlighterCore> => {
  highlighter ??= createHighlighterCore({
    themes: [theme],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true })
  })
  const ready = await highlighter
  if (!loaded.has(id)) loaded.set(id, ready.loadLanguage(load as unknown as LanguageInput))
  await loaded.get(id)
  return ready
}

/** Longer code stays as it is: colouring it would hold up the page. */
const charsMax = 60_000
const italic = 1
const bold = 2

/** Lays colours on code. What it says does not change. */
export const highlight = async (code: HTMLElement, written: string): Promise<void> => {
  const language = languageOf(written)
  const text = code.textContent
  if (language === undefined || text.length > charsMax) return
  const { codeToTokensBase } = await highlighterFor(language.id, language.load)
  const lines = codeToTokensBase(text, {
    lang: language.id as never,
    theme: "vivim",
    tokenizeMaxLineLength: 2_000,
    // A limit in time would colour the first line wrongly wherever reading the language takes longer than that.
    tokenizeTimeLimit: 0
  })
  const out = document.createDocumentFragment()
  lines.forEach((line, at) => {
    if (at > 0) out.append("\n")
    for (const token of line) {
      const style = token.fontStyle ?? 0
      if (token.color === undefined || token.color === "var(--shiki-foreground)") {
        out.append(token.content)
        continue
      }
      const span = document.createElement("span")
      span.style.color = token.color
      if ((style & italic) !== 0) span.style.fontStyle = "italic"
      if ((style & bold) !== 0) span.style.fontWeight = "600"
      span.textContent = token.content
      out.append(span)
    }
  })
  code.replaceChildren(out)
}
