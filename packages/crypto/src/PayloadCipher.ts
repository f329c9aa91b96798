/**
 * The one door private bytes pass on their way to and from disk: events, snapshots, blobs alike.
 *
 * P1  What is sealed for a subject opens to the same bytes, and only with the same subject and context.
 * P2  Altered bytes do not open.
 * P3  Sealing the same bytes twice gives different bytes.
 * P4  A content address tells nothing about the content to who has no key, and is the same for the same content and owner.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { randomBytes } from "node:crypto"
import { fromMasterKey } from "./MasterKeyCipher.ts"

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

export class PayloadCipher extends Context.Tag("@vivim/crypto/PayloadCipher")<PayloadCipher, Cipher>() {
  /** A key that lives as long as the process. */
  static readonly layerMemory: Layer.Layer<PayloadCipher> = Layer.effect(
    PayloadCipher,
    Effect.sync(() => fromMasterKey(randomBytes(32)))
  )
}
