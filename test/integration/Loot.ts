/**
 * The strongest reader of a node's disk: with every file and row there is, the node's key and the owner's store key. Everything that any key
 * left opens is opened, and told with where it lay; the pages of users' files with what is free in them.
 */
import * as Parts from "@vivim/content-store/Parts"
import type { Cipher } from "@vivim/crypto/Cipher"
import { PayloadUnreadable } from "@vivim/crypto/Cipher"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { DataKey, generationOf, suite } from "@vivim/crypto/vault/DataKey"
import { KeyRing, secretsOf } from "@vivim/crypto/vault/KeyRing"
import type { KeyRow } from "@vivim/crypto/vault/VaultRows"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { BackupRecord } from "@vivim/node/BackupFormat"
import { BackupReader } from "@vivim/node/BackupReader"
import * as SealedSqlite from "@vivim/user-database/SealedSqlite"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import pg from "pg"
import { temporary } from "../e2e/NodeProcess.ts"

/** Bytes that were opened, place by place. */
export interface Loot {
  readonly recentEvents: ReadonlyArray<Buffer>
  readonly archivedEvents: ReadonlyArray<Buffer>
  readonly snapshots: ReadonlyArray<Buffer>
  readonly contents: ReadonlyArray<Buffer>
  /** Every page of the library's file, deciphered. */
  readonly view: ReadonlyArray<Buffer>
  /** Every row of every table, as it lies. */
  readonly tables: ReadonlyArray<Buffer>
  /** What is wrapped under the store key, by stream: itself sealed, and told from all else. */
  readonly keys: ReadonlyArray<KeyRow>
}

const recordsOf = (backup: string): ReadonlyArray<BackupRecord> =>
  new BackupReader().push(fs.readFileSync(backup)).map(({ record }) => record)

/** The database a running node brought along, by what lies on its disk. */
const databaseOf = async (dataDir: string): Promise<pg.Client> => {
  const cluster = path.join(dataDir, fs.readdirSync(dataDir).find((name) => /^pg\d+$/.test(name))!)
  const client = new pg.Client({
    host: "127.0.0.1",
    port: Number(fs.readFileSync(path.join(cluster, "cluster", "postmaster.pid"), "utf8").split("\n")[3]),
    user: "vivim",
    password: fs.readFileSync(path.join(cluster, "password"), "utf8").trim(),
    database: "vivim"
  })
  await client.connect()
  return client
}

/** Opens what these keys open; of all else nothing. */
const picklock = (owner: string, storeKey: Uint8Array, nodeKey: Uint8Array, keys: ReadonlyArray<KeyRow>) => {
  const node = fromMasterKey(nodeKey)
  const ring = new KeyRing(secretsOf(storeKey, 1), { owner, generation: 1, bridge: null }, keys, 0)
  const open: Cipher["open"] = (subject, context, sealed) => {
    if (sealed[0] !== suite) return node.open(subject, context, sealed)
    return Effect.try({
      try: () => {
        const key = ring.find(subject.stream, generationOf(sealed))
        if (!(key instanceof DataKey)) throw new Error("no such key")
        return key.open(context, sealed)
      },
      catch: (cause) => new PayloadUnreadable({ ...subject, reason: String(cause) })
    })
  }
  const filesKeys = keys.flatMap(({ generation, stream }) => {
    const key = stream === "file/library" ? ring.find(stream, generation) : null
    return key instanceof DataKey ? [key.raw()] : []
  })
  return { cipher: { ...node, open } satisfies Cipher, filesKeys }
}

const opened = async <A extends Uint8Array, E>(work: Effect.Effect<A, E>): Promise<ReadonlyArray<Buffer>> =>
  Effect.runPromise(Effect.match(work, { onFailure: () => [], onSuccess: (bytes) => [Buffer.from(bytes)] }))

/** The pages of a copy, free ones too. */
const pagesOf = (dataDir: string, keys: ReadonlyArray<Uint8Array>): ReadonlyArray<Buffer> => {
  const users = path.join(dataDir, "users")
  const names = fs.readdirSync(users, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(".sqlite"))
  const folder = temporary("pages")
  for (const name of names) fs.copyFileSync(path.join(users, name), path.join(folder, path.basename(name)))
  return names.filter((name) => name.endsWith(".sqlite")).flatMap((name) => {
    const file = path.join(folder, path.basename(name))
    try {
      const db = SealedSqlite.open(file, keys)
      db.pragma("journal_mode = DELETE")
      db.pragma("rekey = ''")
      db.close()
      return [fs.readFileSync(file)]
    } catch {
      return []
    }
  })
}

/** Of a running node, with a backup made just now: it holds the log whole, wherever that lies. */
export const steal = async (
  dataDir: string,
  backup: string,
  owner: string,
  storeKey: Uint8Array
): Promise<Loot> => {
  const database = await databaseOf(dataDir)
  const rows = async (text: string) => (await database.query(text)).rows as ReadonlyArray<any>
  try {
    const keys: ReadonlyArray<KeyRow> = await rows("SELECT * FROM data_key WHERE wrapped IS NOT NULL")
    const nodeKey = fs.readFileSync(path.join(dataDir, "node.key"))
    const { cipher, filesKeys } = picklock(owner, storeKey, nodeKey, keys)
    const [{ archived }] = await rows("SELECT coalesce(max(last), 0)::integer AS archived FROM event_segment")
    const events = async (isWanted: (position: number) => boolean) =>
      (await Promise.all(
        recordsOf(backup).map((record) =>
          record.kind === "event" && isWanted(record.event.position)
            ? opened(cipher.open(record.event, EventSeal.context(record.event), record.event.private))
            : []
        )
      )).flat()
    const snapshots = await Promise.all((await rows("SELECT * FROM snapshot")).map((row) => {
      const { owner, sealed } = Canonical.decode(row.state) as { readonly owner: string; readonly sealed: Uint8Array }
      const context = Canonical.encode(["vivim-snapshot/1", row.stream, Number(row.version), row.schema_version])
      return opened(cipher.open({ owner, stream: row.stream }, context, sealed))
    }))
    const contents = await Promise.all(
      (await rows("SELECT place, part, sealed FROM content_part")).map(({ part, place, sealed }) =>
        opened(Parts.open(cipher, owner, place, part, sealed))
      )
    )
    const tables = await rows(
      "SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables WHERE table_schema IN ('public', 'registry')"
    )
    const texts: Array<ReadonlyArray<any>> = []
    for (const { name } of tables) texts.push(await rows(`SELECT row_to_json(t)::text AS text FROM ${name} t`))
    return {
      recentEvents: await events((position) => position > archived),
      archivedEvents: await events((position) => position <= archived),
      snapshots: snapshots.flat(),
      contents: contents.flat(),
      view: pagesOf(dataDir, filesKeys),
      tables: texts.flat().map(({ text }) => Buffer.from(text)),
      keys
    }
  } finally {
    await database.end()
  }
}
