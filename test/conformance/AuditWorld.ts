/** An audited log on a database of a test server, and an operator who can do to its rows what no node would. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as AuditLog from "@vivim/audit/AuditLog"
import { AuditStore } from "@vivim/audit/AuditStore"
import * as SqlAuditStore from "@vivim/audit/SqlAuditStore"
import type { AuditReport } from "@vivim/contract/Operator"
import { fromSeed } from "@vivim/crypto/SigningKey"
import * as EventHash from "@vivim/event-store/EventHash"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import type { Session } from "@vivim/event-store/PostgresSession"
import type { audit } from "@vivim/node/Audit"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as path from "node:path"
import { assert } from "vitest"
import { all, events, type Store } from "./Events.ts"
import { temporaryFolder } from "./ServerPostgres.ts"
import { open, operator, type Url } from "./StoresOnServer.ts"

const key = fromSeed(Buffer.alloc(32, 5))

export interface Audited {
  readonly store: Store
  readonly log: Context.Tag.Service<AuditLog.AuditLog>
}

/** A process of a node: its event store, its tree, its heads. `folder` is its data folder. */
export const start = (
  url: Url,
  folder: string,
  signer = key
): Effect.Effect<Audited, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const store = yield* open(url)
    const ground = Layer.merge(Layer.succeed(EventStore, store), onServer(url))
    const log = yield* Layer.build(
      Layer.provide(
        AuditLog.layer({ key: signer, headFile: path.join(folder, "audit.head"), headEvery: "1 day" }),
        // What the node would say of all the harm done here is the audit's to say.
        Layer.merge(ground, Logger.minimumLogLevel(LogLevel.None))
      )
    )
    return { store, log: Context.get(log, AuditLog.AuditLog) }
  })

/** An audit store on a database, for itself. */
export const onServer = (url: Url): Layer.Layer<AuditStore, unknown> =>
  Layer.provide(SqlAuditStore.layer, PgClient.layer({ url, maxConnections: 4 }))

/** Twelve events in three streams that take turns, and a head over each four of them. */
export const fill = ({ log, store }: Audited) =>
  Effect.forEach([0, 1, 2, 3], (round) =>
    Effect.gen(function*() {
      yield* Effect.forEach(["tea/1", "tea/2", "tea/3"], (stream) => store.append(stream, round, events(1)))
      if (round !== 1) yield* log.signHead
    }))

/** What an audit comes to at its end. */
export const reportOf = ({ log, store }: Audited, work: typeof audit): Effect.Effect<AuditReport, unknown> =>
  Stream.runLast(work).pipe(
    Effect.map((last) => last._tag === "Some" && "sound" in last.value ? last.value : assert.fail("no report")),
    Effect.provideService(EventStore, store),
    Effect.provideService(AuditLog.AuditLog, log)
  )

/** An audited log and what an operator may do; `again` is the same node, started anew. */
export const world = (url: Url) =>
  Effect.gen(function*() {
    const folder = yield* temporaryFolder
    const audited = yield* start(url, folder)
    const session = yield* operator(url)
    return { ...audited, folder, session, again: start(url, folder) }
  })

/** Lifts every guard that the database has. */
export const liftGuards = (session: Session) =>
  Effect.forEach([
    "alter table event disable trigger event_guard",
    "alter table event drop constraint event_place",
    "alter table audit_head disable trigger user",
    "alter table audit_tile disable trigger user"
  ], (text) => session.ask({ text }))

/** Writes an event anew, and every later one of its stream with it, so that each chain is whole. */
export const rewrite = (
  store: Store,
  session: Session,
  position: number,
  change: (event: RecordedEvent) => RecordedEvent
) =>
  Effect.gen(function*() {
    const log = yield* all(store.readAll(0))
    const first = log[position - 1]!
    const changed: Array<RecordedEvent> = []
    let previousHash = first.previousHash
    for (const event of log.filter(({ stream, version }) => stream === first.stream && version >= first.version)) {
      const next = { ...(event === first ? change(event) : event), previousHash }
      previousHash = EventHash.eventHash(next)
      changed.push({ ...next, hash: previousHash })
    }
    for (const { hash, position, previousHash, private: sealed, routing } of changed) {
      yield* session.ask({
        text: "update event set previous_hash = $2, hash = $3, private = $4, routing = $5 where position = $1",
        values: [position, Buffer.from(previousHash), Buffer.from(hash), Buffer.from(sealed), Buffer.from(routing)]
      })
    }
    return changed
  })
