/** Views, on real PostgreSQL and in real users' files. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Scope from "effect/Scope"
import { afterAll, beforeAll, describe, it } from "vitest"
import { rebuildLaws } from "./RebuildLaws.ts"
import { registryLaws } from "./RegistryLaws.ts"
import { noServer, serverPostgres, type TestServer } from "./ServerPostgres.ts"
import { standstillLaws } from "./StandstillLaws.ts"
import { userFaultLaws } from "./UserFaultLaws.ts"
import { userFileLaws } from "./UserFileLaws.ts"
import { world } from "./ViewWorld.ts"

/** Views say in the log what stops them; here that is the point. */
const quiet = Logger.minimumLogLevel(LogLevel.None)

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("laws of views", () => {
  const scope = Effect.runSync(Scope.make())
  let sql: SqlClient.SqlClient
  beforeAll(() =>
    Effect.gen(function*() {
      const server: TestServer = yield* serverPostgres
      const url = yield* server.newDatabase
      sql = Context.get(yield* Layer.build(PgClient.layer({ url, maxConnections: 6 })), SqlClient.SqlClient)
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  for (
    const { holds, title } of [...registryLaws, ...rebuildLaws, ...standstillLaws, ...userFileLaws, ...userFaultLaws]
  ) {
    it(title, () =>
      Effect.suspend(() => world(sql)).pipe(
        Effect.flatMap((world) => holds(world)),
        Effect.scoped,
        Effect.provide(quiet),
        Effect.runPromise
      ))
  }
})
