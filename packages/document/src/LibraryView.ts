/**
 * One user's library as rows: their conversations, messages, atomic chat units, tags and words.
 *
 * L1  Conversations hold what the events say: the tree in the order it came, every block as it was, counts of what is shown.
 * L2  The owner's title wins over the export's, and that over the first words.
 * L3  Rows depend on the events alone, never on batches; a chunk that comes again changes nothing.
 * L4  A deleted conversation leaves no row and no word of it in the file.
 * L5  A changed message is found by its new words only, and its units are the new ones.
 * L7  A deleted message leaves no row and no word; what was restated is as it was, whatever became of the events before.
 * L8  How many changes a conversation has had stands with it: whoever read it can say what they go on from.
 * L6  What an event changed is touched: the library and the one conversation.
 */
import type { DocumentEvent } from "@vivim/event-schemas/document/index"
import type { Database } from "@vivim/user-database/Database"
import type { Fact, UserView } from "@vivim/user-database/UserView"
import * as LibraryMessages from "./LibraryMessages.ts"
import * as LibraryRestated from "./LibraryRestated.ts"
import * as LibrarySealed from "./LibrarySealed.ts"
import { tables } from "./LibraryTables.ts"
import * as LibraryTitles from "./LibraryTitles.ts"
import * as LibraryTrash from "./LibraryTrash.ts"

type Handlers = {
  readonly [Tag in DocumentEvent["_tag"]]: (
    db: Database,
    event: Extract<DocumentEvent, { readonly _tag: Tag }>,
    fact: Fact
  ) => void
}
type Imported = Extract<DocumentEvent, { readonly _tag: "document.ConversationImported" }>

/** The keys watchers wait on. A search goes through everything a library holds, and waits on that. */
export const keys = {
  library: (did: string) => `library/${did}`,
  /** All of it came or went at once. */
  whole: (did: string) => `library/${did}/`,
  conversation: (did: string, documentId: string) => `library/${did}/${documentId}`
}

const numberOf = (db: Database, documentId: string) =>
  db.value<number>("SELECT number FROM conversations WHERE id = ?", documentId)

/** Runs the change when the conversation is there: views forgive what actors would refuse. */
const change =
  <E extends { readonly documentId: string }>(run: (db: Database, number: number, event: E, fact: Fact) => void) =>
  (db: Database, event: E, fact: Fact) => {
    const number = numberOf(db, event.documentId)
    if (number !== undefined) run(db, number, event, fact)
  }

/** Its number is the position of the event that brought it: the same, whatever was deleted meanwhile. */
const open = (db: Database, documentId: string, provider: string, at: number, number: number): number => {
  db.run(
    `INSERT INTO conversations (number, id, provider, title, title_derived, sorted_at, shown, branches, starred, archived,
       archived_at_source, warnings)
     VALUES (?, ?, ?, '', 1, ?, 0, 0, 0, 0, 0, '[]')`,
    number,
    documentId,
    provider,
    at
  )
  return number
}

/** Puts messages in, and what they change about the head. */
const put = (db: Database, added: LibraryMessages.Put) => {
  const number = added.conversation
  const { branches, firstAt, lastAt, shown } = LibraryMessages.put(db, added)
  db.run(
    `UPDATE conversations SET shown = ?, branches = ?, created_at = coalesce(created_at, ?),
       updated_at = nullif(max(coalesce(updated_at, -1), coalesce(?, -1)), -1) WHERE number = ?`,
    shown,
    branches,
    firstAt,
    lastAt,
    number
  )
  db.run("UPDATE conversations SET sorted_at = coalesce(updated_at, created_at, sorted_at) WHERE number = ?", number)
  LibraryTitles.settle(db, number)
}

/** The provider stays as it was: a conversation's id is made of it, and its messages are marked with it. */
const importHead = (db: Database, number: number, event: Imported) => {
  const before = event.chunk.index === 0
    ? []
    : JSON.parse(db.value<string>("SELECT warnings FROM conversations WHERE number = ?", number)!)
  db.run(
    `UPDATE conversations SET source_id = ?, import_id = ?, source_title = coalesce(?, source_title),
       model = coalesce(?, model), project = coalesce(?, project), leaf = coalesce(?, leaf), starred = ?,
       archived_at_source = ?, warnings = ?, created_at = coalesce(?, created_at),
       updated_at = nullif(max(coalesce(updated_at, -1), coalesce(?, -1)), -1) WHERE number = ?`,
    event.sourceId,
    event.importId,
    event.title,
    event.model,
    event.project,
    event.leaf,
    event.starred ? 1 : 0,
    event.archived ? 1 : 0,
    JSON.stringify([...before, ...event.warnings]),
    event.createdAt,
    event.updatedAt,
    number
  )
}

const handlers: Handlers = {
  "document.ConversationStarted": (db, { documentId, title }, { at, position }) => {
    if (numberOf(db, documentId) !== undefined) return
    const number = open(db, documentId, "vivim", at, position)
    db.run(
      "UPDATE conversations SET given_title = ?, created_at = ?, updated_at = ? WHERE number = ?",
      title,
      at,
      at,
      number
    )
    LibraryTitles.settle(db, number)
  },
  "document.ConversationImported": (db, event, { at, position }) => {
    const known = numberOf(db, event.documentId)
    const number = known ?? open(db, event.documentId, event.provider, at, position)
    importHead(db, number, event)
    const time = event.createdAt ?? event.updatedAt ?? at
    put(db, { conversation: number, position, messages: event.messages, time, fresh: known === undefined })
  },
  "document.MessageAppended": change((db, number, { message }, { at, position }) => {
    put(db, { conversation: number, position, messages: [message], time: at, fresh: false })
    db.run(
      `UPDATE conversations SET leaf = ?, updated_at = max(coalesce(updated_at, 0), ?),
         sorted_at = max(coalesce(updated_at, 0), ?) WHERE number = ?`,
      message.id,
      message.at ?? at,
      message.at ?? at,
      number
    )
  }),
  "document.ConversationRenamed": change((db, number, { title }) => {
    db.run("UPDATE conversations SET given_title = ? WHERE number = ?", title, number)
    LibraryTitles.settle(db, number)
  }),
  "document.ConversationTagged": change((db, number, { tag }) => {
    db.run("INSERT INTO tags VALUES (?, ?) ON CONFLICT DO NOTHING", number, tag)
    LibraryTitles.settle(db, number, true)
  }),
  "document.ConversationUntagged": change((db, number, { tag }) => {
    db.run("DELETE FROM tags WHERE conversation = ? AND tag = ?", number, tag)
    LibraryTitles.settle(db, number, true)
  }),
  "document.ConversationArchived": change((db, number) => {
    db.run("UPDATE conversations SET archived = 1 WHERE number = ?", number)
  }),
  "document.ConversationUnarchived": change((db, number) => {
    db.run("UPDATE conversations SET archived = 0 WHERE number = ?", number)
  }),
  "document.ConversationTrashed": change((db, number, { purgeAt }, { at }) =>
    LibraryTrash.put(db, number, at, purgeAt)
  ),
  "document.ConversationRestored": change((db, number) => LibraryTrash.take(db, number)),
  "document.MessageDeleted": change((db, number, { messageId }) => {
    if (LibrarySealed.isSealed(db, number)) return LibrarySealed.remove(db, number, messageId)
    const removed = LibraryMessages.remove(db, number, messageId)
    if (removed === null) return
    const { parent, tree: { branches, shown } } = removed
    db.run(
      "UPDATE conversations SET shown = ?, branches = ?, leaf = CASE WHEN leaf = ? THEN ? ELSE leaf END WHERE number = ?",
      shown,
      branches,
      messageId,
      parent,
      number
    )
    LibraryTitles.settle(db, number)
  }),
  "document.ConversationRestated": (db, event, { position }) => {
    const known = numberOf(db, event.documentId)
    if (event.chunk.index === 0 && known !== undefined) erase(db, known)
    const number = event.chunk.index === 0 ? LibraryRestated.open(db, event, position) : known
    if (number === undefined) return
    put(db, {
      conversation: number,
      position,
      messages: event.messages,
      time: event.createdAt ?? event.updatedAt ?? event.sortedAt,
      fresh: event.chunk.index === 0
    })
    LibraryTitles.settle(db, number, true)
  },
  "document.SealedConversationRestated": (db, event, { at, position }) => {
    const known = numberOf(db, event.documentId)
    if (event.chunk.index === 0) {
      if (known !== undefined) erase(db, known)
      LibrarySealed.open(db, event, at, position)
    }
    const number = numberOf(db, event.documentId)
    if (number !== undefined) LibrarySealed.put(db, number, event.messages)
  },
  "document.SealedMessageAppended": change((db, number, event) => LibrarySealed.append(db, number, event)),
  "document.SealedHeadReplaced": change((db, number, { head }) => LibrarySealed.replaceHead(db, number, head)),
  "document.SealedKeyRewrapped": change((db, number, { key }) => LibrarySealed.rewrap(db, number, key)),
  // What it is from then on is said right after.
  "document.ConversationSealed": () => undefined,
  "document.ConversationUnsealed": () => undefined,
  "document.ConversationDeleted": change((db, number) => erase(db, number))
}

const erase = (db: Database, number: number) => {
  LibraryMessages.erase(db, number)
  LibrarySealed.erase(db, number)
  LibraryTitles.unindex(db, number)
  LibraryTrash.take(db, number)
  db.run("DELETE FROM tags WHERE conversation = ?", number)
  db.run("DELETE FROM conversations WHERE number = ?", number)
}

const erasing: ReadonlySet<string> = new Set<DocumentEvent["_tag"]>([
  "document.ConversationDeleted",
  "document.ConversationRestated",
  "document.MessageDeleted",
  "document.SealedConversationRestated"
])

const isKnown = (tag: string): tag is DocumentEvent["_tag"] => Object.hasOwn(handlers, tag)

const touches = ({ event, owner }: Fact): ReadonlyArray<string> => {
  if (isKnown(event._tag)) return [keys.library(owner), keys.conversation(owner, event["documentId"])]
  // Whoever still watches sees that it is gone.
  return event._tag === "user.UserDeleted" ? [keys.library(owner)] : []
}

export const LibraryView: UserView = {
  name: "library",
  version: 6,
  // Queries ask for what is sealed, which older files have not.
  readableFrom: 6,
  tables: [...tables, ...LibraryTrash.tables, ...LibrarySealed.tables],
  apply: (db, fact) => {
    if (!isKnown(fact.event._tag)) return
    handlers[fact.event._tag](db, fact.event as never, fact)
    db.run("UPDATE conversations SET version = ? WHERE id = ?", fact.version, fact.event["documentId"])
  },
  touches,
  wakes: (did) => [keys.library(did), keys.whole(did)],
  erases: ({ event }) => erasing.has(event._tag)
}
