/** Event stores on databases of a test server, and an operator's own sessions beside them. */
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as PostgresSession from "@vivim/event-store/PostgresSession"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { afterAll, beforeAll, it } from "vitest"
import type { Store } from "./Events.ts"
import { serverPostgres, type TestServer } from "./ServerPostgres.ts"

export type Url = Redacted.Redacted<string>

export const open = (
  url: Url,
  options: Partial<PostgresEventStore.Options> = {}
): Effect.Effect<Store, unknown, Scope.Scope> =>
  Effect.map(Layer.build(PostgresEventStore.layer({ url, ...options })), Context.get(EventStore))

/** An operator's own session. */
export const operator = (url: Url) => PostgresSession.open(url, "operator", [])

/** Asks again until the answer is as wanted: for what the server does in its own time. */
export const eventually = (what: Effect.Effect<boolean, unknown>) =>
  Effect.repeat(Effect.delay(what, 10), { until: (yes) => yes }).pipe(Effect.timeout("10 seconds"))

/** Makes tests of the `describe` it stands in, each on a database of its own. */
export const onServer = () => {
  const scope = Effect.runSync(Scope.make())
  let server: TestServer
  beforeAll(async () => {
    server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return (title: string, body: (url: Url) => Effect.Effect<void, unknown, Scope.Scope>, msMax?: number) =>
    it(title, () => Effect.runPromise(Effect.scoped(Effect.flatMap(server.newDatabase, body))), msMax)
}
