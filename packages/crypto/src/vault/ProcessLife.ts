/**
 * One process among several, as far as vaults go: whether the others still count on it, and what it hears. Whatever changes what it
 * holds is done one thing at a time.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Tables from "./CompanyTables.ts"
import * as Gifts from "./GiftTables.ts"
import {
  acting,
  giving,
  type Ground,
  hear,
  locking,
  type Memory,
  stateOf,
  strange,
  taking,
  using,
  type Weather
} from "./Passing.ts"
import type * as ProcessKey from "./ProcessKey.ts"

const newMemory = (): Memory => ({
  life: null,
  heard: 0,
  until: 0n,
  lookedAt: 0,
  clearedAt: 0,
  known: new Map(),
  keys: new Map(),
  told: new Map(),
  uses: new Map()
})

/** News are read so many at a time. */
const pageMax = 1_000

/** Acts on what was said, and takes what was given. */
const listening = (ground: Ground, memory: Memory) => {
  const act = acting(ground, memory)
  const take = taking(ground, memory)
  const { key, sql } = ground
  return Effect.fnUntraced(function*(life: ProcessKey.Life) {
    for (;;) {
      const news = yield* Tables.newsAfter(sql, memory.heard, pageMax)
      for (const one of news) {
        yield* act(one)
        memory.heard = Number(one.position)
      }
      if (news.length < pageMax) break
    }
    for (const { gift } of yield* Gifts.collect(sql, life.process)) {
      const gifts = yield* Effect.catchTag(
        key.open(life, gift),
        "NotOfThisNode",
        () => Effect.as(strange("what was given to this process"), [])
      )
      yield* Effect.forEach(gifts, take, { discard: true })
    }
  })
}

/** Lives, one after the other. */
const living = (ground: Ground, memory: Memory, nanos: () => bigint) => {
  const { key, own, silenceMs, sql } = ground
  const [listen, use] = [listening(ground, memory), using(ground, memory)]
  /** Shorter than the others count on it: what it believes ends before what they believe. */
  const lastsNanos = BigInt(Math.floor(silenceMs * 2 / 3)) * 1_000_000n
  const isApart = () => memory.life === null || nanos() > memory.until

  const drop = Effect.suspend(() => {
    memory.life = null
    memory.told.clear()
    memory.uses.clear()
    return Effect.forEach(own.held(), ({ owner }) => own.drop(owner), { discard: true })
  })

  const begin = Effect.gen(function*() {
    yield* drop
    const since = nanos()
    const life = yield* key.live
    memory.heard = yield* Tables.enter(sql, life.process, life.announcement)
    memory.known.clear()
    memory.keys.clear()
    for (const { locked, owner } of yield* Gifts.allLocks(sql)) {
      hear(memory, owner, { _tag: "Locked", number: Number(locked) })
    }
    yield* own.reload
    memory.life = life
    memory.until = since + lastsNanos
  })

  const goOn = Effect.fnUntraced(function*(everyMs: number) {
    const { life } = memory
    if (life === null || isApart()) return yield* begin
    yield* listen(life)
    const now = yield* Clock.currentTimeMillis
    if (now >= memory.lookedAt + everyMs) {
      memory.lookedAt = now
      yield* use()
    }
    if (now >= memory.clearedAt + silenceMs) {
      memory.clearedAt = now
      yield* Tables.clear(sql, silenceMs)
    }
    const since = nanos()
    if (!(yield* Tables.goOn(sql, life.process, memory.heard, silenceMs)) || isApart()) return yield* begin
    memory.until = since + lastsNanos
  })

  return { isApart, drop, begin, goOn }
}

export const make = Effect.fnUntraced(function*(ground: Ground) {
  const clock = yield* Effect.clock
  const memory = newMemory()
  const inTurn = Effect.unsafeMakeSemaphore(1).withPermits(1)
  const { begin, drop, goOn, isApart } = living(ground, memory, () => clock.unsafeCurrentTimeNanos())
  const [take, lock] = [taking(ground, memory), locking(ground, memory)]
  const owed = new Set<string>()
  return {
    isApart,
    begin: inTurn(begin),
    goOn: (everyMs: number) => inTurn(goOn(everyMs)),
    /** Not in turn: who waits for the database holds the turn, and what is held must go all the same. */
    dropIfApart: Effect.suspend(() => memory.life !== null && isApart() ? drop : Effect.void),
    take: (gift: ProcessKey.Gift) => inTurn(Effect.uninterruptible(take(gift))),
    give: giving(ground, memory),
    /** Of this process: whatever number was drawn, nothing that was held here until now opens the vault again. */
    locked: (owner: string, number: number) => lock(owner, Math.max(number, stateOf(memory, owner).given)),
    /** A locking that could not be written down yet. */
    owe: (owner: string) => Effect.sync(() => void owed.add(owner)),
    paid: (owner: string) => Effect.sync(() => void owed.delete(owner)),
    owed: () => [...owed],
    end: Effect.suspend((): Weather<void> =>
      memory.life === null ? Effect.void : Effect.asVoid(Tables.leave(ground.sql, memory.life.process))
    )
  }
})

export type ProcessLife = Effect.Effect.Success<ReturnType<typeof make>>
