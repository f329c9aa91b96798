/** Keeps this device's index of sealed conversations as the library is, from the moment somebody is signed in and what is private is open. */
import { createEffect, createSignal, on } from "solid-js"
import { watch } from "../node/Node.ts"
import { session } from "../session/Session.ts"
import { canSeal, syncIndex } from "./Sealed.ts"

const [sealedCount, setSealedCount] = createSignal(0)
/** How many sealed conversations there are. */
export { sealedCount }

export const keepIndex = (): void => {
  // It answers anew whenever anything in the library changes; while nothing is sealed there is nothing to load.
  const sealed = watch("WatchLibrary", () => session() === undefined ? undefined : { provider: "sealed", limit: 1 })
  createEffect(on(sealed.answer, (page) => {
    setSealedCount(page?.total ?? 0)
    if (page !== undefined && page.total > 0 && canSeal()) void syncIndex()
  }))
}
