/**
 * Looks at the database a node is to stand on: the programs it brings along, or the server that was named.
 *
 * X3  A server that cannot be reached, keeps its text in another encoding or grants too little is told from a good one.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import type { NodeConfig } from "../../../effect.config.ts"
import { fail, type Finding, look, ok } from "./DoctorFinding.ts"
import * as NodeDatabase from "./NodeDatabase.ts"
import * as PostgresPrograms from "./PostgresPrograms.ts"
import { userFor } from "./PostgresUser.ts"

const check = "database"

export const database = ({ databaseUrl, dataDir }: NodeConfig["node"]): Effect.Effect<ReadonlyArray<Finding>> =>
  look(check, Redacted.value(databaseUrl) === "" ? embedded(path.resolve(dataDir)) : Effect.scoped(server(databaseUrl)))

/** Only the programs are tried out: the node's own server is not started, nor is a folder made that is not there. */
const embedded = (dataDir: string) =>
  Effect.gen(function*() {
    const made = fs.existsSync(dataDir) ? fs.readdirSync(dataDir).find((name) => /^pg\d+$/.test(name)) : undefined
    const user = yield* userFor(path.join(dataDir, made ?? "pg"))
    const programs = yield* PostgresPrograms.npmPrograms(
      fs.existsSync(dataDir) ? dataDir : path.join(os.tmpdir(), "vivim"),
      user
    )
    const { major } = programs
    if (made !== undefined && made !== `pg${major}`) {
      return [fail(
        check,
        `The data in ${path.join(dataDir, made)} was written by PostgreSQL ${
          made.slice(2)
        }, and this version of VIVIM brings ${major}.`,
        "Make a backup with the version that wrote it, and restore it into a new folder with this one."
      )]
    }
    const whose = user === null ? "" : `, as the user "${user.name}"`
    return [
      ok(
        check,
        `The embedded PostgreSQL ${major} runs on this machine${whose}; ${
          made === undefined ? "its data is made at the first start" : "its data is there"
        }.`
      )
    ]
  })

interface About {
  readonly version: string
  readonly encoding: string
  readonly may_create: boolean
}

const server = (url: Redacted.Redacted<string>) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(
      NodeDatabase.sql(1).pipe(Layer.provide(Layer.succeed(NodeDatabase.NodeDatabase, { kind: "server", url })))
    )
    const sql = Context.get(context, SqlClient.SqlClient)
    const [about] = yield* sql<About>`
      SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
        has_database_privilege(current_database(), 'CREATE') AND has_schema_privilege('public', 'CREATE') AS may_create`
    return [judge(about!)]
  })

const judge = ({ encoding, may_create, version }: About): Finding => {
  if (encoding !== "UTF8") {
    return fail(
      check,
      `The database keeps its text as ${encoding}.`,
      "Make one with `create database … encoding 'UTF8' template template0`."
    )
  }
  if (!may_create) {
    return fail(
      check,
      "The database's user may not make tables and schemas in it.",
      "Make the user the owner of the database, or grant it CREATE on the database and on schema public."
    )
  }
  return ok(check, `The PostgreSQL ${version} server answers, and the node may make its tables there.`)
}
