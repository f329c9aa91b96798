/**
 * The vaults of several processes on one PostgreSQL. Each process has lives: one begins when it joins, with a key of its own to which the
 * others seal what they have unlocked, and ends when it has heard nothing for two thirds of the silence after which the others stop
 * counting on it. Then it drops all it holds, and begins another.
 *
 * M1  What is unlocked in one is unlocked in all that are at work, and in each that joins while one of them still holds it.
 * M2  What was said is known to all that are at work before whoever said it goes on; who cannot be reached holds nothing any more by then.
 * M3  A locking is not undone by what was given before it, whoever brings that again.
 * M4  What is in use in one process is not idle in another.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { KeysUnavailable } from "../Cipher.ts"
import { CryptoSuite, type Suite } from "../CryptoSuite.ts"
import type { SigningKey } from "../SigningKey.ts"
import * as Tables from "./CompanyTables.ts"
import * as Gifts from "./GiftTables.ts"
import * as ProcessKey from "./ProcessKey.ts"
import * as Life from "./ProcessLife.ts"
import { type News, type Own, type Together, VaultCompany } from "./VaultCompany.ts"

export interface Options {
  /** What the node signs with as itself: the same in all its processes. */
  readonly key: SigningKey
  /** Silence after which the others no longer count on a process. */
  readonly silenceMax: Duration.DurationInput
  /** Something was said: `Tables.channel`. May be late or missing; it only wakes. */
  readonly woken: Stream.Stream<unknown, unknown>
}

/** How soon it is looked again whether the others have heard: soon at first, for mostly they have. */
const lookAgain = Schedule.union(Schedule.exponential("4 millis", 1.5), Schedule.spaced("100 millis"))
/** Nobody waits longer for keys to come to the others: those who do not have them yet refuse, and get them. */
const GivingMax = "2 seconds"

const weather = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.mapError(work, (cause) => cause instanceof KeysUnavailable ? cause : new KeysUnavailable({ cause }))

/** Waits until all that are counted on have heard what was said at this place. */
const heard = (sql: SqlClient.SqlClient, position: number, silenceMs: number): Effect.Effect<void, KeysUnavailable> =>
  Tables.haveHeard(sql, position, silenceMs).pipe(
    Effect.repeat({ until: (all) => all, schedule: lookAgain }),
    Effect.asVoid,
    weather,
    Effect.timeoutFail({
      duration: silenceMs * 3,
      onTimeout: () => new KeysUnavailable({ cause: new Error("another process of the node does not hear") })
    })
  )

const together = (
  sql: SqlClient.SqlClient,
  life: Life.ProcessLife,
  silenceMs: number,
  poke: Effect.Effect<unknown>
): Together => {
  const say = (row: Parameters<typeof Tables.say>[1]) => Effect.zipLeft(weather(Tables.say(sql, row)), poke)
  /** Here at once, and in the database as soon as that can be had. */
  const write = (owner: string) =>
    Effect.uninterruptible(
      weather(Gifts.drawTurn(sql)).pipe(
        Effect.tap((number) => life.locked(owner, number)),
        Effect.tap((number) => weather(Gifts.lock(sql, owner, number))),
        Effect.tapBoth({
          onFailure: () => life.owe(owner),
          onSuccess: () => life.paid(owner)
        })
      )
    )
  const lock = Effect.fnUntraced(function*(owner: string) {
    const number = yield* write(owner)
    yield* heard(sql, yield* say({ kind: "locked", owner, stream: null, number }), silenceMs)
  })
  return {
    isApart: life.isApart,
    tell: (news) => Effect.flatMap(say(rowOf(news)), (position) => heard(sql, position, silenceMs)),
    unlocked: Effect.fnUntraced(function*(opened) {
      if (life.isApart()) return yield* new KeysUnavailable({ cause: new Error("the other processes are not heard") })
      // What this process still owes comes first: it is older.
      yield* Effect.forEach(life.owed(), lock, { discard: true })
      const number = yield* weather(Gifts.drawTurn(sql))
      const gift = { ...opened, number }
      // Here first: who joins from now on is given it as soon as that is heard of.
      yield* weather(life.take(gift))
      const position = yield* Tables.atWork(sql, silenceMs).pipe(
        Effect.flatMap((others) => life.give(others, [gift])),
        weather,
        Effect.zipRight(say({ kind: "unlocked", owner: opened.owner, stream: null, number })),
        // Some may have been given it: it is all or none.
        Effect.onError(() => Effect.zipRight(life.locked(opened.owner, number), life.owe(opened.owner)))
      )
      yield* Effect.timeoutOption(Effect.ignore(heard(sql, position, silenceMs)), GivingMax)
    }),
    locked: lock
  }
}

const rowOf = (news: News) => ({
  kind: news.kind,
  owner: news.owner,
  stream: news.kind === "keys" ? news.stream : null,
  number: null
})

const join = (sql: SqlClient.SqlClient, suite: Suite, { key, silenceMax, woken }: Options) =>
  Effect.fnUntraced(function*(own: Own) {
    const silenceMs = Duration.toMillis(silenceMax)
    const pokes = yield* Queue.sliding<void>(1)
    const poke = Queue.offer(pokes, undefined)
    const life = yield* Life.make({ sql, own, key: ProcessKey.make(key, suite), silenceMs })
    yield* weather(life.begin)
    yield* Effect.addFinalizer(() => Effect.ignore(life.end))
    const company = together(sql, life, silenceMs, poke)
    const everyMs = Math.max(50, Math.min(silenceMs / 6, own.toldEveryMs))
    const payDebts = Effect.suspend(() =>
      Effect.forEach(life.owed(), company.locked, { discard: true, concurrency: "unbounded" })
    )
    const broken = yield* Queue.sliding<void>(1)
    const listen = Effect.raceFirst(Stream.runForEach(woken, () => poke), Queue.take(broken)).pipe(
      Effect.catchAllCause((cause) => Effect.logDebug("vaults are only looked after now and then", cause)),
      Effect.repeat(Schedule.spaced("1 second"))
    )
    yield* Effect.raceFirst(Queue.take(pokes), Effect.sleep(everyMs)).pipe(
      Effect.zipRight(life.goOn(everyMs)),
      // A database that was away has taken the line along that one listens on.
      Effect.catchAll((cause) =>
        Effect.logDebug("vaults are not heard of", cause).pipe(
          Effect.zipRight(Queue.offer(broken, undefined)),
          Effect.zipRight(Effect.sleep(Math.min(250, everyMs)))
        )
      ),
      Effect.forever,
      Effect.forkScoped
    )
    yield* Effect.forkScoped(listen)
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(payDebts), Schedule.spaced(everyMs)))
    yield* Effect.forkScoped(Effect.repeat(life.dropIfApart, Schedule.spaced(Math.min(250, everyMs))))
    return company
  })

export const layer = (
  options: Options
): Layer.Layer<never, KeysUnavailable, SqlClient.SqlClient | CryptoSuite> =>
  Layer.scoped(
    VaultCompany,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* weather(Tables.migrate(sql))
      return { join: join(sql, yield* CryptoSuite, options) }
    })
  ) as Layer.Layer<never, KeysUnavailable, SqlClient.SqlClient | CryptoSuite>
