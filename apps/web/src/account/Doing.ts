/** Work somebody waits for: that it is being done, and in a sentence why it could not be. */
import { createSignal } from "solid-js"
import { toast } from "../ui/Toasts.tsx"
import { sentenceOf } from "./Sentences.ts"

/** `problem` is what went wrong last, or what `say` says is wrong with what was typed; new work begins without it. */
export const createDoing = (tell: (error: unknown) => string | undefined = sentenceOf) => {
  const [busy, setBusy] = createSignal(false)
  const [problem, say] = createSignal<string>()
  const doing = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true)
    say(undefined)
    try {
      await work()
    } catch (error) {
      say(tell(error))
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, say, doing }
}

/** For work with no place of its own on the page to say it: in a note. */
export const inNote = (error: unknown): undefined => {
  toast(sentenceOf(error), { kind: "trouble" })
}
