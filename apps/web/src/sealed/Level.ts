/**
 * Brings conversations to the level the account wants, on this device, while the client is open: those of imports as they end, all of
 * them when somebody asks. What was cut off is gone on with the next time.
 */
import type { Receipt } from "@vivim/client/sealed/Level"
import { createEffect, createSignal } from "solid-js"
import type { Payload } from "../node/Calls.ts"
import { watch } from "../node/Node.ts"
import { sentenceOfError } from "../ui/Notice.tsx"
import { toast } from "../ui/Toasts.tsx"
import { canSeal, sealing } from "./Sealed.ts"

type ImportId = Payload<"WatchImport">["importId"]

const [running, setRunning] = createSignal<Receipt>()
const [receipt, setReceipt] = createSignal<Receipt>()
/** `running`: how far what is being done is. `receipt`: what became of the last one. */
export { receipt, running }

let isStopped = false
let last: Promise<unknown> = Promise.resolve()

/** One after the other: two at once would seal the same. */
export const bring = (level: Receipt["level"], importId?: ImportId): Promise<unknown> => {
  last = last.then(async () => {
    isStopped = false
    try {
      const outcome = await sealing().then((sealing) =>
        sealing.bring(level, { importId, onProgress: setRunning, isStopped: () => isStopped })
      )
      if (outcome.found > 0) setReceipt(outcome)
    } catch (error) {
      toast(sentenceOfError(error), { kind: "trouble" })
    }
    setRunning(undefined)
  })
  return last
}

/** Ends it after the one that is being done. */
export const stop = (): void => {
  isStopped = true
}

/** What came in since the account is sealed: by imports that ended, here or on another device, now or before. */
export const keepLevel = (): void => {
  const account = watch("WatchAccount", () => canSeal() ? {} : undefined)
  const since = () => account.answer()?.privacy === "sealed" ? account.answer()?.privacySince ?? null : null
  const imports = watch("WatchImports", () => since() === null ? undefined : {})
  const begun = new Set<ImportId>()
  createEffect(() => {
    const from = since()
    if (from === null) return
    for (const { importId, startedAt, state } of imports.answer() ?? []) {
      if (state === "running" || startedAt < from || begun.has(importId)) continue
      begun.add(importId)
      void bring("sealed", importId)
    }
  })
}
