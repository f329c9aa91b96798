/** A conversation's head as a restated event carries it: written into a library from one, and read out of a library for one. */
import type { DocumentHead } from "@vivim/contract/Sealed"
import type { ConversationRestated } from "@vivim/event-schemas/document/index"
import type * as Event from "@vivim/event-schemas/Event"
import type { Database } from "@vivim/user-database/Database"
import * as LibraryTrash from "./LibraryTrash.ts"

type Restated = Event.Type<typeof ConversationRestated>

/** What of a restated event is said of the conversation as a whole, and stands in the library. */
type Head = Omit<Restated, "_tag" | "chunk" | "messages" | "imported" | "deleted" | "owner" | "trash" | "raws"> & {
  readonly trashed: { readonly since: number; readonly purgeAt: number } | null
  readonly archivedAtSource: boolean
}

/** Begins the conversation anew, without its messages. */
export const open = (db: Database, event: Restated, number: number): number => {
  db.run(
    `INSERT INTO conversations (number, id, provider, source_id, import_id, title, title_derived, given_title, source_title,
       model, project, created_at, updated_at, sorted_at, leaf, shown, branches, starred, archived, archived_at_source, warnings)
     VALUES (?, ?, ?, ?, ?, '', 1, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?)`,
    number,
    event.documentId,
    event.provider,
    event.sourceId,
    event.importId,
    event.title,
    event.sourceTitle,
    event.model,
    event.project,
    event.createdAt,
    event.updatedAt,
    event.sortedAt,
    event.leaf,
    event.starred ? 1 : 0,
    event.archived ? 1 : 0,
    event.imported.archived ? 1 : 0,
    JSON.stringify(event.warnings)
  )
  for (const tag of event.tags) db.run("INSERT INTO tags VALUES (?, ?) ON CONFLICT DO NOTHING", number, tag)
  if (event.trash !== null) LibraryTrash.put(db, number, event.trash.since, event.trash.purgeAt)
  return number
}

interface Row extends Omit<Head, "starred" | "archived" | "archivedAtSource" | "warnings" | "tags" | "trashed"> {
  readonly number: number
  readonly starred: number
  readonly archived: number
  readonly archivedAtSource: number
  readonly warnings: string
}

/** What a library says of a conversation as a whole; null when it is not there. */
export const read = (db: Database, documentId: string): Head | null => {
  const row = db.get<Row>(
    `SELECT number, id AS documentId, provider, source_id AS sourceId, import_id AS importId, given_title AS title,
       source_title AS sourceTitle, model, project, created_at AS createdAt, updated_at AS updatedAt, sorted_at AS sortedAt,
       leaf, starred, archived, archived_at_source AS archivedAtSource, warnings FROM conversations WHERE id = ?`,
    documentId
  )
  if (row === undefined) return null
  const { number, ...head } = row
  return {
    ...head,
    starred: row.starred === 1,
    archived: row.archived === 1,
    archivedAtSource: row.archivedAtSource === 1,
    warnings: JSON.parse(row.warnings),
    tags: db.values<Head["tags"][number]>("SELECT tag FROM tags WHERE conversation = ? ORDER BY tag", number),
    trashed: db.get<{ since: number; purgeAt: number }>(
      "SELECT trashed_at AS since, purge_at AS purgeAt FROM trash WHERE conversation = ?",
      number
    ) ?? null
  }
}

/** The same for its owner's device, and how many changes there were. */
export const readFor = (
  db: Database,
  documentId: string
): { readonly version: number; readonly head: DocumentHead } | null => {
  const said = read(db, documentId)
  if (said === null) return null
  const { archived: _, documentId: __, trashed: ___, ...head } = said
  const version = db.value<number>("SELECT version FROM conversations WHERE id = ?", documentId)!
  return { version, head: head as DocumentHead }
}
