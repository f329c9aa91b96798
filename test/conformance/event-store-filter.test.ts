/** Filters of the log on PostgreSQL: along which index they go, at a size where it matters, and that they find what they mean. */
import { matcher } from "@vivim/event-store/EventFilter"
import type { EventFilter } from "@vivim/event-store/EventStore"
import * as PostgresReader from "@vivim/event-store/PostgresReader"
import * as PostgresSession from "@vivim/event-store/PostgresSession"
import { migrations } from "@vivim/event-store/PostgresTables"
import * as Effect from "effect/Effect"
import { assert, describe } from "vitest"
import { all, event } from "./Events.ts"
import { noServer } from "./ServerPostgres.ts"
import { onServer, open, operator, type Url } from "./StoresOnServer.ts"

/** Many events of a few kinds, and some of rare ones: what an archive looks like. `n` counts from 1. */
const manyEvents = (count: number) => `
  insert into event (position, version, at, event_id, schema_version, stream, type, owner, previous_hash, hash, meta, routing, private)
  select n, 1, n, gen_random_uuid(), 1,
    case when n % 10000 = 0 then 'import/' when n % 100 = 0 then 'circle/' else 'document/' end || n,
    case when n % 10000 = 0 then 'import.ImportStarted' when n % 1000 = 0 then 'circle.CircleCreated'
      when n % 100 = 0 then 'circle.MemberAdded' when n % 7 = 0 then 'document.ConversationTagged'
      else 'document.ConversationImported' end,
    'did:key:z' || case when n % 5000 = 0 then 'Bo' else 'Ada' end,
    decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), '\\x7b7d', '\\x7b7d', decode(repeat('ab', 500), 'hex')
  from generate_series(1, ${count}) n`

const count = 50_000
const limits = { eventsMax: 100, bytesMax: 1 << 20 }

/** A reader that keeps the questions it asks. */
const readerOf = (url: Url) =>
  Effect.map(PostgresSession.pool(url, "reader", 1), (pool) => {
    const asked: Array<string> = []
    const rows: PostgresSession.Pool["rows"] = ({ text, values = [] }, decode) => {
      // As it would stand there with its values, so that it can be asked how it goes.
      asked.push(text.replace(/\$(\d)/g, (_, n) => String(values[Number(n) - 1])))
      return pool.rows({ text, values }, decode)
    }
    return { asked, pool, reader: PostgresReader.make({ ...pool, rows }, limits) }
  })

interface Plan {
  readonly "Node Type": string
  readonly "Index Name"?: string
  readonly "Relation Name"?: string
  readonly "Actual Rows": number
  readonly "Rows Removed by Filter"?: number
  readonly Plans?: ReadonlyArray<Plan>
}

const nodes = (plan: Plan): ReadonlyArray<Plan> => [plan, ...(plan.Plans ?? []).flatMap(nodes)]

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("filters of the log on PostgreSQL", () => {
  const test = onServer()

  test("N1 a page of a category, of types or of an owner walks along its index, and reads what it gives", (url) =>
    Effect.gen(function*() {
      yield* open(url)
      const session = yield* operator(url)
      yield* session.ask({ text: manyEvents(count) })
      const { asked, pool, reader } = yield* readerOf(url)
      const filters: ReadonlyArray<readonly [EventFilter, string, number]> = [
        [{ category: "import" }, "event_kind", 5],
        [{ category: "circle" }, "event_kind", 100],
        [{ category: "document" }, "event_kind", 100],
        [{ types: ["import.ImportStarted"] }, "event_kind", 5],
        [{ types: ["circle.CircleCreated", "import.ImportFinished"] }, "event_kind", 45],
        [{ types: ["circle.*", "import.*"] }, "event_kind", 100],
        [{ types: ["document.*"], category: "document" }, "event_kind", 100],
        [{ owner: "did:key:zBo" }, "event_owner", 10],
        [{ stream: "document/77" }, "event_place", 1]
      ]
      for (const analysed of [false, true]) {
        if (analysed) yield* session.ask({ text: "analyze event" })
        for (const [filter, index, found] of filters) {
          const said = `${JSON.stringify(filter)} ${analysed ? "" : "not "}analysed`
          const page = yield* reader.page(0, count, filter)
          assert.lengthOf(page.events, found, said)
          assert.strictEqual(page.upTo, found === limits.eventsMax ? page.events.at(-1)!.position : count, said)
          const [row] = yield* pool.ask({ text: `explain (analyze, format json) ${asked.at(-1)}` })
          const plan = nodes((JSON.parse(row![0]) as ReadonlyArray<{ readonly Plan: Plan }>)[0]!.Plan)
          const reads = plan.filter((node) => node["Relation Name"] !== undefined)
          for (const read of reads) {
            assert.strictEqual(read["Index Name"], index, said)
            assert.strictEqual(read["Rows Removed by Filter"] ?? 0, 0, said)
          }
          // One more per walk, to know which comes next.
          const rows = reads.reduce((sum, read) => sum + read["Actual Rows"], 0)
          assert.isAtMost(rows, found + reads.length, said)
        }
      }
    }))

  test("N2 what a filter finds is what it means, also with more kinds than are merged", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      const owners = ["did:key:zAda", "did:key:zBo"]
      for (let n = 0; n < 300; n++) {
        const kind = ["tea", "cup", "te", "tea.pot", "t"][n % 5]!
        yield* store.append(n % 11 === 0 ? kind : `${kind}/${n % 4}`, "any", [
          event({ type: `${kind}.Sort${n % 37}`, owner: owners[n % 2]!, at: n })
        ])
      }
      const log = yield* all(store.readAll(0))
      const { reader } = yield* readerOf(url)
      const filters: ReadonlyArray<EventFilter> = [
        {},
        { category: "tea" },
        { category: "te" },
        { category: "none" },
        { types: [] },
        { types: ["tea.*"] },
        { types: ["*"] },
        { types: ["tea.Sort5", "cup.*", "te.Sort1"] },
        { category: "cup", types: ["cup.Sort6", "tea.*"] },
        { category: "tea", since: 40, until: 200 },
        { owner: owners[0]!, types: ["t.*"] },
        { owner: owners[1]!, category: "tea", since: 100 },
        { stream: "tea/1", owner: owners[0]!, types: ["tea.*"] }
      ]
      for (const filter of filters) {
        const expected = log.filter(matcher(filter)).map(({ position }) => position)
        const found = (yield* all(reader.readAll(0, { filter }))).map(({ position }) => position)
        assert.deepStrictEqual(found, expected, JSON.stringify(filter))
      }
    }))

  test("M1 a database of an earlier version is brought up to date when it is opened, and has its events", (url) =>
    Effect.gen(function*() {
      const session = yield* operator(url)
      for (const { sql } of migrations.slice(0, 2)) yield* session.ask({ text: sql })
      yield* session.ask({
        text:
          "create table event_migration (number int primary key, name text not null, at timestamptz not null default now())"
      })
      yield* session.ask({
        text: "insert into event_migration (number, name) values (1, 'the log'), (2, 'event_append')"
      })
      yield* session.ask({ text: manyEvents(2_000) })
      yield* session.ask({ text: "update log set last_position = 2000" })
      const store = yield* open(url)
      assert.strictEqual((yield* all(store.readAll(0, { filter: { category: "circle" } }))).length, 20)
      const [index] = yield* session.ask({ text: "select indexdef from pg_indexes where indexname = 'event_kind'" })
      assert.match(index![0], /split_part\(stream.*type, \(\("position" \+ 0\)\)\)/)
      yield* store.append("circle/tea", 0, [event()])
      assert.strictEqual((yield* all(store.readAll(0, { filter: { category: "circle" } }))).length, 21)
    }))
})
