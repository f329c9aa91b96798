/** How the keys of unlocked vaults pass between the processes of a node: given, taken, let go of, kept open by use. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { KeysUnavailable } from "../Cipher.ts"
import * as Tables from "./CompanyTables.ts"
import * as Gifts from "./GiftTables.ts"
import * as OpenState from "./OpenState.ts"
import type * as ProcessKey from "./ProcessKey.ts"
import { togetherMax } from "./ProcessKey.ts"
import type { News, Opened, Own } from "./VaultCompany.ts"

export interface Ground {
  readonly sql: SqlClient.SqlClient
  readonly own: Own
  readonly key: ProcessKey.ProcessKey
  readonly silenceMs: number
}

type Other = Effect.Effect.Success<ReturnType<typeof Tables.atWork>>[number]
export type Weather<A> = Effect.Effect<A, SqlError | KeysUnavailable>

/** What is forgotten when a life ends. */
export interface Memory {
  life: ProcessKey.Life | null
  heard: number
  /** By the clock that only goes forward: until when the others surely count on it. */
  until: bigint
  /** When it was last seen to use, and to what nobody asks for any more. */
  lookedAt: number
  clearedAt: number
  readonly known: Map<string, OpenState.OpenState>
  /** Keys of others that were found good. */
  readonly keys: Map<string, Uint8Array>
  /** Until when others know of the use of a vault, by what this process was told or has told; and what it was told. */
  readonly told: Map<string, number>
  readonly uses: Map<string, Uint8Array>
}

export const stateOf = ({ known }: Memory, owner: string) => known.get(owner) ?? OpenState.nothing

export const strange = (what: string) =>
  Effect.logWarning(
    `${what} is not signed by this node: it is passed over. All processes of a node have the same keys.`
  )

/** Seals to others what is unlocked here. */
export const giving = ({ key, sql }: Ground, memory: Memory) =>
  Effect.fnUntraced(function*(others: ReadonlyArray<Other>, gifts: ReadonlyArray<ProcessKey.Gift>) {
    if (gifts.length === 0) return
    for (const { announcement, process } of others) {
      if (process === memory.life?.process) continue
      yield* Effect.gen(function*() {
        const known = memory.keys.get(process) ?? (yield* key.keyOf(process, announcement))
        memory.keys.set(process, known)
        for (let at = 0; at < gifts.length; at += togetherMax) {
          yield* Gifts.give(
            sql,
            process,
            yield* key.seal(process, known, gifts.slice(at, at + togetherMax))
          )
        }
      }).pipe(Effect.catchTag("NotOfThisNode", () => strange(`the announcement of process ${process}`)))
    }
  })

/** Takes what was unlocked elsewhere, unless it was locked since. */
export const taking = ({ own, sql }: Ground, memory: Memory) =>
  Effect.fnUntraced(function*(gift: ProcessKey.Gift) {
    const [row] = yield* Gifts.locks(sql, [gift.owner])
    if (row !== undefined) hear(memory, row.owner, { _tag: "Locked", number: Number(row.locked) })
    const mayHold = () => memory.life !== null && OpenState.mayHold(stateOf(memory, gift.owner), gift.number)
    if (!mayHold()) return
    // A locking may be heard of while keys are read.
    yield* own.take(gift, mayHold)
    hear(memory, gift.owner, { _tag: "Given", number: gift.number })
    own.used(gift.owner, gift.usedAt)
    memory.told.set(gift.owner, Math.max(memory.told.get(gift.owner) ?? 0, gift.usedAt))
  })

/** Hears of an unlocking or a locking. */
export const hear = (memory: Memory, owner: string, heard: OpenState.Heard) =>
  memory.known.set(owner, OpenState.hear(stateOf(memory, owner), heard))

export const locking = ({ own }: Ground, memory: Memory) => (owner: string, number: number) =>
  Effect.suspend(() => {
    hear(memory, owner, { _tag: "Locked", number })
    if (OpenState.isOpen(stateOf(memory, owner))) return Effect.void
    memory.told.delete(owner)
    memory.uses.delete(owner)
    return own.drop(owner)
  })

const unlockings = ({ own }: Ground, memory: Memory): ReadonlyArray<ProcessKey.Gift> =>
  own.held().flatMap((opened: Opened) => {
    const state = stateOf(memory, opened.owner)
    return OpenState.isOpen(state) ? [{ ...opened, number: state.given }] : []
  })

/** Acts on one thing that was said. */
export const acting = (ground: Ground, memory: Memory) => {
  const give = giving(ground, memory)
  const lock = locking(ground, memory)
  const { own, silenceMs, sql } = ground
  return ({ kind, number, owner, stream }: Tables.NewsRow): Weather<void> => {
    switch (kind) {
      case "joined":
        return Effect.flatMap(
          Tables.atWork(sql, silenceMs),
          (others) => give(others.filter(({ process }) => process === owner), unlockings(ground, memory))
        )
      case "locked":
        return lock(owner, Number(number))
      case "unlocked":
        return Effect.void
      default:
        return own.hear({ kind, owner, stream } as News)
    }
  }
}

/** Tells the others what is in use here, and hears it of them, and of lockings that were not heard of otherwise. */
export const using = (ground: Ground, memory: Memory) => {
  const lock = locking(ground, memory)
  const { key, own, sql } = ground
  return Effect.fnUntraced(function*() {
    const held = own.held()
    if (held.length === 0) return
    const now = yield* Clock.currentTimeMillis
    for (const { locked, owner, used } of yield* Gifts.locks(sql, held.map(({ owner }) => owner))) {
      yield* lock(owner, Number(locked))
      if (used === null || Buffer.compare(memory.uses.get(owner) ?? Buffer.alloc(0), used) === 0) continue
      memory.uses.set(owner, used)
      const at = yield* Effect.catchTag(
        key.usedAt(owner, used),
        "NotOfThisNode",
        () => Effect.as(strange(`that the vault of ${owner} was used`), 0)
      )
      own.used(owner, Math.min(at, now))
      memory.told.set(owner, Math.max(memory.told.get(owner) ?? 0, at))
    }
    for (const { owner, usedAt } of held) {
      if (usedAt < (memory.told.get(owner) ?? 0) + own.toldEveryMs) continue
      memory.told.set(owner, usedAt)
      yield* Gifts.use(sql, owner, yield* key.use(owner, usedAt))
    }
  })
}
