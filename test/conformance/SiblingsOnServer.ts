/** A process of several on one database of a test server: connections of its own, and what it knows of the others. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { Siblings } from "@vivim/event-store/Siblings"
import * as SqlSiblings from "@vivim/event-store/SqlSiblings"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Url } from "./StoresOnServer.ts"

export const connected = (url: Url) =>
  Effect.map(
    Layer.build(PgClient.layer({ url, maxConnections: 8 })),
    (context) => Context.get(context, SqlClient.SqlClient)
  )

export const siblings = (sql: SqlClient.SqlClient) =>
  Effect.map(
    Layer.build(Layer.provide(SqlSiblings.layer, Layer.succeed(SqlClient.SqlClient, sql))),
    (context) => (context as Context.Context<any>).unsafeMap.get(Siblings.key) as Context.Tag.Service<Siblings>
  )
