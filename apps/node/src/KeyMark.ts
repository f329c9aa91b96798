/**
 * Holds the node's keys against the database: marks of the keys it was written with, that tell one key from another and no key.
 *
 * Y1  A node whose key is not the one the database was written with does not start, and its operator is told what to do.
 * Y2  The first node on an empty database leaves its marks; of several that begin at once, one does.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { Cipher } from "@vivim/crypto/Cipher"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { markOf } from "./BackupKey.ts"
import type { Folders } from "./Folders.ts"

/** Not the right key; `message` is one sentence that says what to do. */
export class WrongKey extends Data.TaggedError("WrongKey")<{ readonly message: string }> {}

const wrong = (file: string) =>
  new WrongKey({
    message:
      `The key ${file} is not the one this database was written with: put the right file there. All processes of ` +
      "a node have the same keys; VIVIM_KEYS_DIR names their folder."
  })

const table = (sql: SqlClient.SqlClient) =>
  sql.withTransaction(Effect.zipRight(
    sql`SELECT pg_advisory_xact_lock(7306, 0)`,
    sql`CREATE TABLE IF NOT EXISTS node_key (name text PRIMARY KEY, mark bytea NOT NULL)`
  ))

const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

/** Of the events a key is tried on: some may have been sealed for someone whose key is gone. */
const TriedMax = 50

/** Whether a database from before there were marks was written with this key: something of what it sealed first opens. */
const opensSome = (cipher: Cipher) =>
  Effect.gen(function*() {
    const eventStore = yield* EventStore
    const sealed = yield* eventStore.readAll(0).pipe(
      Stream.filter((event) => event.private.length > 0),
      Stream.take(TriedMax),
      Stream.mapEffect((event) => Effect.isSuccess(EventSeal.open(cipher, event))),
      Stream.runCollect
    )
    return sealed.length === 0 || [...sealed].includes(true)
  })

/** Leaves the mark where there is none; answers whether it is the one that is there. */
const agrees = (sql: SqlClient.SqlClient, name: string, mark: Uint8Array) =>
  Effect.gen(function*() {
    yield* sql`INSERT INTO node_key (name, mark) VALUES (${name}, ${mark}) ON CONFLICT (name) DO NOTHING`
    const [kept] = yield* sql<{ readonly mark: Uint8Array }>`SELECT mark FROM node_key WHERE name = ${name}`
    return kept !== undefined && same(kept.mark, mark)
  })

/** Holds the key that seals against the database. */
const check = Effect.fn("KeyMark.check")(function*(cipher: Cipher, file: string) {
  const sql = yield* SqlClient.SqlClient
  yield* table(sql)
  const [kept] = yield* sql`SELECT 1 FROM node_key WHERE name = 'node'`
  const isFirst = kept === undefined
  if (isFirst && !(yield* opensSome(cipher))) return yield* wrong(file)
  if (!(yield* agrees(sql, "node", yield* markOf(cipher)))) return yield* wrong(file)
})

export const layer = ({ nodeKey }: Pick<Folders, "nodeKey">) =>
  Layer.effectDiscard(Effect.flatMap(PayloadCipher, (cipher) => check(cipher, nodeKey)))

/** Holds the key that signs against the database, by its public half. */
export const checkAudit = Effect.fn("KeyMark.checkAudit")(function*(publicKey: Uint8Array, file: string) {
  const sql = yield* SqlClient.SqlClient
  yield* table(sql)
  if (!(yield* agrees(sql, "audit", publicKey))) return yield* wrong(file)
})
