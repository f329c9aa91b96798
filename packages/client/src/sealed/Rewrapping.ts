/**
 * Wraps the keys of sealed conversations under the account's new master key: when a device was let go, before the old one is forgotten.
 * Each is wrapped under the newest, once; begun again it goes on with those that are left. Shown on a real node: test/integration, sealed.
 */
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as Effect from "effect/Effect"
import * as SealedConversation from "./SealedConversation.ts"
import * as SealedForm from "./SealedForm.ts"
import * as SealedLibrary from "./SealedLibrary.ts"
import { again, type SealingCalls } from "./Sealing.ts"

/** Under the newest of these master keys; answers how many were wrapped. What this device has no key for waits for one that has. */
export const rewrap = Effect.fn("Rewrapping.rewrap")(function*(
  calls: Pick<SealingCalls, "ReadSealed" | "RewrapSealedKey" | "WatchLibrary">,
  ring: SealedForm.Keyring
) {
  const master = SealedForm.newest(ring)
  if (master === null) return 0
  const all = yield* SealedLibrary.sealed(calls)
  const old = all.filter(({ sealed }) => sealed.key.generation < master.generation)
  let wrapped = 0
  for (const { documentId } of old) {
    const one = again(Effect.gen(function*() {
      const sealed = yield* calls.ReadSealed({ documentId })
      const { key, place } = yield* SealedConversation.opener(ring, documentId, sealed)
      yield* calls.RewrapSealedKey({
        commandId: yield* CommandIds.next,
        documentId,
        expected: sealed.version,
        key: yield* SealedForm.wrap(master, place, key)
      })
    }))
    yield* one.pipe(
      Effect.tap(() => Effect.sync(() => wrapped++)),
      // Deleted, opened or wrapped by another device meanwhile.
      Effect.catchTags({
        NoSuchDocument: () => Effect.void,
        DocumentDeleted: () => Effect.void,
        DocumentNotSealed: () => Effect.void,
        NothingToChange: () => Effect.void,
        SealBroken: () => Effect.void
      })
    )
  }
  return wrapped
})
