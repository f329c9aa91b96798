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
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { brokenFiles, brokenNodes } from "./BrokenViews.ts"
import type { Law } from "./Law.ts"
import { rebuildLaws } from "./RebuildLaws.ts"
import { registryLaws } from "./RegistryLaws.ts"
import { noServer, serverPostgres, type TestServer } from "./ServerPostgres.ts"
import { standstillLaws } from "./StandstillLaws.ts"
import { tamperable, userFaultLaws } from "./UserFaultLaws.ts"
import { userFileLaws } from "./UserFileLaws.ts"
import { type ViewWorld, world } from "./ViewWorld.ts"

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

  const held = ({ holds }: Law<ViewWorld>) =>
    Effect.suspend(() => world(sql)).pipe(Effect.flatMap(holds), Effect.scoped, Effect.provide(quiet))

  for (const law of [...registryLaws, ...rebuildLaws, ...standstillLaws, ...userFileLaws, ...userFaultLaws]) {
    it(law.title, () => Effect.runPromise(held(law)))
  }

  /** What is broken fails its law, or never gets as far as its end. */
  const notices = (law: Law<ViewWorld>) =>
    Effect.runPromise(held(law).pipe(Effect.timeout("8 seconds"), Effect.exit)).then((exit) =>
      assert.isTrue(Exit.isFailure(exit), `nobody noticed: ${law.title}`)
    )

  for (const broken of brokenFiles) {
    it(`a law notices where ${broken.how}`, () => {
      const law = tamperable.map((law) => law(broken.break)).find(({ title }) => title.startsWith(broken.law))
      return notices(law ?? assert.fail(`there is no law ${broken.law}`))
    })
  }

  for (const broken of brokenNodes) {
    it(`a law notices where ${broken.how}`, () => {
      const law = standstillLaws.find(({ title }) => title.startsWith(broken.law)) ?? assert.fail(broken.law)
      return notices({ ...law, holds: (world) => law.holds(broken.break(world)) })
    })
  }
})
