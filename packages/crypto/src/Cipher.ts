/** What a cipher does with private bytes, whatever key it holds and wherever that comes from. */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Whose data it is, and in which stream: each pair has a data key of its own, so that it can be destroyed on its own. */
export interface Subject {
  readonly owner: string
  readonly stream: string
}

/** The key is not here, or the bytes are not what was sealed. */
export class PayloadUnreadable extends Schema.TaggedError<PayloadUnreadable>()("PayloadUnreadable", {
  owner: Schema.String,
  stream: Schema.String,
  reason: Schema.String
}) {}

export interface Cipher {
  /** `context` is bound to the sealed bytes and must be given again to open them; it is not hidden. */
  readonly seal: (subject: Subject, context: Uint8Array, plain: Uint8Array) => Effect.Effect<Uint8Array>
  readonly open: (
    subject: Subject,
    context: Uint8Array,
    sealed: Uint8Array
  ) => Effect.Effect<Uint8Array, PayloadUnreadable>
  /** Keyed name for content of this owner: 32 bytes. `hash` is its SHA-256. */
  readonly address: (owner: string, hash: Uint8Array) => Effect.Effect<Uint8Array>
}
