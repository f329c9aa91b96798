/**
 * What the event store on PostgreSQL costs: events per second, and CPU per event of the node and of the server, on default durability.
 * The rate depends on the machine and its load; the CPU time hardly does. Run alone: `npx tsx test/bench/EventStoreBench.ts [seconds]`.
 */
import { EventStore, type NewEvent } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import { fileURLToPath } from "node:url"
import pg from "pg"
import { serverPostgres, type TestServer } from "../conformance/ServerPostgres.ts"

type Store = EventStore["Type"]

export interface Measured {
  readonly scenario: string
  readonly events: number
  readonly perSecond: number
  readonly nodeCpuUs: number
  readonly serverCpuUs: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const tickUs = 10_000

/** CPU time of the server in microseconds: the postmaster and those it has waited for in ticks, living children exactly. */
const serverCpuUs = (postmaster: number): number => {
  const stat = (pid: number | string) => {
    const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8")
    return text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number)
  }
  const own = stat(postmaster)
  let us = (own[11]! + own[12]! + own[13]! + own[14]!) * tickUs
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (stat(pid)[1] === postmaster) {
        us += Number(fs.readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1_000
      }
    } catch {
      // It ended meanwhile; its parent has waited for it.
    }
  }
  return us
}

const nodeCpuUs = (): number => {
  const { system, user } = process.cpuUsage()
  return user + system
}

let serial = 0
const noise = randomBytes(4096)

/** A UUIDv7 is time and chance; here the chance is a counter, which costs nothing to make. */
const eventId = (): string => {
  const time = Date.now().toString(16).padStart(12, "0")
  const count = (++serial).toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`
}

/** About 700 bytes: what a message of a conversation weighs. */
const event = (): NewEvent => ({
  id: eventId(),
  type: "document.MessageAppended",
  schemaVersion: 1,
  owner: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
  at: Date.now(),
  meta: noise.subarray(serial % 1000, serial % 1000 + 150),
  routing: noise.subarray(serial % 1000, serial % 1000 + 60),
  private: noise.subarray(serial % 2000, serial % 2000 + 500)
})

const events = (count: number) => Array.from({ length: count }, event) as [NewEvent, ...Array<NewEvent>]

/** Runs `writers` fibers for so long; `step` answers how many events it handled. */
const measure = (
  server: TestServer,
  scenario: string,
  ms: number,
  writers: number,
  step: (writer: number, round: number) => Effect.Effect<number, unknown>
): Effect.Effect<Measured> =>
  Effect.gen(function*() {
    const latencies: Array<number> = []
    let handled = 0
    yield* step(-1, 0)
    const node = nodeCpuUs()
    const pg = serverCpuUs(server.pid())
    const begun = performance.now()
    yield* Effect.forEach(Array.from({ length: writers }, (_, writer) => writer), (writer) =>
      Effect.gen(function*() {
        for (let round = 0; performance.now() - begun < ms; round++) {
          const from = performance.now()
          const more = yield* step(writer, round)
          handled += more
          latencies.push(performance.now() - from)
        }
      }), { concurrency: "unbounded", discard: true })
    const seconds = (performance.now() - begun) / 1000
    latencies.sort((a, b) => a - b)
    return {
      scenario,
      events: handled,
      perSecond: handled / seconds,
      nodeCpuUs: (nodeCpuUs() - node) / handled,
      serverCpuUs: (serverCpuUs(server.pid()) - pg) / handled,
      p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
      p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0
    }
  }).pipe(Effect.orDie)

/** The plainest way to append: one INSERT per event, one transaction each, as many connections as writers. What all is compared to. */
const plainInserts = (
  server: TestServer,
  url: Redacted.Redacted<string>,
  ms: number,
  writers: number
): Effect.Effect<Measured, never, Scope.Scope> =>
  Effect.gen(function*() {
    const pool = new pg.Pool({ connectionString: Redacted.value(url), max: writers })
    yield* Effect.addFinalizer(() => Effect.promise(() => pool.end()))
    const table = `plain_${writers}`
    yield* Effect.promise(() =>
      pool.query(
        `create table ${table} (position bigserial primary key, stream text not null, version bigint not null, event_id uuid not null,
        type text not null, at bigint not null, data bytea not null, unique (stream, version))`
      )
    )
    const text = `insert into ${table} (stream, version, event_id, type, at, data) values ($1, $2, $3, $4, $5, $6)`
    return yield* measure(
      server,
      `plain INSERT, ${writers} writer${writers > 1 ? "s" : ""}`,
      ms,
      writers,
      (writer, round) => {
        const { at, id, private: data, type } = event()
        return Effect.as(
          Effect.promise(() =>
            pool.query({ name: table, text, values: [`document/${writer}-${round}`, 1, id, type, at, data] })
          ),
          1
        )
      }
    )
  })

const count = <E>(stream: Stream.Stream<unknown, E>): Effect.Effect<number, E> => Stream.runCount(stream)

const scenarios = (
  server: TestServer,
  url: Redacted.Redacted<string>,
  store: Store,
  ms: number
): ReadonlyArray<Effect.Effect<Measured, never, Scope.Scope>> => {
  const appends = (name: string, writers: number, size: number) =>
    measure(
      server,
      name,
      ms,
      writers,
      (writer, round) => Effect.as(store.append(`document/${name}-${writer}-${round}`, 0, events(size)), size)
    )
  const versions = new Map<number, number>()
  const grow = (writer: number) => {
    const version = versions.get(writer) ?? 0
    versions.set(writer, version + 1)
    return Effect.as(store.append(`document/grown-${writer}`, version, events(1)), 1)
  }
  return [
    plainInserts(server, url, ms, 1),
    plainInserts(server, url, ms, 64),
    appends("1 event, 1 writer", 1, 1),
    appends("1 event, 16 writers", 16, 1),
    appends("1 event, 64 writers", 64, 1),
    appends("1 event, 256 writers", 256, 1),
    measure(server, "1 event, 64 writers, each its stream", ms, 64, grow),
    appends("10 events, 1 writer", 1, 10),
    appends("10 events, 16 writers", 16, 10),
    measure(server, "16 writers contend for one stream", ms, 16, () =>
      Effect.gen(function*() {
        let expected = 0
        for (;;) {
          const answer = yield* Effect.either(store.append("document/contended", expected, events(1)))
          if (answer._tag === "Right") return 1
          if (answer.left._tag !== "StreamMoved") return yield* Effect.die(answer.left)
          expected = answer.left.actual
        }
      })),
    Effect.zipRight(
      Effect.orDie(store.append("document/long", 0, events(1_000))),
      measure(server, "read a stream of 1,000", ms, 1, () => count(store.read("document/long")))
    ),
    measure(server, "read the whole log", ms, 1, () => count(store.readAll(0).pipe(Stream.take(100_000)))),
    measure(server, "follow the whole log", ms, 1, () =>
      Effect.flatMap(store.head, (head) =>
        Stream.runFold(
          Stream.takeUntil(store.follow(0), (batch) => batch.at(-1)!.position >= head),
          0,
          (sum, batch) => sum + batch.length
        )))
  ]
}

/** `only`: scenarios by their number, all when there is none. */
export const eventStoreBench = (
  ms: number,
  only: ReadonlyArray<string> = []
): Effect.Effect<ReadonlyArray<Measured>, unknown> =>
  Effect.gen(function*() {
    const server = yield* serverPostgres
    const url = yield* server.newDatabase
    const store = Context.get(yield* Layer.build(PostgresEventStore.layer({ url })), EventStore)
    const chosen = scenarios(server, url, store, ms).filter((_, i) => only.length === 0 || only.includes(String(i)))
    return yield* Effect.forEach(chosen, (scenario) => scenario)
  }).pipe(Effect.scoped)

const figure = (n: number) => n >= 100 ? String(Math.round(n)) : n.toPrecision(3)

export const table = (rows: ReadonlyArray<Measured>): string =>
  [
    "| scenario | events/s | node CPU us/event | server CPU us/event | p50 ms | p99 ms |",
    "|---|---|---|---|---|---|",
    ...rows.map((row) =>
      `| ${row.scenario} | ${
        [row.perSecond, row.nodeCpuUs, row.serverCpuUs, row.p50Ms, row.p99Ms].map(figure).join(" | ")
      } |`
    )
  ].join("\n")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await Effect.runPromise(eventStoreBench(Number(process.argv[2] ?? 3) * 1000))
  console.log(
    `${os.cpus().length} cores (${os.cpus()[0]?.model}), Node ${process.version}, load ${os.loadavg()[0]?.toFixed(1)}\n`
  )
  console.log(table(rows))
}
