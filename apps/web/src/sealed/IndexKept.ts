/** Keeps this device's index of sealed conversations as the library is, from the moment somebody is signed in and what is private is open. */
import { createEffect, on } from "solid-js"
import { watch } from "../node/Node.ts"
import { canSeal, syncIndex } from "./Sealed.ts"

export const keepIndex = (): void => {
  // It answers anew whenever anything in the library changes; while nothing is sealed there is nothing to load.
  const sealed = watch("WatchLibrary", () => canSeal() ? { provider: "sealed", limit: 1 } : undefined)
  createEffect(on(sealed.answer, (page) => {
    if (page !== undefined && page.total > 0) void syncIndex()
  }))
}
