/** What a cipher does with private bytes, whatever key it holds and wherever that comes from. */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

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

/** The owner's keys are not on this node just now: they come with the owner's next unlocking. */
export class Locked extends Schema.TaggedError<Locked>()("Locked", { owner: Schema.String }) {}

/** The key was destroyed, and with it what was sealed: nobody opens it any more. */
export class Shredded extends Schema.TaggedError<Shredded>()("Shredded", {
  owner: Schema.String,
  stream: Schema.String
}) {}

/** The place where wrapped keys lie cannot be reached: weather. */
export class KeysUnavailable extends Schema.TaggedError<KeysUnavailable>()("KeysUnavailable", {
  cause: Schema.Defect
}) {}

/** Why a key cannot be used. */
export type KeyFailure = Locked | Shredded | KeysUnavailable

/** An owner's keys came, or went. */
export interface KeysMoved {
  readonly owner: string
  readonly here: boolean
}

export interface Cipher {
  /** `context` is bound to the sealed bytes and must be given again to open them; it is not hidden. */
  readonly seal: (
    subject: Subject,
    context: Uint8Array,
    plain: Uint8Array
  ) => Effect.Effect<Uint8Array, KeyFailure>
  readonly open: (
    subject: Subject,
    context: Uint8Array,
    sealed: Uint8Array
  ) => Effect.Effect<Uint8Array, PayloadUnreadable | KeyFailure>
  /**
   * Keyed names for content of this owner, 32 bytes each: what it is called today first, then what it may have been called before
   * the owner had keys of their own. `hash` is its SHA-256.
   */
  readonly addresses: (
    owner: string,
    hash: Uint8Array
  ) => Effect.Effect<readonly [Uint8Array, ...Array<Uint8Array>], KeyFailure>
  /** Raw keys, 32 bytes each, for what seals itself, such as a database file: today's first, then those it may have had before. */
  readonly keys: (subject: Subject) => Effect.Effect<readonly [Uint8Array, ...Array<Uint8Array>], KeyFailure>
  /** False while the owner's keys are elsewhere. */
  readonly isOpen: (owner: string) => boolean
  /** Keys as they come and go from now on. */
  readonly moves: Stream.Stream<KeysMoved>
}
