/**
 * A backup of a node: its accounts, its log up to one position, and every content, as they lie: sealed.
 *
 * A1  Everything up to the position at which it began is in it, and every content those events speak of; the node goes on meanwhile.
 * A2  Nothing private is in it in plain, nor the key that opens it.
 * A3  It is made as it is taken: memory does not grow with the log or the contents.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { Handle } from "@vivim/event-schemas/ids"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import type * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import * as BackupContents from "./BackupContents.ts"
import { type BackupRecord, BackupWriter, magic } from "./BackupFormat.ts"
import * as BackupKey from "./BackupKey.ts"
import * as BackupKeys from "./BackupKeys.ts"
import * as BackupMeans from "./BackupMeans.ts"
import type { Folders } from "./Folders.ts"
import { version } from "./Version.ts"

/** The accounts' keys cannot be read. */
export class AccountsUnreadable extends Data.TaggedError("AccountsUnreadable")<{ readonly cause: unknown }> {}

const isHandle = Schema.is(Handle)

/** Every account whose key lies in the data folder. */
export const accountsIn = ({ accounts }: Pick<Folders, "accounts">) =>
  Effect.try({
    try: () =>
      fs.readdirSync(accounts).toSorted().flatMap((name): ReadonlyArray<BackupKey.Account> => {
        const handle = path.basename(name, ".key")
        return name.endsWith(".key") && isHandle(handle)
          ? [{ handle, key: fs.readFileSync(path.join(accounts, name)) }]
          : []
      }),
    catch: (cause) => new AccountsUnreadable({ cause })
  })

/** The bytes of a backup that begins now. */
export const make = Effect.fn("Backup.make")(function*(at: Pick<Folders, "accounts">) {
  const eventStore = yield* EventStore
  const cipher = yield* PayloadCipher
  const sql = yield* SqlClient.SqlClient
  const upTo = yield* eventStore.head
  const header: BackupRecord = {
    kind: "header",
    createdAt: yield* Clock.currentTimeMillis,
    writtenBy: `VIVIM ${version}`,
    upTo,
    contents: yield* BackupContents.count,
    key: yield* BackupKey.markOf(cipher)
  }

  return Stream.suspend(() => {
    const writer = new BackupWriter()
    const accounts = Stream.fromIterableEffect(accountsIn(at)).pipe(
      Stream.mapEffect((account) => BackupKey.sealAccount(cipher, account)),
      Stream.map((sealed): ReadonlyArray<BackupRecord> => [{ kind: "account", sealed }])
    )
    const events = eventStore.readAll(0, { upTo }).pipe(Stream.chunks, Stream.map(recordsOf))
    const end = Effect.map(
      Effect.suspend(() => BackupKey.sealOf(cipher, writer.counts, writer.link)),
      (seal): ReadonlyArray<BackupRecord> => [{ kind: "end", counts: { ...writer.counts }, digest: writer.link, seal }]
    )
    return Stream.make<[ReadonlyArray<BackupRecord>]>([header]).pipe(
      // An account's key is there before its first event: read after the position was taken, none is missing.
      Stream.concat(accounts),
      // A data key is there before anything that is sealed with it.
      Stream.concat(Stream.provideService(BackupKeys.records, SqlClient.SqlClient, sql)),
      Stream.concat(Stream.provideService(BackupMeans.records, SqlClient.SqlClient, sql)),
      Stream.concat(events),
      // A content is there before the first event that speaks of it.
      Stream.concat(Stream.provideService(BackupContents.records, SqlClient.SqlClient, sql)),
      Stream.concat(Stream.fromEffect(end)),
      Stream.filter((records) => records.length > 0),
      Stream.map((records) => writer.put(records)),
      (bytes) => Stream.concat(Stream.make<[Uint8Array]>(magic), bytes)
    )
  })
})

const recordsOf = (events: Chunk.Chunk<RecordedEvent>): ReadonlyArray<BackupRecord> =>
  [...events].map((event) => ({ kind: "event", event }))
