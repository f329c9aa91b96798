/** A process that appends and signs until it is killed: `tsx AuditVictim.ts <url> <folder>`. It says each head it has issued. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as AuditLog from "@vivim/audit/AuditLog"
import * as SqlAuditStore from "@vivim/audit/SqlAuditStore"
import { fromSeed } from "@vivim/crypto/SigningKey"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as path from "node:path"
import { events } from "./Events.ts"

const [address, folder] = process.argv.slice(2)
const url = Redacted.make(address!)

const node = AuditLog.layer({
  // The key of AuditWorld.ts, whose tests no process of its own can bring along.
  key: fromSeed(Buffer.alloc(32, 5)),
  headFile: path.join(folder!, "audit.head"),
  headEvery: "1 day"
}).pipe(
  Layer.provideMerge(Layer.mergeAll(
    PostgresEventStore.layer({ url }),
    Layer.provide(SqlAuditStore.layer, PgClient.layer({ url, maxConnections: 4 }))
  ))
)

const write = Effect.gen(function*() {
  const store = yield* EventStore
  const log = yield* AuditLog.AuditLog
  const stream = `tea/${process.pid}`
  const append = (n: number): Effect.Effect<never, unknown> =>
    Effect.flatMap(store.append(stream, n * 7, events(7)), () => append(n + 1))
  yield* Effect.forkScoped(append(0))
  return yield* Effect.forever(
    Effect.tap(
      log.signHead,
      ({ note, number }) => Effect.sync(() => process.stdout.write(`${JSON.stringify({ number, note })}\n`))
    )
  )
})

await Effect.runPromise(Effect.scoped(Effect.provide(write, node)))
