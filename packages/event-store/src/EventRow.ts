/** An event as a row: its columns in the order in which they are asked for, and how a binary row of them becomes an event. */
import type { RecordedEvent } from "./EventStore.ts"
import { BinaryRow } from "./PostgresRows.ts"

/** In the order in which a row says them. */
export const columns =
  "position, stream, version, event_id, type, schema_version, owner, at, meta, routing, private, previous_hash, hash"

/** The columns in their order. */
export const eventOf = (row: BinaryRow): RecordedEvent => ({
  position: row.integer(),
  stream: row.text(),
  version: row.integer(),
  id: row.uuid(),
  type: row.text(),
  schemaVersion: row.integer(),
  owner: row.text(),
  at: row.integer(),
  meta: row.bytes(),
  routing: row.bytes(),
  private: row.bytes(),
  previousHash: row.bytes(),
  hash: row.bytes()
})

const columnsOf = columns.split(",").length

/** The bytes of such a row, for keeping: a copy. */
export const bytesOf = (row: BinaryRow): Buffer => row.copy(columnsOf)

const kept = new BinaryRow()

/** The event of a row that was kept. */
export const fromBytes = (bytes: Buffer): RecordedEvent => {
  kept.begin(bytes, 0)
  return eventOf(kept)
}

/** Of the event of a row that was kept: the first column. */
export const positionOf = (bytes: Buffer): number => Number(bytes.readBigInt64BE(6))
