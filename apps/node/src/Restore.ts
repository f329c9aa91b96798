/**
 * Makes a node again from its backup: into an empty database and a data folder of its own.
 *
 * R1  What was in the backup is in the node: the log byte for byte, every content, every account.
 * R2  A backup that is damaged, cut off or changed, or was made under another key, is refused before anything is touched.
 * R3  All of it or nothing: a restore that is cut off leaves the database empty, and can be begun again.
 * R4  A database or a folder with anything of another node in it is refused.
 *
 * The file is read twice: once to find out whether it is sound, and once into one transaction, looked at in the same way,
 * so that a file that changes in between is refused as well. Views are not in a backup: the node builds them when it starts.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as SqlContentStore from "@vivim/content-store/SqlContentStore"
import * as SqlVaultRows from "@vivim/crypto/vault/SqlVaultRows"
import * as PostgresRestore from "@vivim/event-store/PostgresRestore"
import * as SessionTables from "@vivim/session/SessionTables"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import { BackupCheck, type BackupSummary, checked } from "./BackupCheck.ts"
import { type BackupRecord, BackupRefused } from "./BackupFormat.ts"
import * as BackupKey from "./BackupKey.ts"
import * as BackupKeys from "./BackupKeys.ts"
import * as BackupMeans from "./BackupMeans.ts"
import { BackupReader } from "./BackupReader.ts"
import { type Folders, prepare } from "./Folders.ts"
import * as NodeDatabase from "./NodeDatabase.ts"
import * as RestoreContents from "./RestoreContents.ts"
import * as RestoreFolder from "./RestoreFolder.ts"
import type { RestoreKey } from "./RestoreKey.ts"

/** Told how many bytes of how many were looked at. */
export type Watch = (read: number, size: number) => Effect.Effect<void>

/** A node that was made again. */
export interface Restored extends BackupSummary {
  readonly handles: ReadonlyArray<string>
}

const pageBytes = 1 << 20

const bytesOf = (file: string): Stream.Stream<Uint8Array, BackupRefused> =>
  Stream.fromAsyncIterable<Uint8Array, BackupRefused>(
    fs.createReadStream(file, { highWaterMark: pageBytes }),
    (cause) =>
      new BackupRefused({ message: `${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? cause}).` })
  )

/** Reads the whole file, page by page, and holds it against the key where there is one. */
const readThrough = Effect.fnUntraced(function*<E, R>(
  file: string,
  key: RestoreKey | null,
  watch: Watch,
  take: (records: ReadonlyArray<BackupRecord>) => Effect.Effect<unknown, E, R>
) {
  const check = new BackupCheck()
  const reader = new BackupReader()
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
  yield* checked(Stream.suspend(() => bytesOf(file)), check, reader).pipe(
    Stream.chunks,
    Stream.runForEach((records) => Effect.zipRight(take(Chunk.toReadonlyArray(records)), watch(reader.read, size)))
  )
  if (key !== null) yield* mustFit(check, key)
  return check.summary
})

/** Only now is it worth asking whose backup it is: before, a damaged mark would have looked like another key's. */
const mustFit = Effect.fnUntraced(function*({ end, header }: BackupCheck, { cipher, file }: RestoreKey) {
  const mark = yield* BackupKey.markOf(cipher)
  if (Buffer.compare(mark, header!.key) !== 0) {
    return yield* new BackupRefused({
      message:
        `The backup was made under another node key than ${file}: the node.key that was kept beside it is needed.`
    })
  }
  const seal = yield* BackupKey.sealOf(cipher, end!.counts, end!.digest)
  if (Buffer.compare(seal, end!.seal) !== 0) {
    return yield* new BackupRefused({
      message:
        "The backup was changed after it was made: it is sound in itself, but no node with this key vouched for it (in the last record)."
    })
  }
})

/** Whether a backup is whole and sound, and was made under this key; without a key, as far as that can be told. */
export const verify = Effect.fn("Restore.verify")((file: string, key: RestoreKey | null, watch: Watch) =>
  readThrough(file, key, watch, () => Effect.void)
)

const migrate = Effect.all([
  SqlContentStore.migrate,
  SqlVaultRows.migrate,
  Effect.flatMap(SqlClient.SqlClient, SessionTables.migrate)
], { discard: true })

/** A backup that was verified becomes the node in this folder. No node may run on it. */
export const run = Effect.fn("Restore.run")(
  function*(file: string, key: RestoreKey, at: Folders, watch: Watch) {
    yield* RestoreFolder.mustBeEmpty(at)
    yield* prepare(at)
    const { url } = yield* NodeDatabase.NodeDatabase
    // Looks at the server, and makes the tables a backup fills beside the log.
    yield* Layer.build(Layer.provide(
      Layer.effectDiscard(migrate),
      NodeDatabase.sql(1)
    ))
    const restoring = yield* PostgresRestore.begin(url)
    yield* mustHaveNoRows(restoring)

    const accounts: Array<BackupKey.Account> = []
    const keepContents = RestoreContents.keeper(restoring)
    const keepKeys = BackupKeys.keeper(restoring)
    const keepMeans = BackupMeans.keeper(restoring)
    const summary = yield* readThrough(file, key, watch, (records) =>
      Effect.gen(function*() {
        yield* restoring.keep(records.flatMap((record) => record.kind === "event" ? [record.event] : []))
        yield* keepKeys(records)
        yield* keepMeans(records)
        yield* keepContents(records)
        for (const record of records) if (record.kind === "account") accounts.push(yield* open(key, record.sealed))
      }))

    // Should the commit be lost, the files stay: they are the same ones when the restore is begun again.
    yield* Effect.uninterruptible(
      Effect.zipRight(RestoreFolder.furnish(at, { accounts, key: key.fresh }), restoring.commit)
    )
    return { ...summary, handles: accounts.map(({ handle }) => handle) } satisfies Restored
  },
  Effect.scoped
)

const open = (key: RestoreKey, sealed: Uint8Array) =>
  BackupKey.openAccount(key.cipher, sealed).pipe(
    Effect.catchAll(() => Effect.succeed(null)),
    Effect.filterOrFail(
      (account) => account !== null,
      () => new BackupRefused({ message: "The backup holds an account that this key does not open." })
    )
  )

/** What a node leaves in its database beside the log. */
export const leftovers: ReadonlyArray<string> = [
  ...["content", "content_part", "content_upload", "vault", "data_key", "vault_vacuum"],
  ...["vault_lock", "vault_news", "vault_gift", "vault_process"],
  ...["user_session", "session_spent", "user_means", "user_recovery_code", "rate_bucket"],
  ...["snapshot", "quarantined", "projection", "projection_part"],
  ...["process", "process_step", "process_memory", "process_refusal", "import_process", "import_home"],
  ...["node_key", "audit_tile", "audit_head", "event_segment", "vivim_runners", "vivim_locks"],
  ...["cluster_runners", "cluster_messages", "cluster_replies"]
]

const mustHaveNoRows = Effect.fnUntraced(function*({ ask }: PostgresRestore.Restoring) {
  for (const table of leftovers) {
    const [known] = yield* ask({ text: `select to_regclass('${table}') is not null` })
    if (known![0] !== true) continue
    const [found] = yield* ask({ text: `select exists (select from ${table})` })
    if (found![0] === true) {
      return yield* new RestoreFolder.TargetNotEmpty({
        message:
          `The log of the database is empty, but its table "${table}" is not: give the restore a database of its own.`
      })
    }
  }
})
