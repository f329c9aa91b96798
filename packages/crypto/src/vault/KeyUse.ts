/** How the keys of a vault are used: found, made when there is none yet, replaced, destroyed. */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as PubSub from "effect/PubSub"
import { type KeyFailure, type KeysMoved, KeysUnavailable, Locked, Shredded, type Subject } from "../Cipher.ts"
import type { DataKey } from "./DataKey.ts"
import { type KeyRing, OtherStoreKey } from "./KeyRing.ts"
import type { Together } from "./VaultCompany.ts"
import * as VaultHolding from "./VaultHolding.ts"
import type { KeyRow, VaultRows } from "./VaultRows.ts"

export interface Entry {
  check: Uint8Array | null
  ring: KeyRing | null
  /** Its store key is just being replaced, here. */
  replacing: Deferred.Deferred<void> | null
}

/** What is in memory of owners' vaults. */
export interface Holding {
  readonly rows: Context.Tag.Service<typeof VaultRows>
  readonly entries: Map<string, Entry>
  readonly moves: PubSub.PubSub<KeysMoved>
}

export interface Ground extends Holding {
  /** Answers when a key is durable: this one, or the one that was in its place before; null when it was not kept. */
  readonly keep: (row: KeyRow) => Effect.Effect<KeyRow | null, KeysUnavailable>
  /** Keys that are being made. */
  readonly making: Map<string, Deferred.Deferred<void, KeyFailure>>
  /** The other processes of the node. */
  readonly together: Together
  /** Keys wrapped anew in one piece. */
  readonly rekeyPieceMax: number
}

/** The ring of an owner who is unlocked; asking for it is what keeps it here. */
export const ringOf = ({ entries, together }: Ground, owner: string): Effect.Effect<KeyRing, Locked> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const ring = entries.get(owner)?.ring
    if (ring === undefined || ring === null || together.isApart()) return Effect.fail(new Locked({ owner }))
    ring.usedAt = now
    return Effect.succeed(ring)
  })

/** Whose store key was replaced in another process is locked in this one. */
const replacedElsewhere = (ground: Ground, ring: KeyRing) =>
  Effect.zipRight(
    ground.entries.get(ring.owner)?.ring === ring ? VaultHolding.drop(ground, ring.owner) : Effect.void,
    new Locked({ owner: ring.owner })
  )

/** What is done with keys that lie wrapped. */
export const unwrapping = <A>(ground: Ground, ring: KeyRing, work: () => A) =>
  Effect.catchAll(
    Effect.try({
      try: work,
      catch: (cause) =>
        cause instanceof OtherStoreKey
          ? cause
          : new KeysUnavailable({ cause: new Error(`a key of ${ring.owner} does not unwrap`, { cause }) })
    }),
    (failure): Effect.Effect<never, Locked | KeysUnavailable> =>
      failure instanceof OtherStoreKey ? replacedElsewhere(ground, ring) : Effect.fail(failure)
  )

const found = (ground: Ground, ring: KeyRing, { stream }: Subject, generation: number) =>
  unwrapping(ground, ring, () => ring.find(stream, generation))

/** Streams that are looked up one by one before all keys of the owner are read at once: who asks for many gets all. */
const lookUpsMax = 32

const readAll = (ground: Ground, ring: KeyRing) =>
  Effect.suspend(() => {
    if (ring.reading !== null) return Deferred.await(ring.reading)
    const read = Deferred.unsafeMake<void, KeysUnavailable>(FiberId.none)
    ring.reading = read
    return ground.rows.ofOwner(ring.owner).pipe(
      Effect.map((rows) => {
        for (const row of rows) ring.learn(row)
        ring.isWhole = true
      }),
      Effect.onExit((exit) => {
        ring.reading = null
        return Deferred.done(read, exit)
      }),
      Effect.uninterruptible
    )
  })

/** Learns what the table has of a stream. Answers the ring there is then: the owner may have been locked meanwhile. */
const lookUp = (ground: Ground, ring: KeyRing, subject: Subject) =>
  Effect.suspend(() =>
    !ring.isWhole && ring.lookedUp++ >= lookUpsMax
      ? readAll(ground, ring)
      : Effect.map(ground.rows.ofStream(subject.owner, subject.stream), (rows) => {
        for (const row of rows) ring.learn(row)
      })
  ).pipe(Effect.zipRight(ringFor(ground, subject)))

const ringFor = (ground: Ground, subject: Subject) =>
  Effect.mapError(
    ringOf(ground, subject.owner),
    (locked) => ground.entries.get(subject.owner)?.check === null ? new Shredded(subject) : locked
  )

export const sealing = (ground: Ground, subject: Subject): Effect.Effect<DataKey, KeyFailure> =>
  Effect.flatMap(
    ringFor(ground, subject),
    (ring): Effect.Effect<DataKey, KeyFailure> =>
      ring.newest(subject.stream) === 0 && !ring.isWhole
        ? Effect.flatMap(lookUp(ground, ring, subject), (ring) => sealingNewest(ground, ring, subject))
        : sealingNewest(ground, ring, subject)
  )

const sealingNewest = (ground: Ground, ring: KeyRing, subject: Subject): Effect.Effect<DataKey, KeyFailure> => {
  const newest = ring.newest(subject.stream)
  return Effect.flatMap(
    newest === 0 ? Effect.succeed(undefined) : found(ground, ring, subject, newest),
    (key) =>
      key === undefined || key === null
        ? Effect.zipRight(draw(ground, ring, subject, newest + 1), sealing(ground, subject))
        : Effect.succeed(key)
  )
}

/**
 * Makes a generation and keeps it; whoever wants the same one meanwhile waits for it, and so does whoever makes it: others must not
 * be interrupted with them.
 */
const draw = (ground: Ground, ring: KeyRing, subject: Subject, generation: number): Effect.Effect<void, KeyFailure> =>
  Effect.suspend(() => {
    const name = JSON.stringify([subject.owner, subject.stream, generation])
    const under = ground.making.get(name)
    if (under !== undefined) return Deferred.await(under)
    // Locked at this moment: nothing is wrapped under what was wiped.
    if (ground.entries.get(subject.owner)?.ring !== ring) return new Locked({ owner: subject.owner })
    const made = Deferred.unsafeMake<void, KeyFailure>(FiberId.none)
    ground.making.set(name, made)
    const drawn = ring.draw(subject.stream, generation)
    return ground.keep(drawn).pipe(
      Effect.flatMap((row) => row === null ? notKept(ground, ring, drawn) : Effect.sync(() => ring.learn(row))),
      Effect.onExit((exit) => {
        ground.making.delete(name)
        return Deferred.done(made, exit)
      }),
      Effect.uninterruptible
    )
  })

/** Its store key was replaced before the key came to the table. Where that was here, one is drawn again. */
const notKept = (ground: Ground, ring: KeyRing, { owner, under }: KeyRow) => {
  const replacing = ground.entries.get(owner)?.replacing ?? null
  return Effect.flatMap(
    replacing === null ? Effect.void : Deferred.await(replacing),
    () => ring.generation > under ? Effect.void : replacedElsewhere(ground, ring)
  )
}

export const opening = (
  ground: Ground,
  subject: Subject,
  generation: number
): Effect.Effect<DataKey | null, KeyFailure> => {
  const fail = new Shredded({ owner: subject.owner, stream: subject.stream })
  return Effect.flatMap(
    ringFor(ground, subject),
    (ring) =>
      Effect.flatMap(found(ground, ring, subject, generation), (key): Effect.Effect<DataKey | null, KeyFailure> => {
        if (key !== undefined) return key === null ? Effect.fail(fail) : Effect.succeed(key)
        // Not asked for yet, or made by another process since.
        return Effect.flatMap(lookUp(ground, ring, subject), (ring) =>
          Effect.flatMap(
            found(ground, ring, subject, generation),
            (key) => key === null ? Effect.fail(fail) : Effect.succeed(key ?? null)
          ))
      })
  )
}

export const rotate = Effect.fnUntraced(function*(ground: Ground, subject: Subject) {
  const ring = yield* lookUp(ground, yield* ringFor(ground, subject), subject)
  const generation = ring.newest(subject.stream) + 1
  yield* draw(ground, ring, subject, generation)
  // From now on nobody seals under an older one.
  yield* ground.together.tell({ kind: "keys", owner: subject.owner, stream: subject.stream })
  return generation
})

export const destroy = Effect.fnUntraced(function*(ground: Ground, subject: Subject, upTo: number) {
  yield* ground.rows.destroy({ ...subject, generation: upTo })
  yield* ground.together.tell({ kind: "keys", owner: subject.owner, stream: subject.stream })
})
