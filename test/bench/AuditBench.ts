/**
 * What the audit costs the appends: the same appends to the same store, in turns with the audit at work and without it, and how
 * fast the tree, its proofs and the whole audit are. In both somebody follows the log, as the views of a node do. Run alone: `npx tsx test/bench/AuditBench.ts [seconds] [pairs]`.
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as AuditLog from "@vivim/audit/AuditLog"
import { AuditStore } from "@vivim/audit/AuditStore"
import * as SqlAuditStore from "@vivim/audit/SqlAuditStore"
import * as TreeProof from "@vivim/audit/TreeProof"
import { fromSeed } from "@vivim/crypto/SigningKey"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import { audit } from "@vivim/node/Audit"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as os from "node:os"
import * as path from "node:path"
import { fileURLToPath } from "node:url"
import { serverPostgres, temporaryFolder } from "../conformance/ServerPostgres.ts"
import { events } from "./EventStores.ts"
import { figure } from "./Process.ts"

type Store = Context.Tag.Service<EventStore>
type Audited = Context.Tag.Service<AuditLog.AuditLog>

interface Round {
  readonly perSecond: number
  readonly cpuUs: number
}

export interface Compared {
  readonly scenario: string
  readonly without: Round
  readonly with: Round
  /** Of events per second, pair by pair, the middle one. */
  readonly ratio: number
  readonly cpuRatio: number
}

let serial = 0

const cpuUs = () => {
  const { system, user } = process.cpuUsage()
  return user + system
}

/** Appends for so long; what the audit has not kept when the time is over counts as well: it is waited for. */
const round = (store: Store, log: Audited | null, ms: number, writers: number, size: number): Effect.Effect<Round> =>
  Effect.gen(function*() {
    // What a process does once, when it starts, is not what an append costs.
    if (log !== null) yield* log.signHead
    let handled = 0
    const cpu = cpuUs()
    const begun = performance.now()
    yield* Effect.forEach(Array.from({ length: writers }, (_, writer) => writer), (writer) =>
      Effect.gen(function*() {
        while (performance.now() - begun < ms) {
          yield* store.append(`document/${writer}-${++serial}`, 0, events(size))
          handled += size
        }
      }), { concurrency: "unbounded", discard: true })
    const seconds = (performance.now() - begun) / 1_000
    if (log !== null) yield* log.reaches(yield* store.head)
    return { perSecond: handled / seconds, cpuUs: (cpuUs() - cpu) / handled }
  }).pipe(Effect.orDie)

const start = (url: Redacted.Redacted<string>, store: Store, folder: string) =>
  Layer.build(
    AuditLog.layer({
      key: fromSeed(Buffer.alloc(32, 1)),
      headFile: path.join(folder, "audit.head"),
      headEvery: "1 minute"
    }).pipe(
      Layer.provide(Layer.merge(
        Layer.succeed(EventStore, store),
        Layer.provide(SqlAuditStore.layer, PgClient.layer({ url, maxConnections: 4 }))
      ))
    )
  ).pipe(Effect.map(Context.get(AuditLog.AuditLog)))

const middle = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const compare = (
  scenario: string,
  pairs: number,
  once: (audited: boolean) => Effect.Effect<Round, unknown, Scope.Scope>
): Effect.Effect<Compared, unknown> =>
  Effect.gen(function*() {
    const rounds: Array<{ readonly without: Round; readonly with: Round }> = []
    yield* Effect.scoped(once(false))
    for (let n = 0; n < pairs; n++) {
      // Whoever comes second finds a larger table and a warmer machine: they take turns at it.
      const order = n % 2 === 0 ? [false, true] : [true, false]
      const found = new Map<boolean, Round>()
      for (const audited of order) found.set(audited, yield* Effect.scoped(once(audited)))
      rounds.push({ without: found.get(false)!, with: found.get(true)! })
    }
    const of = (which: "without" | "with"): Round => ({
      perSecond: middle(rounds.map((one) => one[which].perSecond)),
      cpuUs: middle(rounds.map((one) => one[which].cpuUs))
    })
    return {
      scenario,
      without: of("without"),
      with: of("with"),
      ratio: middle(rounds.map((one) => one.with.perSecond / one.without.perSecond)),
      cpuRatio: middle(rounds.map((one) => one.with.cpuUs / one.without.cpuUs))
    }
  })

const timed = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const begun = performance.now()
    const cpu = cpuUs()
    const result = yield* work
    return { result, ms: performance.now() - begun, cpuUs: cpuUs() - cpu }
  })

/** What lies in the tree by now: how fast it is grown anew, proven and verified. */
const tree = (store: Store, log: Audited) =>
  Effect.gen(function*() {
    const head = yield* log.signHead
    const proofs = yield* timed(Effect.forEach(
      Array.from({ length: 200 }, (_, n) => n),
      (n) => TreeProof.inclusion(log.store.tiles, Math.floor(head.size * n / 200), head.size)
    ))
    const whole = yield* timed(
      Stream.runLast(audit).pipe(
        Effect.provideService(EventStore, store),
        Effect.provideService(AuditLog.AuditLog, log)
      )
    )
    return { size: head.size, proofMs: proofs.ms / 200, auditPerSecond: head.size / whole.ms * 1_000 }
  })

export const auditBench = (ms: number, pairs: number): Effect.Effect<string, unknown> =>
  Effect.gen(function*() {
    const server = yield* serverPostgres
    const url = yield* server.newDatabase
    const folder = yield* temporaryFolder
    const store = Context.get(yield* Layer.build(PostgresEventStore.layer({ url })), EventStore)
    const scenario = (name: string, writers: number, size: number) =>
      compare(name, pairs, (audited) =>
        Effect.gen(function*() {
          yield* Effect.forkScoped(Stream.runDrain(store.follow(yield* store.head)))
          return yield* round(store, audited ? yield* start(url, store, folder) : null, ms, writers, size)
        }))
    const compared = [
      yield* scenario("1 event, 1 writer", 1, 1),
      yield* scenario("1 event, 64 writers", 64, 1),
      yield* scenario("10 events, 16 writers", 16, 10)
    ]
    const found = yield* Effect.scoped(Effect.flatMap(start(url, store, folder), (log) => tree(store, log)))
    const growing = yield* timed(Effect.scoped(Effect.gen(function*() {
      const memory = Context.get(yield* Layer.build(AuditStore.layerMemory), AuditStore)
      const log = yield* Layer.build(
        AuditLog.layer({
          key: fromSeed(Buffer.alloc(32, 2)),
          headFile: path.join(folder, "anew.head"),
          headEvery: "1 day"
        }).pipe(Layer.provide(Layer.merge(Layer.succeed(EventStore, store), Layer.succeed(AuditStore, memory))))
      )
      yield* Context.get(log, AuditLog.AuditLog).reaches(found.size)
    })))
    return [
      "| appends | without, events/s | with the audit, events/s | ratio | node CPU us/event without | with | ratio |",
      "|---|---|---|---|---|---|---|",
      ...compared.map((one) =>
        `| ${one.scenario} | ${
          [
            one.without.perSecond,
            one.with.perSecond,
            one.ratio,
            one.without.cpuUs,
            one.with.cpuUs,
            one.cpuRatio
          ].map(figure).join(" | ")
        } |`
      ),
      "",
      `Over a log of ${found.size} events: the tree is grown anew at ${
        figure(found.size / growing.ms * 1_000)
      } events/s, an ` +
      `event is proven in ${figure(found.proofMs)} ms, and \`vivim audit\` looks at ${
        figure(found.auditPerSecond)
      } events/s.`
    ].join("\n")
  }).pipe(Effect.scoped)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [seconds = "1", pairs = "15"] = process.argv.slice(2)
  const page = await Effect.runPromise(auditBench(Number(seconds) * 1_000, Number(pairs)))
  console.log(
    `${os.cpus().length} cores (${os.cpus()[0]?.model}), Node ${process.version}, load ${os.loadavg()[0]?.toFixed(1)}\n`
  )
  console.log(page)
}
