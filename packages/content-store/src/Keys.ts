/** What the store asks of its owners' keys. */
import type { Cipher, KeyFailure, PayloadUnreadable } from "@vivim/crypto/Cipher"
import * as Effect from "effect/Effect"
import { ContentStoreError } from "./ContentStore.ts"

/** Whose keys are not here is told so; any other trouble with keys is the store's. */
export const keysFailing = (doing: string) => <A>(work: Effect.Effect<A, PayloadUnreadable | KeyFailure>) =>
  Effect.mapError(work, (cause) => cause._tag === "Locked" ? cause : new ContentStoreError({ doing, cause }))

/** What a content is called today, first, and what it may have been called before. */
export const addressesOf = (cipher: Cipher, owner: string, hash: Uint8Array) =>
  cipher.addresses(owner, hash).pipe(
    Effect.map(([today, ...before]) => [Buffer.from(today), ...before.map((one) => Buffer.from(one))] as const),
    keysFailing("name content")
  )
