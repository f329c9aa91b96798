/** Process stores: the memory twin and PostgreSQL keep the same laws, and stores broken on purpose do not. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { ProcessStore } from "@vivim/process/ProcessStore"
import * as SqlProcessStore from "@vivim/process/SqlProcessStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { Book } from "./ProcessBook.ts"
import { processStoreLaws } from "./ProcessStoreLaws.ts"
import { noServer, serverPostgres } from "./ServerPostgres.ts"

const memory = Effect.map(Layer.build(ProcessStore.layerMemory), Context.get(ProcessStore))

describe("laws of process stores: memory", () => {
  for (const { holds, title } of processStoreLaws) {
    it(title, () => Effect.runPromise(Effect.scoped(Effect.flatMap(memory, holds))))
  }
})

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("laws of process stores: PostgreSQL", () => {
  const scope = Effect.runSync(Scope.make())
  let store: Book
  beforeAll(() =>
    Effect.gen(function*() {
      const server = yield* serverPostgres
      const url = yield* server.newDatabase
      const sql = PgClient.layer({ url, maxConnections: 8 })
      store = Context.get(yield* Layer.build(Layer.provide(SqlProcessStore.layer, sql)), ProcessStore)
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  for (const { holds, title } of processStoreLaws) it(title, () => Effect.runPromise(holds(store)))

  it(
    "of a hundred thousand timers those that are due are claimed in their order, and the next is found",
    () =>
      Effect.gen(function*() {
        const at = (n: number) => 1_000_000 + (n * 7_919) % 100_000
        yield* store.begin("many", 1)
        for (let from = 0; from < 100_000; from += 10_000) {
          const steps = Array.from({ length: 10_000 }, (_, i) => from + i).map((n) => ({
            id: `t${n}`,
            kind: "timer" as const,
            key: `k${n}`,
            name: "boil",
            dueAt: at(n),
            body: null,
            stuck: null
          }))
          yield* store.decide({
            process: "many",
            now: 0,
            moves: null,
            ends: [],
            keys: [],
            decide: () => ({ ended: [], stuck: [], steps, cancelled: [], memories: new Map(), refused: [] })
          })
        }
        assert.strictEqual(yield* store.nextDue("many"), 1_000_000)
        const claimed = yield* store.claim("many", 1_000_099, 2_000_000, 500)
        assert.deepStrictEqual(claimed.map(({ dueAt }) => dueAt), Array.from({ length: 100 }, (_, n) => 1_000_000 + n))
        assert.strictEqual(yield* store.nextDue("many"), 1_000_100)
      }).pipe(Effect.runPromise),
    60_000
  )
})

/** Stores that break one promise each, and how many laws must notice at the least. */
const broken: Readonly<Record<string, (store: Book) => Book>> = {
  "forgets its checkpoint": (store) => ({
    ...store,
    begin: (process, version) => Effect.as(store.begin(process, version), 0)
  }),
  "moves the checkpoint and loses what was decided": (store) => ({
    ...store,
    decide: (decision) =>
      store.decide({
        ...decision,
        decide: (known) => ({ ...decision.decide(known), ...decision.moves === null ? {} : { steps: [] } })
      })
  }),
  "lets every reader decide": (store) => ({
    ...store,
    decide: (decision) =>
      Effect.flatMap(
        store.decide(decision),
        (kept) => kept ? Effect.succeed(true) : store.decide({ ...decision, moves: null })
      )
  }),
  "hands a step to everybody": (store) => ({
    ...store,
    claim: (process, now, _, max) => store.claim(process, now, now, max)
  }),
  "ends what was taken over": (store) => ({
    ...store,
    decide: (decision) =>
      store.decide({
        ...decision,
        decide: (known) => decision.decide({ ...known, held: new Set(decision.ends.map(({ id }) => id)) })
      })
  }),
  "rings a timer twice": (store) => ({
    ...store,
    decide: (decision) =>
      store.decide({
        ...decision,
        decide: (known) => {
          const decided = decision.decide(known)
          return { ...decided, ended: decided.ended.filter((id) => !id.startsWith("t") && id !== "s1") }
        }
      })
  }),
  "loses timers": (store) => ({
    ...store,
    decide: (decision) =>
      store.decide({
        ...decision,
        decide: (known) => {
          const decided = decision.decide(known)
          return { ...decided, steps: decided.steps.filter(({ kind, name }) => kind !== "timer" || name !== "boil") }
        }
      })
  }),
  "rings too early": (store) => ({
    ...store,
    claim: (process, now, until, max) => store.claim(process, now + 10, until, max)
  }),
  "cancels nothing": (store) => ({
    ...store,
    decide: (decision) =>
      store.decide({ ...decision, decide: (known) => ({ ...decision.decide(known), cancelled: [] }) })
  }),
  "lets the key go past what is stuck": (store) => ({
    ...store,
    postpone: (process, steps) =>
      Effect.gen(function*() {
        yield* store.postpone(process, steps)
        for (const { id, stuckAt } of steps) if (stuckAt !== null) yield* store.drop(process, id, Effect.succeed)
      })
  }),
  "sleeps through what is due": (store) => ({
    ...store,
    nextDue: (process) => Effect.map(store.nextDue(process), (due) => due === null ? null : due + 60_000)
  }),
  "remembers nothing": (store) => ({
    ...store,
    decide: (decision) =>
      store.decide({ ...decision, decide: (known) => ({ ...decision.decide(known), memories: new Map() }) })
  })
}

describe("stores broken on purpose", () => {
  it.each(Object.entries(broken))("one that %s is found out", (_, breaking) =>
    Effect.gen(function*() {
      const outcomes = yield* Effect.forEach(
        processStoreLaws,
        ({ holds }) => Effect.exit(Effect.flatMap(memory, (store) => holds(breaking(store))))
      )
      assert.isTrue(outcomes.some(Exit.isFailure))
    }).pipe(Effect.scoped, Effect.runPromise))
})
