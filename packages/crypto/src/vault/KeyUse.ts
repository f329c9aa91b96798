/** How the keys of a vault are used: found, made when there is none yet, replaced, destroyed. */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import type * as PubSub from "effect/PubSub"
import { type KeyFailure, type KeysMoved, KeysUnavailable, Locked, Shredded, type Subject } from "../Cipher.ts"
import type { DataKey } from "./DataKey.ts"
import type { KeyRing } from "./KeyRing.ts"
import type * as KeyWriter from "./KeyWriter.ts"
import type { Together } from "./VaultCompany.ts"
import type { VaultRows } from "./VaultRows.ts"

export interface Entry {
  check: Uint8Array | null
  ring: KeyRing | null
}

/** What is in memory of owners' vaults. */
export interface Holding {
  readonly rows: Context.Tag.Service<typeof VaultRows>
  readonly entries: Map<string, Entry>
  readonly moves: PubSub.PubSub<KeysMoved>
}

export interface Ground extends Holding {
  readonly writer: KeyWriter.KeyWriter
  /** Keys that are being made. */
  readonly making: Map<string, Deferred.Deferred<void, KeyFailure>>
  /** The other processes of the node. */
  readonly together: Together
  /** Something was destroyed since the table was last seen to. */
  isDirty: boolean
}

/** The ring of an owner who is unlocked; asking for it is what keeps it here. */
export const ringOf = ({ entries, together }: Ground, owner: string): Effect.Effect<KeyRing, Locked> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const ring = entries.get(owner)?.ring
    if (ring === undefined || ring === null || together.isApart()) return Effect.fail(new Locked({ owner }))
    ring.usedAt = now
    return Effect.succeed(ring)
  })

const found = (ring: KeyRing, { owner, stream }: Subject, generation: number) =>
  Effect.try({
    try: () => ring.find(stream, generation),
    catch: (cause) => new KeysUnavailable({ cause: new Error(`a key of ${owner} does not unwrap`, { cause }) })
  })

const gone = ({ entries }: Ground, subject: Subject) =>
  entries.get(subject.owner)?.check === null ? new Shredded(subject) : new Locked({ owner: subject.owner })

export const sealing = (ground: Ground, subject: Subject): Effect.Effect<DataKey, KeyFailure> =>
  Effect.flatMap(
    Effect.mapError(ringOf(ground, subject.owner), () => gone(ground, subject)),
    (ring): Effect.Effect<DataKey, KeyFailure> => {
      const newest = ring.newest(subject.stream)
      return Effect.flatMap(
        newest === 0 ? Effect.succeed(undefined) : found(ring, subject, newest),
        (key) =>
          key === undefined || key === null
            ? Effect.zipRight(draw(ground, ring, subject, newest + 1), sealing(ground, subject))
            : Effect.succeed(key)
      )
    }
  )

/**
 * Makes a generation and keeps it; whoever wants the same one meanwhile waits for it, and so does whoever makes it: others must not
 * be interrupted with them.
 */
const draw = (ground: Ground, ring: KeyRing, subject: Subject, generation: number): Effect.Effect<void, KeyFailure> =>
  Effect.suspend(() => {
    const name = JSON.stringify([subject.owner, subject.stream, generation])
    const under = ground.making.get(name)
    if (under !== undefined) return Deferred.await(under)
    const made = Deferred.unsafeMake<void, KeyFailure>(FiberId.none)
    ground.making.set(name, made)
    return ground.writer.keep(ring.draw(subject.stream, generation)).pipe(
      Effect.map((row) => ring.learn(row)),
      Effect.onExit((exit) => {
        ground.making.delete(name)
        return Deferred.done(made, exit)
      }),
      Effect.uninterruptible
    )
  })

export const opening = (
  ground: Ground,
  subject: Subject,
  generation: number
): Effect.Effect<DataKey | null, KeyFailure> => {
  const fail = new Shredded({ owner: subject.owner, stream: subject.stream })
  return Effect.flatMap(
    Effect.mapError(ringOf(ground, subject.owner), () => gone(ground, subject)),
    (ring) =>
      Effect.flatMap(found(ring, subject, generation), (key): Effect.Effect<DataKey | null, KeyFailure> => {
        if (key !== undefined) return key === null ? Effect.fail(fail) : Effect.succeed(key)
        // Made by another process since this one read them.
        return Effect.flatMap(ground.rows.ofStream(subject.owner, subject.stream), (rows) => {
          for (const row of rows) ring.learn(row)
          return Effect.flatMap(found(ring, subject, generation), (key) =>
            key === null ? Effect.fail(fail) : Effect.succeed(key ?? null))
        })
      })
  )
}

export const rotate = Effect.fnUntraced(function*(ground: Ground, subject: Subject) {
  const ring = yield* Effect.mapError(ringOf(ground, subject.owner), () => gone(ground, subject))
  for (const row of yield* ground.rows.ofStream(subject.owner, subject.stream)) ring.learn(row)
  const generation = ring.newest(subject.stream) + 1
  yield* draw(ground, ring, subject, generation)
  // From now on nobody seals under an older one.
  yield* ground.together.tell({ kind: "keys", owner: subject.owner, stream: subject.stream })
  return generation
})

export const destroy = Effect.fnUntraced(function*(ground: Ground, subject: Subject, upTo: number) {
  yield* ground.rows.destroy({ ...subject, generation: upTo })
  ground.isDirty = true
  yield* ground.together.tell({ kind: "keys", owner: subject.owner, stream: subject.stream })
})
