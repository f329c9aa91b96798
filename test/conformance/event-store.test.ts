/** The laws of the event store, over its twin in memory, the embedded PostgreSQL and a PostgreSQL server. */
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as EmbeddedPostgres from "@vivim/node/EmbeddedPostgres"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { afterAll, beforeAll, describe, it } from "vitest"
import type { Store } from "./Events.ts"
import { eventStoreLaws } from "./EventStoreLaws.ts"
import { newDatabase, noServer, serverPostgres, temporaryFolder } from "./ServerPostgres.ts"

type Fresh = Effect.Effect<Store, unknown, Scope.Scope>

const laws = (name: string, fresh: () => Fresh) => {
  for (const { holds, title } of eventStoreLaws) {
    it(`${title} (${name})`, () => Effect.runPromise(Effect.scoped(Effect.flatMap(fresh(), holds))))
  }
}

/** Lives as long as the tests of a `describe`. */
const shared = <A>(make: Effect.Effect<A, unknown, Scope.Scope>): () => A => {
  const scope = Effect.runSync(Scope.make())
  let made: A
  beforeAll(async () => {
    made = await Effect.runPromise(Scope.extend(make, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return () => made
}

const onPostgres = (url: Effect.Effect<Redacted.Redacted<string>>): Fresh =>
  Effect.flatMap(url, (url) => Layer.build(PostgresEventStore.layer({ url }))).pipe(
    Effect.map(Context.get(EventStore))
  )

describe("the event store in memory", () => {
  laws("memory", () => Effect.map(Layer.build(EventStore.layerMemory), Context.get(EventStore)))
})

describe("the event store on the embedded PostgreSQL", () => {
  const server = shared(Effect.flatMap(temporaryFolder, (dataDir) => EmbeddedPostgres.start({ dataDir })))
  laws("embedded", () => onPostgres(newDatabase(server().url)))
})

// Without the system's PostgreSQL programs there is no server to test on; the embedded one shows the same.
describe.skipIf(noServer !== null)("the event store on a PostgreSQL server", () => {
  const server = shared(serverPostgres)
  laws("server", () => onPostgres(server().newDatabase))
})
