/**
 * A node's views in a process of their own, to be killed: pots in PostgreSQL and cups in users' files, built anew again and again
 * while they follow the log. It says on stdout what it has done.
 *
 *   node --import tsx ViewChild.ts <database> <folder>
 */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as PgClient from "@effect/sql-pg/PgClient"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as SqlCheckpoints from "@vivim/projection/SqlCheckpoints"
import * as UserFiles from "@vivim/projection/UserFiles"
import * as Views from "@vivim/projection/Views"
import * as SqliteUserDatabases from "@vivim/user-database/SqliteUserDatabases"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { fileURLToPath } from "node:url"
import { cupsView } from "./Cups.ts"
import { pots } from "./Pots.ts"
import { temporaryFolder } from "./ServerPostgres.ts"
import { Everything } from "./ViewWorld.ts"

export const cipher = fromMasterKey(new Uint8Array(32).fill(7))

const files = (directory: string) => SqliteUserDatabases.layer({ directory, views: [cupsView()] })

/** The views of a node on this database, with its users' files in this folder. */
export const node = (url: Redacted.Redacted<string>, folder: string) =>
  Views.layer([
    pots(),
    UserFiles.make(cupsView(), {
      reads: Everything,
      scratch: Effect.flatMap(temporaryFolder, (scratch) =>
        Effect.map(Layer.build(files(scratch)), Context.get(UserDatabases))),
      checkpointEvery: "50 millis"
    })
  ]).pipe(
    Layer.provideMerge(files(folder)),
    Layer.provide(Layer.effectDiscard(SqlCheckpoints.migrate)),
    Layer.provideMerge(PostgresEventStore.layer({ url })),
    Layer.provideMerge(PgClient.layer({ url, maxConnections: 4 })),
    Layer.provide(Reactivity.layer),
    Layer.provide(Layer.succeed(PayloadCipher, cipher))
  )

const say = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

const live = Effect.gen(function*() {
  const views = yield* Views.Views
  yield* say("started")
  for (;;) {
    for (const view of views.names) {
      const { position } = yield* views.rebuild(view, () => Effect.void)!
      yield* say(`${view} ${position}`)
    }
  }
})

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url = "", folder = ""] = process.argv.slice(2)
  await Effect.runPromise(Effect.provide(live, node(Redacted.make(url), folder)) as Effect.Effect<never>)
}
