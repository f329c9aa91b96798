/** Nodes for the tests of backup and restore: a real database each, filled with what they must bring back. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { ContentStore, type ContentStoreError } from "@vivim/content-store/ContentStore"
import { PartMax } from "@vivim/content-store/Parts"
import * as SqlContentStore from "@vivim/content-store/SqlContentStore"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as SqlVaultRows from "@vivim/crypto/vault/SqlVaultRows"
import { EventStore, type NewEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as SessionTables from "@vivim/session/SessionTables"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import pg from "pg"
import { keyBytes, noise } from "./BackupSample.ts"
import * as EmbeddedPostgres from "./EmbeddedPostgres.ts"
import * as NodeDatabase from "./NodeDatabase.ts"
import type { EmbeddedPostgresError } from "./PostgresError.ts"

/** A folder that is gone with the scope. */
export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "vivim-backup-"))),
  (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
)

const query = (url: Redacted.Redacted<string>, text: string): Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>> =>
  Effect.promise(() => {
    const client = new pg.Client({ connectionString: Redacted.value(url) })
    return client.connect().then(() => client.query({ text, rowMode: "array" })).then(({ rows }) => rows).finally(() =>
      client.end()
    )
  })

let databases = 0

/** A server that lives as long as the scope; each use makes an empty database on it. */
export const newDatabases: Effect.Effect<
  Effect.Effect<Redacted.Redacted<string>>,
  EmbeddedPostgresError,
  Scope.Scope
> = Effect.gen(function*() {
  const { url } = yield* EmbeddedPostgres.start({
    dataDir: yield* temporaryFolder,
    settings: { max_connections: "100" }
  })
  return Effect.suspend(() => {
    const address = new URL(Redacted.value(url))
    address.pathname = `/backup_${++databases}`
    return Effect.as(query(url, `create database ${address.pathname.slice(1)}`), Redacted.make(address.href))
  })
})

/** What a node's doors stand on, over a database of its own. */
export const ground = (url: Redacted.Redacted<string>, key: Uint8Array = keyBytes): Layer.Layer<
  EventStore | ContentStore | PayloadCipher | NodeDatabase.NodeDatabase | SqlClient.SqlClient | PgClient.PgClient,
  EventStoreError | ContentStoreError | NodeDatabase.DatabaseUnusable
> =>
  Layer.merge(
    PostgresEventStore.layer({ url }),
    SqlContentStore.layer({ bytesMax: 1 << 30, uploadIdleMax: Duration.hours(1) })
  ).pipe(
    Layer.provideMerge(Layer.orDie(Layer.effectDiscard(Effect.zipRight(
      SqlVaultRows.migrate,
      Effect.flatMap(SqlClient.SqlClient, SessionTables.migrate)
    )))),
    Layer.provideMerge(Layer.succeed(PayloadCipher, fromMasterKey(key))),
    Layer.provideMerge(NodeDatabase.sql(2)),
    Layer.provideMerge(Layer.succeed(NodeDatabase.NodeDatabase, { kind: "server", url }))
  )

/** Words that must not be found in any file of a backup. */
export const canary = "xylophone-marmalade-7719"

/** Bytes of the contents that `fill` keeps: none but a word, few, about one part, and several. */
export const contentSizes = [0, 11, 4_000, PartMax - 24, 2 * PartMax + 5]

const eventOf = Effect.fnUntraced(function*(stream: string, n: number) {
  const cipher = yield* PayloadCipher
  const id = yield* CommandIds.next
  const header = {
    stream,
    id,
    owner: `did:key:z${n % 3}`,
    type: n % 2 === 0 ? "document.MessageAppended" : "circle.CircleRenamed",
    schemaVersion: 1 + n % 2
  }
  return {
    ...header,
    at: 1_790_000_000_000 + n,
    meta: noise(`meta ${n}`, 50),
    routing: noise(`routing ${n}`, (n * 131) % 300),
    private: yield* EventSeal.seal(cipher, header, Buffer.from(`${canary} ${"tea ".repeat((n * 37) % 900)}`))
  } satisfies NewEvent
})

/** Appends so many events, over a few streams, some at a time. */
export const append = Effect.fnUntraced(function*(size: number, from = 0, atOnce = 5) {
  const store = yield* EventStore
  for (let n = from; n < from + size; n += atOnce) {
    const stream = `document/d${(n / atOnce) ** 2 % 11}`
    const events = yield* Effect.forEach(Array.from({ length: atOnce }, (_, i) => n + i), (n) => eventOf(stream, n))
    yield* store.append(stream, "any", events as unknown as readonly [NewEvent, ...Array<NewEvent>])
  }
})

/** Vaults with keys, of one owner and of one who has left; and means, of which one does not count. */
const keep = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.all([
    sql`INSERT INTO vault VALUES ('did:key:z1', ${noise("check", 32)}), ('did:key:z2', NULL)`,
    sql`INSERT INTO data_key SELECT 'did:key:z1', 'document/d' || n, 1, CASE WHEN n = 7 THEN NULL ELSE ${
      noise("wrapped", 60)
    }::bytea END FROM generate_series(1, 2500) n`,
    sql`INSERT INTO user_means (means_id, user_id, means, secret, name, added_at, used_at, counts, step, reference) VALUES
      ('a', 'did:key:z1', 'totp', ${noise("secret", 48)}, ${noise("name", 40)}, 5, 1790000000000, true, 59, NULL),
      ('b', 'did:key:z1', 'passkey', ${noise("other", 48)}, ${noise("label", 40)}, 6, NULL, true, 0, 'known by'),
      ('c', 'did:key:z2', 'totp', ${noise("third", 48)}, ${noise("new", 40)}, 7, NULL, false, 0, NULL)`,
    sql`INSERT INTO user_recovery_code VALUES ('did:key:z1', ${noise("code 1", 32)}), ('did:key:z1', ${
      noise("code 2", 32)
    })`
  ], { discard: true }))

/** Events, contents of several owners, and what belongs to some of them. */
export const fill = Effect.fnUntraced(function*(events = 200) {
  yield* append(events)
  yield* keep
  const contents = yield* ContentStore
  for (const size of contentSizes) {
    const bytes = Buffer.concat([Buffer.from(canary), noise(`content ${size}`, size)])
    yield* contents.putStream(`did:key:z${size % 3}`, Stream.make(bytes), size % 2 === 0 ? "text/plain" : "image/png")
  }
  for (let n = 0; n < 230; n++) yield* contents.put("did:key:z1", Buffer.from(`${canary} ${n}`), "text/plain")
})

const tables = {
  event: "select * from event order by position",
  content: "select * from content order by address",
  content_part: "select * from content_part order by place, part",
  log: "select last_position, last_hash from log",
  vault: "select * from vault order by owner",
  data_key: "select * from data_key order by owner, stream, generation",
  user_means: "select * from user_means where counts order by means_id",
  user_recovery_code: "select * from user_recovery_code order by user_id, hash"
}

/** Every row of a node's tables that a backup brings back, as one digest per table with its count. */
export const dump = (url: Redacted.Redacted<string>) =>
  Effect.all(
    Object.fromEntries(
      Object.entries(tables).map(([name, text]) => [
        name,
        Effect.map(query(url, text), (rows) => {
          const hash = createHash("sha256")
          for (const row of rows) {
            hash.update(JSON.stringify(row.map((value) => Buffer.isBuffer(value) ? value.toString("hex") : value)))
          }
          return `${rows.length} ${hash.digest("hex")}`
        })
      ])
    )
  )

/** What a restore that was cut off may leave: the tables, with nothing in them. */
export const isEmpty = (url: Redacted.Redacted<string>): Effect.Effect<boolean> =>
  Effect.map(
    query(
      url,
      `select (select count(*) from event) + (select count(*) from content) + (select count(*) from content_part) +
         (select last_position from log) + (select count(*) from vault) + (select count(*) from user_means)`
    ),
    ([row]) => Number(row![0]) === 0
  )

/** Puts an account's key where a node keeps it. */
export const putAccount = (folder: string, handle: string): void => {
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, `${handle}.key`), JSON.stringify({ kty: "OKP", d: `${canary} of ${handle}` }), {
    mode: 0o600
  })
}
