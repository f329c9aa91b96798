/** The PostgreSQL a node stands on: the one it brings along, or the server VIVIM_DATABASE_URL names. Same dialect, same code. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as EmbeddedPostgres from "./EmbeddedPostgres.ts"

export class NodeDatabase extends Context.Tag("@vivim/node/NodeDatabase")<NodeDatabase, {
  readonly kind: "embedded" | "server"
  readonly url: Redacted.Redacted<string>
}>() {}

/** The database cannot be used; `message` is one sentence that says what to do. */
export class DatabaseUnusable extends Data.TaggedError("DatabaseUnusable")<{ readonly message: string }> {}

class TooOld extends Data.TaggedError("TooOld")<{ readonly message: string }> {}

/** The oldest server whose SQL is ours. */
const OldestMajor = 15

export const layer = (options: {
  readonly url: Redacted.Redacted<string>
  readonly dataDir: string
  /** One process of several of this node. */
  readonly isOneOfSeveral?: boolean
}) =>
  Redacted.value(options.url) === ""
    ? Layer.map(
      Layer.provide(
        EmbeddedPostgres.layer({ dataDir: options.dataDir }),
        mayBeEmbedded(options.isOneOfSeveral === true)
      ),
      (context) =>
        Context.make(NodeDatabase, {
          kind: "embedded",
          url: Context.get(context, EmbeddedPostgres.EmbeddedPostgres).url
        })
    )
    : Layer.succeed(NodeDatabase, {
      kind: "server",
      url: options.isOneOfSeveral === true ? letGo(options.url) : options.url
    })

const mayBeEmbedded = (isOneOfSeveral: boolean): Layer.Layer<never, DatabaseUnusable> =>
  isOneOfSeveral
    ? Layer.fail(
      new DatabaseUnusable({
        message:
          "VIVIM_CLUSTER_ADDRESS is set, but several processes need one PostgreSQL server: set VIVIM_DATABASE_URL."
      })
    )
    : Layer.empty

/**
 * What a process that hangs, or whose host is gone without a word, holds in the database is let go of within seconds. Asked for by
 * each session, so that no server needs to be set up for it; PostgreSQL's own defaults would keep it for hours.
 */
const letGo = (url: Redacted.Redacted<string>): Redacted.Redacted<string> => {
  const address = new URL(Redacted.value(url))
  const settings = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3 " +
    "-c tcp_user_timeout=10000 -c idle_in_transaction_session_timeout=10000"
  const given = address.searchParams.get("options")
  address.searchParams.set("options", given === null ? settings : `${settings} ${given}`)
  return Redacted.make(address.href.replaceAll("+", "%20"))
}

/** Where a server is, without its password: for sentences people read. */
const whereabouts = (url: Redacted.Redacted<string>) => {
  try {
    const { host, pathname } = new URL(Redacted.value(url))
    return `${host}${pathname}`
  } catch {
    return "the address in VIVIM_DATABASE_URL"
  }
}

const reason = (cause: unknown): string => {
  const root = cause as {
    readonly code?: string
    readonly message?: string
    readonly cause?: unknown
    readonly errors?: ReadonlyArray<unknown>
  }
  if (root.errors?.[0] !== undefined) return reason(root.errors[0])
  return root.cause !== undefined ? reason(root.cause) : (root.message || root.code || String(cause))
}

/** A pool for views, snapshots and content; asks the server who it is before anything else does. */
export const sql = (
  connections: number
): Layer.Layer<SqlClient.SqlClient | PgClient.PgClient, DatabaseUnusable, NodeDatabase> =>
  Layer.unwrapEffect(Effect.map(NodeDatabase, ({ kind, url }) => {
    const unusable = (cause: unknown) =>
      new DatabaseUnusable({
        message:
          `The database ${kind === "embedded" ? "the node brings along" : whereabouts(url)} cannot be used: ${
            reason(cause)
          }. ` +
          (kind === "embedded" ? "Start the node again." : "Check VIVIM_DATABASE_URL and that the server is up.")
      })
    const client = PgClient.layer({
      url,
      maxConnections: connections,
      connectTimeout: "5 seconds",
      applicationName: "vivim"
    })
    const checked = Layer.effectDiscard(Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql<
        { readonly version: number }
      >`SELECT current_setting('server_version_num')::integer AS version`
      const major = Math.floor((row?.version ?? 0) / 10_000)
      if (major < OldestMajor) {
        return yield* new TooOld({ message: `it is PostgreSQL ${major}, and ${OldestMajor} or newer is needed` })
      }
    }))
    return Layer.provideMerge(checked, client).pipe(Layer.catchAll((cause) => Layer.fail(unusable(cause))))
  }))

/** Whether nothing has happened here yet: only then may a key be made, since a new one opens nothing that is there. */
export const isEmpty = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql<{ readonly log: string | null }>`SELECT to_regclass('event')::text AS log`
  if (found === undefined || found.log === null) return true
  const [first] = yield* sql`SELECT 1 FROM event LIMIT 1`
  return first === undefined
}).pipe(Effect.mapError((cause) => new DatabaseUnusable({ message: `The database cannot be read: ${reason(cause)}.` })))
