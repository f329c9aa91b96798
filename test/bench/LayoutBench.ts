/**
 * The log's table laid out in three ways, held against each other on one server: one table, hash partitions by stream, range partitions
 * by position. What is asked of each is what the store asks: an append to known and to unknown heads, a stream, a page, an id.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import pg from "pg"
import type { TestServer } from "../conformance/ServerPostgres.ts"
import { randomOf } from "./Random.ts"
import { type Cost, measureRounds } from "./ServerCost.ts"

interface Layout {
  readonly name: string
  /** For a log of so many events. */
  readonly sql: (events: number) => string
}

const columns = `position bigint not null, version bigint not null, at bigint not null, event_id uuid not null,
  stream text collate "C" not null, type text collate "C" not null, owner text collate "C" not null, hash bytea not null, data bytea not null`
const indexes = `create index on event (owner, position);
  create index on event (split_part(stream, '/', 1), type, (position + 0))`
const parts = 16

const split = (clause: (n: number) => string) =>
  Array.from({ length: parts }, (_, n) => `create table event_${n} partition of event for values ${clause(n)};`).join(
    ""
  )

const kinds: ReadonlyArray<Layout> = [
  {
    name: "one table",
    sql: () =>
      `create table event (${columns}, primary key (position), unique (stream, version), unique (event_id)); ${indexes}`
  },
  {
    name: `${parts} hash partitions by stream`,
    sql: () =>
      `create table event (${columns}, unique (stream, version)) partition by hash (stream);
      ${
        split((n) => `with (modulus ${parts}, remainder ${n})`)
      } create index on event (position); create index on event (event_id); ${indexes}`
  },
  {
    name: `${parts} range partitions by position`,
    sql: (events) => {
      const width = Math.ceil(events / (parts - 1))
      return `create table event (${columns}, primary key (position), unique (stream, version, position)) partition by range (position);
        ${split((n) => `from (${n * width}) to (${n === parts - 1 ? "maxvalue" : (n + 1) * width})`)}
        create index on event (event_id); ${indexes}`
    }
  }
]

const perStream = 100
const open = 640

/** Streams that are written to for a while, 640 at a time, in the order of the log. */
const filling = (from: number, to: number) => `
  insert into event select n, 1 + (n / ${open}) % ${perStream}, n, gen_random_uuid(),
    'document/' || md5((n % ${open} + ${open} * (n / ${open * perStream}))::text), 'document.MessageAppended',
    'did:key:z6Mk' || md5((n % 500)::text), decode(md5(n::text) || md5(n::text), 'hex'), decode(repeat(md5(n::text), 22), 'hex')
  from generate_series(${from}::bigint, ${to - 1}::bigint) n`

const settings =
  "set plan_cache_mode = force_generic_plan; set jit = off; set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off;" +
  "set enable_hashjoin = off; set enable_mergejoin = off"

const append = `with head as (
    select s.stream, s.i, h.version from unnest($1::text[]) with ordinality s(stream, i) left join lateral (
      select version from event where $3 and stream = s.stream order by stream desc, version desc limit 1) h on true
  ) insert into event select $2::bigint + i, coalesce(version, 0) + 1, 1, gen_random_uuid(), stream, 'document.MessageAppended',
    'did:key:z6Mk', decode(repeat('ab', 32), 'hex'), decode(repeat('ab', 704), 'hex') from head`

const batch = 64
const random = randomOf(7)

const steps = (client: pg.Client, events: number, md5s: ReadonlyArray<string>) => {
  let position = events
  let fresh = 0
  const some = () => md5s[Math.floor(random() * md5s.length)]!
  const appending = (names: () => ReadonlyArray<string>, cold: boolean) => async () => {
    await client.query({ name: "append", text: append, values: [names(), position, cold] })
    position += batch
    return batch
  }
  const reading = (name: string, text: string, values: () => ReadonlyArray<unknown>) => async () => {
    await client.query({ name, text, values: [...values()] })
    return 1
  }
  return {
    "append an event, head known": appending(() => Array.from({ length: batch }, () => `new/${fresh++}`), false),
    "append an event, head looked up": appending(() => [...new Set(Array.from({ length: batch }, some))], true),
    "find an id": reading("id", "select position from event where event_id = $1", () => [crypto.randomUUID()]),
    "read a stream of 100": reading(
      "stream",
      "select * from event where stream = $1 and version > 0 order by version limit 1000",
      () => [some()]
    ),
    "a page of 1,000": reading(
      "page",
      "select * from event where position > $1 order by position limit 1000",
      () => [Math.floor(random() * (events - 1_000))]
    )
  } satisfies Record<string, () => Promise<number>>
}

const tried = (server: TestServer, layout: Layout, events: number) =>
  Effect.gen(function*() {
    const url = yield* server.newDatabase
    return yield* Effect.promise(async () => {
      const client = new pg.Client({ connectionString: Redacted.value(url) })
      await client.connect()
      await client.query(layout.sql(events))
      const step = 100_000
      for (let from = 0; from < events; from += step) await client.query(filling(from, Math.min(events, from + step)))
      await client.query("vacuum analyze event")
      await client.query("checkpoint")
      await client.query(settings)
      const { rows } = await client.query(
        `select 'document/' || md5(n::text) as stream from generate_series(0, ${Math.floor(events / perStream) - 1}) n`
      )
      const costs: Record<string, Cost> = {}
      for (const [name, one] of Object.entries(steps(client, events, rows.map(({ stream }) => stream as string)))) {
        const rounds = []
        for (let round = 0; round < 3; round++) rounds.push(await measureRounds(server.pid(), 1, 60, one))
        costs[name] = rounds.toSorted((a, b) => a.serverCpuUs - b.serverCpuUs)[1]!
      }
      await client.end()
      const name = new URL(Redacted.value(url)).pathname.slice(1)
      const address = new URL(Redacted.value(url))
      address.pathname = "/postgres"
      const other = new pg.Client({ connectionString: address.href })
      await other.connect()
      await other.query(`drop database ${name}`)
      await other.end()
      return { layout: layout.name, costs }
    })
  })

export const layouts = (server: TestServer, events: number): Effect.Effect<string, unknown> =>
  Effect.map(
    Effect.forEach(kinds, (layout) => tried(server, layout, events)),
    (rows) => {
      const names = Object.keys(rows[0]!.costs)
      return [
        `| server CPU us at ${events.toLocaleString("en")} events | ${names.join(" | ")} |`,
        `|---${"|---".repeat(names.length)}|`,
        ...rows.map(({ costs, layout }) =>
          `| ${layout} | ${names.map((name) => costs[name]!.serverCpuUs.toPrecision(3)).join(" | ")} |`
        )
      ].join("\n")
    }
  )
