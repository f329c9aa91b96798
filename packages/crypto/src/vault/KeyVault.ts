/**
 * Which owners have keys of their own, and whose are on this node just now. The node never keeps a store key: it comes with an
 * unlocking; what follows from it is held in memory, and goes with the next locking, or when nobody asked for anything long enough.
 * Of a node of several processes all have it together (`VaultCompany`).
 *
 * V1  Only the store key whose check value was left at the enrolment unlocks; the comparison takes one time, whatever was given.
 * V2  A data key is durable before anything is sealed with it.
 * V3  A locked owner's keys open and seal nothing, and none of them is left in memory.
 * V4  A destroyed key is gone for good: from memory, and from the table; what it sealed is known as shredded.
 * V5  Owners without keys of their own are nobody's business here.
 * V6  Whoever left comes back with no key.
 * V7  A store key that took another one's place unlocks alone, and opens all that was opened before; the other one opens no door from
 *     the same moment, and no key once all are wrapped anew. Cut off anywhere, it is gone on with.
 */
import * as Batch from "@vivim/batch/Batch"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { KeyFailure, KeysMoved, KeysUnavailable, Locked, Subject } from "../Cipher.ts"
import type { DataKey } from "./DataKey.ts"
import { destroy, type Entry, type Ground, opening, ringOf, rotate, sealing, unwrapping } from "./KeyUse.ts"
import * as StoreKeys from "./StoreKeys.ts"
import { VaultCompany } from "./VaultCompany.ts"
import * as VaultHolding from "./VaultHolding.ts"
import { type KeyRow, VaultRows } from "./VaultRows.ts"

/** `open`: no keys of their own. `gone`: they left, and their keys are destroyed. */
export type VaultState = "open" | "locked" | "unlocked" | "gone"

/** There is a check value already, and it is another one; or the owner has left. */
export class EnrolmentTaken extends Data.TaggedError("EnrolmentTaken")<{ readonly owner: string }> {}

interface Shape {
  readonly state: (owner: string) => VaultState
  /** Whose vaults are unlocked. */
  readonly unlocked: () => ReadonlyArray<string>
  /** Whether the node's other processes may know of enrolments this one does not. */
  readonly isApart: () => boolean
  readonly enroll: (
    owner: string,
    check: Redacted.Redacted<Uint8Array>
  ) => Effect.Effect<void, EnrolmentTaken | KeysUnavailable>
  readonly unlock: (
    owner: string,
    storeKey: Redacted.Redacted<Uint8Array>
  ) => Effect.Effect<void, StoreKeys.WrongStoreKey | KeysUnavailable>
  /**
   * Another store key in the place of the one that is shown with it, unlocked or not; answers which one it is, from 1. What lies under
   * the one before is opened as before until it was wrapped anew.
   */
  readonly replace: (
    owner: string,
    storeKey: Redacted.Redacted<Uint8Array>,
    next: Redacted.Redacted<Uint8Array>
  ) => Effect.Effect<number, StoreKeys.WrongStoreKey | Locked | KeysUnavailable>
  /** Which store key an unlocked owner has, while keys may lie under the one before; null otherwise. */
  readonly between: (owner: string) => number | null
  /** Wraps those anew; says how far it is, and ends when none is left. Begun again, it goes on. */
  readonly rewrap: <R = never>(
    owner: string,
    told: (progress: StoreKeys.Progress) => Effect.Effect<void, never, R>
  ) => Effect.Effect<number, Locked | KeysUnavailable, R>
  /** Everywhere, when it answers; here in any case. */
  readonly lock: (owner: string) => Effect.Effect<void, KeysUnavailable>
  /** The key to seal with: of the newest generation, made when there is none. */
  readonly sealing: (subject: Subject) => Effect.Effect<DataKey, KeyFailure>
  /** The key of one generation; null when there never was one. */
  readonly opening: (subject: Subject, generation: number) => Effect.Effect<DataKey | null, KeyFailure>
  /** What names an unlocked owner's content: today first, then under earlier store keys. */
  readonly addresses: (
    owner: string
  ) => Effect.Effect<readonly [Uint8Array, ...Array<Uint8Array>], Locked | KeysUnavailable>
  /** Begins a new generation: what is sealed from now on is sealed with it. Answers its number. */
  readonly rotate: (subject: Subject) => Effect.Effect<number, KeyFailure>
  /** Destroys a stream's keys up to a generation. Needs nobody unlocked. */
  readonly destroy: (subject: Subject, upTo?: number) => Effect.Effect<void, KeysUnavailable>
  /** Destroys all keys of an owner, who has left. */
  readonly forget: (owner: string) => Effect.Effect<void, KeysUnavailable>
  readonly moves: Stream.Stream<KeysMoved>
}

export interface Options {
  /** Keys nobody asked for so long go. */
  readonly idleMax: Duration.DurationInput
  /** How long a destroyed key may still lie in a dead row of the table. */
  readonly vacuumEvery: Duration.DurationInput
  /** Keys that are wrapped anew in one piece. */
  readonly rekeyPieceMax: number
}

/** New keys that come to the table with one statement. */
const togetherMax = 512

/** Every generation there is. */
const allGenerations = 2 ** 31 - 1

export class KeyVault extends Context.Tag("@vivim/crypto/vault/KeyVault")<KeyVault, Shape>() {
  static readonly layer = (options: Options): Layer.Layer<KeyVault, KeysUnavailable, VaultRows> =>
    Layer.scoped(KeyVault, make(options))

  /** The twin in memory. */
  static readonly layerMemory: Layer.Layer<KeyVault> = Layer.suspend(() =>
    Layer.orDie(
      Layer.provide(
        KeyVault.layer({ idleMax: "1 day", vacuumEvery: "1 day", rekeyPieceMax: 100 }),
        VaultRows.layerMemory
      )
    )
  )
}

/** Others hear of the use of a vault so often at most, and a vault that was used within that of its end may be locked too early. */
const toldEveryMs = (idleMs: number) => Math.max(50, Math.min(60_000, idleMs / 8))

const make = Effect.fnUntraced(function*({ idleMax, rekeyPieceMax, vacuumEvery }: Options) {
  const rows = yield* VaultRows
  const idleMs = Duration.toMillis(idleMax)
  const holding = { rows, entries: new Map<string, Entry>(), moves: yield* PubSub.unbounded<KeysMoved>() }
  yield* Effect.addFinalizer(() => Effect.sync(() => holding.entries.forEach((entry) => entry.ring?.wipe())))
  const { join } = yield* VaultCompany
  const ground: Ground = {
    ...holding,
    together: yield* join(VaultHolding.of(holding, toldEveryMs(idleMs))),
    keep: yield* Batch.make(togetherMax, (made: ReadonlyArray<KeyRow>) => Effect.map(rows.keep(made), Batch.each)),
    making: new Map(),
    rekeyPieceMax
  }
  yield* sweeping(ground, idleMs)
  yield* vacuuming(ground, vacuumEvery)
  return service(ground)
})

const service = (ground: Ground): Shape => {
  const { entries, rows } = ground
  return {
    state: (owner) => {
      const entry = entries.get(owner)
      return entry === undefined ? "open" : entry.check === null ? "gone" : entry.ring === null ? "locked" : "unlocked"
    },
    unlocked: () => [...entries].flatMap(([owner, { ring }]) => ring === null ? [] : [owner]),
    isApart: () => ground.together.isApart(),
    enroll: (owner, check) => enroll(ground, owner, check),
    unlock: (owner, storeKey) => StoreKeys.unlock(ground, owner, storeKey),
    replace: (owner, storeKey, next) => StoreKeys.replace(ground, owner, storeKey, next),
    between: (owner) => {
      const ring = entries.get(owner)?.ring
      return ring?.isBetween === true ? ring.generation : null
    },
    rewrap: (owner, told) => StoreKeys.rewrap(ground, owner, told),
    lock: (owner) => lock(ground, owner),
    sealing: (subject) => Effect.suspend(() => sealing(ground, subject)),
    opening: (subject, generation) => Effect.suspend(() => opening(ground, subject, generation)),
    addresses: (owner) =>
      Effect.flatMap(ringOf(ground, owner), (ring) => unwrapping(ground, ring, () => ring.addresses)),
    rotate: (subject) => rotate(ground, subject),
    destroy: (subject, upTo = allGenerations) => destroy(ground, subject, upTo),
    forget: (owner) =>
      rows.forget(owner).pipe(
        Effect.zipRight(lock(ground, owner)),
        Effect.zipRight(ground.together.tell({ kind: "gone", owner }))
      ),
    moves: Stream.fromPubSub(ground.moves)
  }
}

const enroll = Effect.fnUntraced(function*(ground: Ground, owner: string, check: Redacted.Redacted<Uint8Array>) {
  const there = yield* ground.rows.enroll(owner, Redacted.value(check))
  // Nobody seals for them under the node's key any more when this is answered.
  if (!ground.entries.has(owner)) yield* ground.together.tell({ kind: "enrolled", owner })
  if (there.check === null || Buffer.compare(there.check, Redacted.value(check)) !== 0) {
    return yield* new EnrolmentTaken({ owner })
  }
})

/** Here first, whatever becomes of it elsewhere. */
const lock = (ground: Ground, owner: string) =>
  Effect.suspend(() =>
    ground.entries.has(owner)
      ? Effect.zipRight(VaultHolding.drop(ground, owner), ground.together.locked(owner))
      : Effect.void
  )

/** Locks whom nobody asked for anything for long. */
const sweeping = (ground: Ground, idleMs: number) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.forEach(
      [...ground.entries].filter(([, { ring }]) => ring !== null && ring.usedAt <= now - idleMs),
      ([owner]) => Effect.ignoreLogged(lock(ground, owner)),
      { discard: true, concurrency: "unbounded" }
    )).pipe(
      Effect.schedule(Schedule.spaced(Duration.millis(Math.max(10, idleMs / 4)))),
      Effect.forkScoped
    )

/** Sees to dead rows now and then, and at the end. */
const vacuuming = ({ rows }: Ground, every: Duration.DurationInput) => {
  const vacuum = Effect.ignoreLogged(rows.vacuum)
  return Effect.zipRight(
    Effect.addFinalizer(() => vacuum),
    Effect.forkScoped(Effect.schedule(vacuum, Schedule.spaced(every)))
  )
}
