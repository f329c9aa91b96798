/**
 * Where wrapped data keys and enrolments lie, and nothing that opens them: in memory here, in PostgreSQL in `SqlVaultRows`.
 *
 * R1  A key that was kept is there for every process; of two kept for one place the first one stays, and both are told it.
 * R2  What was destroyed is not there any more, and known to have been.
 * R3  Whoever left is remembered as such, with none of their keys, and gets none.
 * R4  A store key takes the place of the one it follows, once; from then on nothing is kept under the one before, and what lies under it
 *     goes over to the new one row by row, whole or not at all. What was destroyed stays destroyed.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { KeysUnavailable } from "../Cipher.ts"

/** The place of a data key. */
export interface Place {
  readonly owner: string
  readonly stream: string
  readonly generation: number
}

/** `wrapped` is null where the key was destroyed. */
export interface KeyRow extends Place {
  readonly wrapped: Uint8Array | null
  /** The generation of the store key it is wrapped under. */
  readonly under: number
}

/** `check` tells the right store key from a wrong one; null: the owner has left. */
export interface Enrolment {
  readonly owner: string
  readonly check: Uint8Array | null
  /** Which store key of theirs it tells, from 1. */
  readonly generation: number
  /** What opens the keys that still lie under the store key before, sealed under this one; null: none does. */
  readonly bridge: Uint8Array | null
}

export interface Behind {
  readonly owner: string
  /** The generation of the store key there is now. */
  readonly under: number
  readonly after: Pick<Place, "stream" | "generation">
  readonly max: number
}

interface Shape {
  readonly enrolments: Effect.Effect<ReadonlyArray<Enrolment>, KeysUnavailable>
  readonly enrolmentOf: (owner: string) => Effect.Effect<Enrolment | null, KeysUnavailable>
  /** Answers what is there afterwards: this, or what was there before. */
  readonly enroll: (owner: string, check: Uint8Array) => Effect.Effect<Enrolment, KeysUnavailable>
  /**
   * Durable when it answers; what is there afterwards, row by row. Null: it was not kept, for the owner has another store key by now, or
   * has left.
   */
  readonly keep: (rows: ReadonlyArray<KeyRow>) => Effect.Effect<ReadonlyArray<KeyRow | null>, KeysUnavailable>
  readonly ofOwner: (owner: string) => Effect.Effect<ReadonlyArray<KeyRow>, KeysUnavailable>
  readonly ofStream: (owner: string, stream: string) => Effect.Effect<ReadonlyArray<KeyRow>, KeysUnavailable>
  /** The store key after the one enrolled, with what is kept under it from the start; false: another one did follow that one. */
  readonly replace: (next: Enrolment, rows: ReadonlyArray<KeyRow>) => Effect.Effect<boolean, KeysUnavailable>
  /** So many keys that lie under an older store key, in the order of their places. */
  readonly behind: (asked: Behind) => Effect.Effect<ReadonlyArray<KeyRow>, KeysUnavailable>
  readonly countBehind: (owner: string, generation: number) => Effect.Effect<number, KeysUnavailable>
  /** Those that lie under the store key before are now wrapped so; answers which did. All of them or none. */
  readonly rewrap: (rows: ReadonlyArray<KeyRow>) => Effect.Effect<ReadonlyArray<KeyRow>, KeysUnavailable>
  /** Takes the bridge away, if nothing is behind; answers whether it is gone. */
  readonly finish: (owner: string, generation: number) => Effect.Effect<boolean, KeysUnavailable>
  /** Destroys every generation of a stream up to one. */
  readonly destroy: (place: Place) => Effect.Effect<void, KeysUnavailable>
  /** Destroys all of an owner's keys, and remembers that they left. */
  readonly forget: (owner: string) => Effect.Effect<void, KeysUnavailable>
  /** Sees to it that what was destroyed is not in a dead row either, if anything was. */
  readonly vacuum: Effect.Effect<void, KeysUnavailable>
}

const nameOf = ({ generation, stream }: Place) => `${generation} ${stream}`

const isBefore = (one: Behind["after"], other: Behind["after"]) =>
  one.stream < other.stream || (one.stream === other.stream && one.generation < other.generation)

type Rows = Map<string, KeyRow>

/** The part of it that is about one store key after the other. */
const replacing = (
  enrolled: Map<string, Enrolment>,
  rowsOf: (owner: string) => Rows
): Pick<Shape, "replace" | "behind" | "countBehind" | "rewrap" | "finish"> => {
  const allBehind = (owner: string, under: number) =>
    [...rowsOf(owner).values()].filter((row) => row.under < under && row.wrapped !== null)
  return {
    replace: (next, rows) =>
      Effect.sync(() => {
        const there = enrolled.get(next.owner)
        if (there === undefined || there.check === null || there.generation !== next.generation - 1) return false
        enrolled.set(next.owner, next)
        for (const row of rows) rowsOf(row.owner).set(nameOf(row), row)
        return true
      }),
    behind: ({ after, max, owner, under }) =>
      Effect.sync(() =>
        allBehind(owner, under).filter((row) => isBefore(after, row))
          .toSorted((a, b) => isBefore(a, b) ? -1 : 1).slice(0, max)
      ),
    countBehind: (owner, generation) => Effect.sync(() => allBehind(owner, generation).length),
    rewrap: (rows) =>
      Effect.sync(() =>
        rows.filter((row) => {
          const there = rowsOf(row.owner).get(nameOf(row))
          const isBehind = there !== undefined && there.wrapped !== null && there.under < row.under
          if (isBehind) rowsOf(row.owner).set(nameOf(row), row)
          return isBehind
        })
      ),
    finish: (owner, generation) =>
      Effect.sync(() => {
        const there = enrolled.get(owner)
        if (there?.generation !== generation || allBehind(owner, generation).length > 0) return false
        enrolled.set(owner, { ...there, bridge: null })
        return true
      })
  }
}

const inMemory = (): Shape => {
  const enrolled = new Map<string, Enrolment>()
  const byOwner = new Map<string, Rows>()
  const rowsOf = (owner: string) => {
    const rows = byOwner.get(owner) ?? new Map()
    byOwner.set(owner, rows)
    return rows
  }
  const isCurrent = ({ owner, under }: KeyRow) => {
    const there = enrolled.get(owner)
    return there !== undefined && there.check !== null && there.generation === under
  }
  return {
    enrolments: Effect.sync(() => [...enrolled.values()]),
    enrolmentOf: (owner) => Effect.sync(() => enrolled.get(owner) ?? null),
    enroll: (owner, check) =>
      Effect.sync(() => {
        const there = enrolled.get(owner) ?? { owner, check: Uint8Array.from(check), generation: 1, bridge: null }
        enrolled.set(owner, there)
        return there
      }),
    keep: (rows) =>
      Effect.sync(() =>
        rows.map((row) => {
          const own = rowsOf(row.owner)
          const there = own.get(nameOf(row)) ?? (isCurrent(row) ? row : null)
          if (there !== null) own.set(nameOf(row), there)
          return there
        })
      ),
    ofOwner: (owner) => Effect.sync(() => [...rowsOf(owner).values()]),
    ofStream: (owner, stream) => Effect.sync(() => [...rowsOf(owner).values()].filter((row) => row.stream === stream)),
    destroy: ({ generation, owner, stream }) =>
      Effect.sync(() => {
        for (const [name, row] of rowsOf(owner)) {
          if (row.stream === stream && row.generation <= generation) rowsOf(owner).set(name, { ...row, wrapped: null })
        }
      }),
    forget: (owner) =>
      Effect.sync(() => {
        byOwner.delete(owner)
        enrolled.set(owner, { owner, check: null, generation: enrolled.get(owner)?.generation ?? 1, bridge: null })
      }),
    ...replacing(enrolled, rowsOf),
    vacuum: Effect.void
  }
}

export class VaultRows extends Context.Tag("@vivim/crypto/vault/VaultRows")<VaultRows, Shape>() {
  static readonly layerMemory: Layer.Layer<VaultRows> = Layer.sync(VaultRows, inMemory)
}
