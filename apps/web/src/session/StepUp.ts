/** Step-up: what cannot be taken back asks again who is there: one question at a time, answered by a dialog over whatever is on the screen. */
import { createSignal } from "solid-js"

export type Means = "device" | "passkey" | "totp" | "recovery-code"

interface Question {
  readonly means: ReadonlyArray<string>
  readonly answered: (yes: boolean) => void
}

const [question, setQuestion] = createSignal<Question>()
/** What is being asked, if anything. */
export { question }

let asking: Promise<boolean> | undefined

/** Asks by one of these means; true when it was shown. Who asks while it is being asked waits for the same answer. */
export const confirmWho = (means: ReadonlyArray<string>): Promise<boolean> => {
  asking ??= new Promise<boolean>((resolve) => setQuestion({ means, answered: resolve })).finally(() => {
    asking = undefined
    setQuestion(undefined)
  })
  return asking
}
