/**
 * Which owners have keys of their own, and whose are on this node just now. The node never keeps a store key: it comes with an
 * unlocking; what follows from it is held in memory, and goes with the next locking, or when nobody asked for anything long enough.
 *
 * V1  Only the store key whose check value was left at the enrolment unlocks; the comparison takes one time, whatever was given.
 * V2  A data key is durable before anything is sealed with it.
 * V3  A locked owner's keys open and seal nothing, and none of them is left in memory.
 * V4  A destroyed key is gone for good: from memory, and from the table; what it sealed is known as shredded.
 * V5  Owners without keys of their own are nobody's business here.
 * V6  Whoever left comes back with no key.
 */
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
import { isRight, KeyRing } from "./KeyRing.ts"
import { destroy, type Ground, opening, ringOf, rotate, sealing } from "./KeyUse.ts"
import * as KeyWriter from "./KeyWriter.ts"
import { VaultRows } from "./VaultRows.ts"

/** `open`: no keys of their own. `gone`: they left, and their keys are destroyed. */
export type VaultState = "open" | "locked" | "unlocked" | "gone"

/** There is a check value already, and it is another one; or the owner has left. */
export class EnrolmentTaken extends Data.TaggedError("EnrolmentTaken")<{ readonly owner: string }> {}
/** Not the store key the owner enrolled with, or none was ever enrolled. */
export class WrongStoreKey extends Data.TaggedError("WrongStoreKey")<{ readonly owner: string }> {}

interface Shape {
  readonly state: (owner: string) => VaultState
  readonly enroll: (
    owner: string,
    check: Redacted.Redacted<Uint8Array>
  ) => Effect.Effect<void, EnrolmentTaken | KeysUnavailable>
  readonly unlock: (
    owner: string,
    storeKey: Redacted.Redacted<Uint8Array>
  ) => Effect.Effect<void, WrongStoreKey | KeysUnavailable>
  readonly lock: (owner: string) => Effect.Effect<void>
  /** The key to seal with: of the newest generation, made when there is none. */
  readonly sealing: (subject: Subject) => Effect.Effect<DataKey, KeyFailure>
  /** The key of one generation; null when there never was one. */
  readonly opening: (subject: Subject, generation: number) => Effect.Effect<DataKey | null, KeyFailure>
  /** What names an unlocked owner's content. */
  readonly address: (owner: string) => Effect.Effect<Uint8Array, Locked>
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
}

/** Every generation there is. */
const allGenerations = 2 ** 31 - 1

export class KeyVault extends Context.Tag("@vivim/crypto/vault/KeyVault")<KeyVault, Shape>() {
  static readonly layer = (options: Options): Layer.Layer<KeyVault, KeysUnavailable, VaultRows> =>
    Layer.scoped(KeyVault, make(options))

  /** The twin in memory. */
  static readonly layerMemory: Layer.Layer<KeyVault> = Layer.suspend(() =>
    Layer.orDie(Layer.provide(KeyVault.layer({ idleMax: "1 day", vacuumEvery: "1 day" }), VaultRows.layerMemory))
  )
}

const make = Effect.fnUntraced(function*({ idleMax, vacuumEvery }: Options) {
  const rows = yield* VaultRows
  const ground: Ground = {
    rows,
    writer: yield* KeyWriter.make(rows),
    entries: new Map(
      Array.from(yield* rows.enrolments, ({ check, owner }) => [owner, { check, ring: null }] as const)
    ),
    making: new Map(),
    moves: yield* PubSub.unbounded<KeysMoved>(),
    isDirty: false
  }
  yield* Effect.addFinalizer(() => Effect.sync(() => ground.entries.forEach((entry) => entry.ring?.wipe())))
  yield* sweeping(ground, Duration.toMillis(idleMax))
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
    enroll: (owner, check) =>
      Effect.flatMap(rows.enroll(owner, Redacted.value(check)), (there) => {
        const isNew = !entries.has(owner)
        const entry = entries.get(owner) ?? { check: there.check, ring: null }
        entries.set(owner, entry)
        if (there.check === null || Buffer.compare(there.check, Redacted.value(check)) !== 0) {
          return Effect.fail(new EnrolmentTaken({ owner }))
        }
        return isNew ? moved(ground, owner, false) : Effect.void
      }),
    unlock: (owner, storeKey) => unlock(ground, owner, storeKey),
    lock: (owner) => lock(ground, owner),
    sealing: (subject) => Effect.suspend(() => sealing(ground, subject)),
    opening: (subject, generation) => Effect.suspend(() => opening(ground, subject, generation)),
    address: (owner) => Effect.map(ringOf(ground, owner), (ring) => ring.address),
    rotate: (subject) => rotate(ground, subject),
    destroy: (subject, upTo = allGenerations) => destroy(ground, subject, upTo),
    forget: (owner) =>
      rows.forget(owner).pipe(
        Effect.zipRight(Effect.sync(() => void (ground.isDirty = true))),
        Effect.zipRight(lock(ground, owner)),
        Effect.zipRight(Effect.sync(() => void entries.set(owner, { check: null, ring: null })))
      ),
    moves: Stream.fromPubSub(ground.moves)
  }
}

const moved = ({ moves }: Ground, owner: string, here: boolean) => Effect.asVoid(PubSub.publish(moves, { owner, here }))

const unlock = Effect.fnUntraced(function*(ground: Ground, owner: string, storeKey: Redacted.Redacted<Uint8Array>) {
  const entry = ground.entries.get(owner)
  if (entry === undefined || entry.check === null || !isRight(Redacted.value(storeKey), entry.check)) {
    return yield* new WrongStoreKey({ owner })
  }
  const now = yield* Clock.currentTimeMillis
  if (entry.ring !== null) return void (entry.ring.usedAt = now)
  const kept = yield* ground.rows.ofOwner(owner)
  // Whoever left while the keys were read stays gone, and of two that unlock at once one does.
  if (ground.entries.get(owner) !== entry) return yield* new WrongStoreKey({ owner })
  if (entry.ring !== null) return
  entry.ring = new KeyRing(owner, Redacted.value(storeKey), kept, now)
  yield* moved(ground, owner, true)
})

const lock = (ground: Ground, owner: string) =>
  Effect.suspend(() => {
    const entry = ground.entries.get(owner)
    if (entry === undefined || entry.ring === null) return Effect.void
    entry.ring.wipe()
    entry.ring = null
    return moved(ground, owner, false)
  })

/** Locks whom nobody asked for anything for long. */
const sweeping = (ground: Ground, idleMs: number) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.forEach(
      [...ground.entries].filter(([, { ring }]) => ring !== null && ring.usedAt <= now - idleMs),
      ([owner]) => lock(ground, owner),
      { discard: true }
    )).pipe(
      Effect.schedule(Schedule.spaced(Duration.millis(Math.max(10, idleMs / 4)))),
      Effect.forkScoped
    )

/** Sees to dead rows now and then, when there are any, and at the end. */
const vacuuming = (ground: Ground, every: Duration.DurationInput) => {
  const vacuum = Effect.suspend(() => {
    if (!ground.isDirty) return Effect.void
    ground.isDirty = false
    return Effect.tapError(ground.rows.vacuum, () => Effect.sync(() => void (ground.isDirty = true)))
  }).pipe(Effect.ignoreLogged)
  return Effect.zipRight(
    Effect.addFinalizer(() => vacuum),
    Effect.forkScoped(Effect.schedule(vacuum, Schedule.spaced(every)))
  )
}
