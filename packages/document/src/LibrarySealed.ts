/**
 * Sealed conversations of a library: bytes the node cannot open, kept for the devices that can.
 *
 * Y1  Of a conversation that is sealed no title, tag, message, unit or word is in the file, and nothing is found by them.
 * Y2  What was sealed comes back as it came, its messages in their order, each where it hangs.
 * Y3  A sealed message that is deleted leaves no row; what was said after it follows what was said before.
 */
import type { SealedDocument, SealedSummary } from "@vivim/contract/Sealed"
import type { DocumentEvent } from "@vivim/event-schemas/document/index"
import type { SealedHead, SealedMessage } from "@vivim/event-schemas/document/Sealed"
import type { Database } from "@vivim/user-database/Database"
import * as LibraryTrash from "./LibraryTrash.ts"

type Restated = Extract<DocumentEvent, { readonly _tag: "document.SealedConversationRestated" }>

/** What stands in the place of where a sealed conversation comes from. */
const provider = "sealed"

export const tables: ReadonlyArray<string> = [
  `CREATE TABLE sealed (
    conversation INTEGER PRIMARY KEY,
    revision TEXT NOT NULL,
    generation INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    head BLOB NOT NULL,
    day INTEGER,
    files TEXT NOT NULL
  )`,
  `CREATE TABLE sealed_messages (
    conversation INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    id TEXT NOT NULL,
    parent TEXT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (conversation, ordinal),
    UNIQUE (conversation, id)
  ) WITHOUT ROWID`
]

/** By its number, or by its id. */
export const isSealed = (db: Database, conversation: number | string): boolean =>
  db.value(
    `SELECT 1 FROM sealed s JOIN conversations c ON c.number = s.conversation
     WHERE ${typeof conversation === "number" ? "c.number" : "c.id"} = ?`,
    conversation
  ) !== undefined

/** Those that no search looks into; what lies in the trash is not looked for. */
export const count = (db: Database): number =>
  db.value<number>("SELECT count(*) FROM sealed WHERE conversation NOT IN (SELECT conversation FROM trash)")!

/** Begins the conversation anew, without its messages. */
export const open = (db: Database, event: Restated, at: number, number: number): void => {
  db.run(
    `INSERT INTO conversations (number, id, provider, title, title_derived, updated_at, sorted_at, shown, branches, starred, archived,
       archived_at_source, warnings)
     VALUES (?, ?, ?, '', 0, ?, ?, 0, 0, 0, ?, 0, '[]')`,
    number,
    event.documentId,
    provider,
    event.head.day,
    event.head.day ?? at,
    event.archived ? 1 : 0
  )
  db.run(
    "INSERT INTO sealed VALUES (?, ?, ?, ?, ?, ?, '[]')",
    number,
    event.revision,
    event.key.generation,
    event.key.wrapped,
    event.head.sealed,
    event.head.day
  )
  addFiles(db, number, event.files)
  if (event.trash !== null) LibraryTrash.put(db, number, event.trash.since, event.trash.purgeAt)
}

const addFiles = (db: Database, number: number, files: Restated["files"]) => {
  if (files.length === 0) return
  const known = JSON.parse(db.value<string>("SELECT files FROM sealed WHERE conversation = ?", number)!)
  const all = files.map(({ bytes, hash, mime }) => ({ hash, bytes, mime }))
  db.run("UPDATE sealed SET files = ? WHERE conversation = ?", JSON.stringify([...known, ...all]), number)
}

export const put = (db: Database, number: number, messages: ReadonlyArray<SealedMessage>): void => {
  let ordinal = db.value<number>(
    "SELECT coalesce(max(ordinal), 0) FROM sealed_messages WHERE conversation = ?",
    number
  )!
  for (const { id, parent, sealed } of messages) {
    db.run("INSERT INTO sealed_messages VALUES (?, ?, ?, ?, ?)", number, ++ordinal, id, parent, sealed)
  }
  settle(db, number)
}

/** As of one that is served: how many messages there are, and how often it forks. */
const settle = (db: Database, number: number) =>
  db.run(
    `UPDATE conversations SET shown = t.count, branches = max(0, t.leaves - 1) FROM (
       SELECT count(*) AS count, total(id NOT IN (
         SELECT parent FROM sealed_messages WHERE conversation = ? AND parent IS NOT NULL)) AS leaves
       FROM sealed_messages WHERE conversation = ?) t WHERE number = ?`,
    number,
    number,
    number
  )

export const replaceHead = (db: Database, number: number, { day, sealed }: SealedHead): void => {
  db.run("UPDATE sealed SET head = ?, day = ? WHERE conversation = ?", sealed, day, number)
  db.run(
    "UPDATE conversations SET updated_at = ?, sorted_at = coalesce(?, sorted_at) WHERE number = ?",
    day,
    day,
    number
  )
}

export const append = (
  db: Database,
  number: number,
  { files, head, message }: Extract<DocumentEvent, { readonly _tag: "document.SealedMessageAppended" }>
): void => {
  replaceHead(db, number, head)
  addFiles(db, number, files)
  put(db, number, [message])
}

export const rewrap = (db: Database, number: number, { generation, wrapped }: SealedSummary["key"]): void => {
  db.run("UPDATE sealed SET generation = ?, wrapped = ? WHERE conversation = ?", generation, wrapped, number)
}

export const remove = (db: Database, number: number, id: string): void => {
  const row = db.get<{ readonly parent: string | null }>(
    "SELECT parent FROM sealed_messages WHERE conversation = ? AND id = ?",
    number,
    id
  )
  if (row === undefined) return
  db.run("DELETE FROM sealed_messages WHERE conversation = ? AND id = ?", number, id)
  db.run("UPDATE sealed_messages SET parent = ? WHERE conversation = ? AND parent = ?", row.parent, number, id)
  settle(db, number)
}

export const erase = (db: Database, number: number): void => {
  db.run("DELETE FROM sealed WHERE conversation = ?", number)
  db.run("DELETE FROM sealed_messages WHERE conversation = ?", number)
}

interface Row {
  readonly number: number
  readonly version: number
  readonly revision: string
  readonly generation: number
  readonly wrapped: Uint8Array
  readonly head: Uint8Array
  readonly day: number | null
  readonly files: string
}

/** All of a sealed conversation; null when there is no such one, or it is not sealed. */
export const read = (db: Database, documentId: string): SealedDocument | null => {
  const row = db.get<Row>(
    `SELECT c.number, c.version, s.revision, s.generation, s.wrapped, s.head, s.day, s.files
     FROM conversations c JOIN sealed s ON s.conversation = c.number WHERE c.id = ?`,
    documentId
  )
  if (row === undefined) return null
  const messages = db.all<SealedMessage>(
    "SELECT id, parent, sealed FROM sealed_messages WHERE conversation = ? ORDER BY ordinal",
    row.number
  )
  return {
    documentId,
    version: row.version,
    ...summaryOf(row),
    files: JSON.parse(row.files),
    messages: messages.map((message) => ({ ...message, sealed: bytes(message.sealed) }))
  } as unknown as SealedDocument
}

/** Plain bytes: a driver hands out a kind of its own. */
const bytes = (blob: Uint8Array) => new Uint8Array(blob)

export const summaryOf = ({ day, generation, head, revision, wrapped }: Omit<Row, "number" | "version" | "files">) =>
  ({ revision, key: { generation, wrapped: bytes(wrapped) }, head: { sealed: bytes(head), day } }) as SealedSummary
