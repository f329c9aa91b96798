/** What the keyboard can do anywhere, and where it is heard. Single keys can be turned off in the settings. */
import { useNavigate } from "@solidjs/router"
import { createSignal, onCleanup } from "solid-js"
import { announce } from "../ui/Announcer.tsx"
import { typeAhead } from "../ui/EarlyTyping.ts"

export const isApple = /Mac|iPhone|iPad/.test(navigator.platform)

const kept = "vivim.single-keys"
const [singleKeys, setSingle] = createSignal(localStorage.getItem(kept) !== "off")
export { singleKeys }
export const setSingleKeys = (on: boolean): void => {
  localStorage.setItem(kept, on ? "on" : "off")
  setSingle(on)
}

/** Takes back what was done last, as long as that is offered. */
export const undoKey = "z"

export const shortcuts: ReadonlyArray<{ readonly keys: ReadonlyArray<string>; readonly what: string }> = [
  { keys: [isApple ? "⌘" : "Ctrl", "K"], what: "Jump to a conversation or a screen" },
  { keys: ["/"], what: "Search" },
  { keys: ["g", "l"], what: "Go to the library" },
  { keys: ["g", "i"], what: "Go to import" },
  { keys: ["g", "t"], what: "Go to the trash" },
  { keys: ["g", "s"], what: "Go to the settings" },
  { keys: ["j"], what: "Next row or message" },
  { keys: ["k"], what: "Previous row or message" },
  { keys: ["Enter"], what: "Open the row" },
  { keys: ["["], what: "Previous version of the message" },
  { keys: ["]"], what: "Next version of the message" },
  { keys: [undoKey], what: "Undo what was just done" },
  { keys: ["?"], what: "Show this list" },
  { keys: ["Esc"], what: "Close" }
]

/** Keys that are being typed into something are not shortcuts. */
const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement
  && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest("dialog,[role=menu]") !== null)

const waitForSecondMs = 1_200

/** The field of the search screen, by which a key that means it finds it. */
export const searchFieldId = "search-field"

/** To the field one searches with: the one that is there, or the one to come, for which typing is taken from now on. */
const goSearching = (navigate: (to: string) => void): void => {
  const field = document.getElementById(searchFieldId)
  if (field instanceof HTMLInputElement) {
    field.focus()
    field.select()
  } else {
    typeAhead("Search your conversations")
    navigate("/search")
  }
}

interface Shortcuts {
  readonly palette: () => void
  readonly shortcuts: () => void
  /** Whether there was something to undo. */
  readonly undo: () => boolean
}

export const listenForShortcuts = (open: Shortcuts): void => {
  const navigate = useNavigate()
  const places: Record<string, string> = { l: "/", i: "/import", t: "/trash", s: "/settings" }
  let wentAt = 0
  const hear = (event: KeyboardEvent) => {
    if (event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey) && !event.altKey) {
      event.preventDefault()
      return open.palette()
    }
    if (
      !singleKeys() || event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented ||
      isTyping(event.target)
    ) return
    const place = event.timeStamp - wentAt < waitForSecondMs ? places[event.key] : undefined
    wentAt = event.key === "g" ? event.timeStamp : 0
    if (place !== undefined) navigate(place)
    else if (event.key === "/") goSearching(navigate)
    else if (event.key === "?") open.shortcuts()
    else if (event.key === undoKey && open.undo()) announce("Undone")
    else return
    event.preventDefault()
  }
  addEventListener("keydown", hear)
  onCleanup(() => removeEventListener("keydown", hear))
}
