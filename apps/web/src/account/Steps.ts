/** Which page one is on before signing in: the hash of the address says it, so that the browser's way back works. */
import { createSignal } from "solid-js"
import { accounts, farewell } from "../session/Session.ts"

export type Step = "welcome" | "create" | "add" | "recover" | "move" | "token" | "return"
const steps: ReadonlyArray<string> = ["welcome", "create", "add", "recover", "move", "token", "return"]

/** Where one begins: whose keys are here is greeted, whoever came with a token is asked for the next one. */
const first = (): Step => farewell()?.kind === "token" ? "token" : accounts().length === 0 ? "welcome" : "return"

const read = (): Step => {
  const named = location.hash.slice(1)
  return steps.includes(named) ? named as Step : first()
}

const [step, setStep] = createSignal<Step>(read())
export { step }

/** A page one comes to anew begins where its address, or what has happened meanwhile, says. */
export const beginSteps = (): void => void setStep(read())

export const goTo = (to: Step): void => {
  if (to !== read()) history.pushState(history.state, "", `#${to}`)
  setStep(to)
}

/** A session has begun or ended: the address is the screen's own again. */
export const clearStep = (): void => {
  if (steps.includes(location.hash.slice(1))) {
    history.replaceState(history.state, "", location.pathname + location.search)
  }
}

addEventListener("popstate", () => setStep(read()))
addEventListener("hashchange", () => setStep(read()))
