/**
 * A round on a clear road: the log stands where the committer believes, so the round is laid out to the last byte before the server is
 * asked, and goes in by COPY (a few rows by INSERT) behind one short call that takes the lock, moves the log on and wakes whom it
 * concerns. All of it leaves in one piece and is one transaction. What must be known to refuse others of the round is asked behind it,
 * under the same lock.
 *
 * U1  What is sent is what lies there, for every kind of column, and is one commit.
 * U2  A log that stands elsewhere takes nothing of the round, and says so.
 * U3  Who hangs in the middle of sending a round holds the log no longer than until somebody else comes who has waited in vain.
 */
import * as Effect from "effect/Effect"
import type { Round, Row } from "./AppendPlan.ts"
import { eventBytes } from "./AppendRules.ts"
import type { Tail } from "./PostgresAppend.ts"
import { findText, findValues, type Found, foundIn } from "./PostgresFind.ts"
import { MessageWriter } from "./PostgresMessages.ts"
import type { Session, SessionError } from "./PostgresSession.ts"
import { locks } from "./PostgresTables.ts"

const advance = "select event_advance($1, $2, $3, $4)"
const names =
  "position, version, at, event_id, schema_version, stream, type, owner, previous_hash, hash, meta, routing, private"
const copy = `copy event (${names}) from stdin (format binary)`
const columns = 13
/** Up to so many rows go in one by one: before it takes the first byte of a COPY the server says so, and both wake up once more. */
const fewMax = 4
const insert = `insert into event (${names}) values (${
  Array.from({ length: columns }, (_, i) => `$${i + 1}`).join(", ")
})`

/** Its statements are parsed once in the life of a session. */
export const prepare = (session: Session): Effect.Effect<void, SessionError> =>
  Effect.async((resume) => {
    const out = new MessageWriter(4_096)
    out.parse("advance", advance)
    out.parse("copy", copy)
    out.parse("insert", insert)
    out.parse("found", findText)
    session.post(out.sync(), (error) => resume(error === null ? Effect.void : Effect.fail(error)))
  })

/**
 * While the server waits for the rest of a COPY no timeout of its own ends it. Asked by every session that comes: those that waited for
 * the log are cut off by their statement's timeout, and come again. A round that has not come whole after `silentMs` does not come.
 */
export const freeLog = (session: Session, silentMs: number): Effect.Effect<void, SessionError> =>
  Effect.asVoid(session.ask({
    text: `select pg_terminate_backend(pid) from pg_locks join pg_stat_activity a using (pid)
      where locktype = 'advisory' and classid = ${locks.space} and objid = ${locks.append} and granted
        and a.datname = current_database() and a.usename = current_user and a.pid <> pg_backend_pid()
        and a.state = 'active' and a.wait_event = 'ClientRead' and a.query_start < now() - make_interval(secs => $1)`,
    values: [silentMs / 1_000]
  }))

/** What must be known to refuse others of a round that is kept, or why it is not kept. */
export type Verdict = Found | SessionError

const nothing: Found = { taken: new Map(), stands: new Map() }

/** Sends a round behind whatever was sent before, and says what became of it. */
export const send = (
  session: Pick<Session, "post">,
  tail: Tail,
  round: Pick<Round, "rows" | "doomed">,
  done: (verdict: Verdict) => void
): void =>
  session.post(
    written(tail, round),
    (error, told) => done(error ?? (round.doomed.length === 0 ? nothing : foundIn(JSON.parse(told.at(-1)!))))
  )

const signature = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1")
/** What a row has beside its texts and parts: lengths, numbers, id and hashes. */
const fixedBytes = 2 + columns * 4 + 3 * 8 + 2 + 16 + 2 * 32

const written = (tail: Tail, { doomed, rows }: Pick<Round, "rows" | "doomed">): Buffer => {
  const out = new MessageWriter(rows.reduce((sum, row) => sum + roomOf(row) + 64, 512))
  let { position } = tail
  out.execute("advance", 4, () => {
    out.room(256)
    out.int32(8)
    out.int64(position)
    out.bytes(tail.hash)
    out.int32(8)
    out.int64(position + rows.length)
    out.bytes(rows.at(-1)!.hash)
  })
  if (rows.length <= fewMax) {
    for (const row of rows) {
      out.execute("insert", columns, () => write(out, row, ++position))
    }
  } else writeCopy(out, rows, position)
  if (doomed.length > 0) {
    const [ids, streams] = findValues({ doomed })
    out.execute("found", 2, () => {
      out.room(ids.length + streams.length + 8)
      out.bytes(ids)
      out.bytes(streams)
    })
  }
  return out.sync()
}

const writeCopy = (out: MessageWriter, rows: ReadonlyArray<Row>, base: number): void => {
  let position = base
  out.execute("copy", 0, () => {})
  out.begin("d")
  out.raw(signature)
  for (const row of rows) {
    out.room(2)
    out.int16(columns)
    write(out, row, ++position)
  }
  out.room(64)
  out.int16(-1)
  out.end()
  out.begin("c")
  out.end()
}

/** A letter takes three bytes at most for each of its halves. */
const roomOf = (row: Row): number =>
  fixedBytes + 3 * (row.stream.length + row.type.length + row.owner.length) + eventBytes(row)

const write = (out: MessageWriter, row: Row, position: number): void => {
  out.room(roomOf(row))
  out.int32(8)
  out.int64(position)
  out.int32(8)
  out.int64(row.version)
  out.int32(8)
  out.int64(row.at)
  out.uuid(row.id)
  out.int32(2)
  out.int16(row.schemaVersion)
  out.text(row.stream)
  out.text(row.type)
  out.text(row.owner)
  out.bytes(row.previousHash)
  out.bytes(row.hash)
  out.bytes(row.meta)
  out.bytes(row.routing)
  out.bytes(row.private)
}
