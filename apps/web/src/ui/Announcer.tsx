/** Says things to those who listen rather than look: one polite live region for the whole client. */
import { createSignal } from "solid-js"

const [words, setWords] = createSignal("")
let timer = 0

/** Says it once it has stayed true for a moment, so that what changes fast is not read out at every step. */
export const announce = (what: string, afterMs = 120): void => {
  window.clearTimeout(timer)
  timer = window.setTimeout(() => setWords(what), afterMs)
}

export const Announcer = () => <p role="status" class="sr-only">{words()}</p>
