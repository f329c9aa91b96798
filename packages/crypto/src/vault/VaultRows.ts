/**
 * Where wrapped data keys and enrolments lie, and nothing that opens them: in memory here, in PostgreSQL in `SqlVaultRows`.
 *
 * R1  A key that was kept is there for every process; of two kept for one place the first one stays, and both are told it.
 * R2  What was destroyed is not there any more, and known to have been.
 * R3  Whoever left is remembered as such, with none of their keys.
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
}

/** `check` tells the right store key from a wrong one; null: the owner has left. */
export interface Enrolment {
  readonly owner: string
  readonly check: Uint8Array | null
}

interface Shape {
  readonly enrolments: Effect.Effect<ReadonlyArray<Enrolment>, KeysUnavailable>
  readonly enrolmentOf: (owner: string) => Effect.Effect<Enrolment | null, KeysUnavailable>
  /** Answers what is there afterwards: this, or what was there before. */
  readonly enroll: (owner: string, check: Uint8Array) => Effect.Effect<Enrolment, KeysUnavailable>
  /** Durable when it answers; what is there afterwards, row by row. */
  readonly keep: (rows: ReadonlyArray<KeyRow>) => Effect.Effect<ReadonlyArray<KeyRow>, KeysUnavailable>
  readonly ofOwner: (owner: string) => Effect.Effect<ReadonlyArray<KeyRow>, KeysUnavailable>
  readonly ofStream: (owner: string, stream: string) => Effect.Effect<ReadonlyArray<KeyRow>, KeysUnavailable>
  /** Destroys every generation of a stream up to one. */
  readonly destroy: (place: Place) => Effect.Effect<void, KeysUnavailable>
  /** Destroys all of an owner's keys, and remembers that they left. */
  readonly forget: (owner: string) => Effect.Effect<void, KeysUnavailable>
  /** Sees to it that what was destroyed is not in a dead row either. */
  readonly vacuum: Effect.Effect<void, KeysUnavailable>
}

const inMemory = (): Shape => {
  const enrolled = new Map<string, Enrolment>()
  const byOwner = new Map<string, Map<string, KeyRow>>()
  const rowsOf = (owner: string) => {
    const rows = byOwner.get(owner) ?? new Map<string, KeyRow>()
    byOwner.set(owner, rows)
    return rows
  }
  const nameOf = ({ generation, stream }: Place) => `${generation} ${stream}`
  return {
    enrolments: Effect.sync(() => [...enrolled.values()]),
    enrolmentOf: (owner) => Effect.sync(() => enrolled.get(owner) ?? null),
    enroll: (owner, check) =>
      Effect.sync(() => {
        const there = enrolled.get(owner) ?? { owner, check: Uint8Array.from(check) }
        enrolled.set(owner, there)
        return there
      }),
    keep: (rows) =>
      Effect.sync(() =>
        rows.map((row) => {
          const own = rowsOf(row.owner)
          const there = own.get(nameOf(row)) ?? row
          own.set(nameOf(row), there)
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
        enrolled.set(owner, { owner, check: null })
      }),
    vacuum: Effect.void
  }
}

export class VaultRows extends Context.Tag("@vivim/crypto/vault/VaultRows")<VaultRows, Shape>() {
  static readonly layerMemory: Layer.Layer<VaultRows> = Layer.sync(VaultRows, inMemory)
}
