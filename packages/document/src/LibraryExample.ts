/** Small libraries for tests: events stated briefly, applied to a file in memory. */
import type { Block, Message } from "@vivim/event-schemas/document/Message"
import { ContentHash, MessageId } from "@vivim/event-schemas/ids"
import * as SqliteFile from "@vivim/user-database/SqliteFile"
import type { Fact } from "@vivim/user-database/UserView"
import { createHash } from "node:crypto"
import { LibraryView } from "./LibraryView.ts"

export const owner = "did:key:zAda"

/** An empty library: at a path, or in memory. */
export const open = (file = ":memory:"): SqliteFile.SqliteFile =>
  SqliteFile.open(file, { did: owner, view: LibraryView, version: LibraryView.version })

/** Applies events one after the other, each its own batch. */
export const apply = (db: SqliteFile.SqliteFile, ...events: ReadonlyArray<Fact["event"]>): void =>
  events.forEach((event) => db.apply(LibraryView, [factOf(db.checkpoint + 1, event)]))

export const factOf = (position: number, event: Fact["event"]): Fact => ({
  position,
  stream: `document/${String(event["documentId"])}`,
  version: position,
  owner,
  at: 1_700_000_000_000 + position,
  event
})

type Said = Partial<Omit<Message, "id" | "parent" | "blocks">> & { readonly parent?: string | null }

/** A message that says one thing; its hash follows from all the rest, as an importer's does. */
export const message = (id: string, content: string | ReadonlyArray<Block>, said: Said = {}): Message => {
  const blocks: ReadonlyArray<Block> = typeof content === "string"
    ? [{ _tag: "Text", text: content, citations: [] }]
    : content
  const { parent = null, ...rest } = said
  const all = {
    id: MessageId.make(id),
    parent: parent === null ? null : MessageId.make(parent),
    role: "user" as const,
    author: null,
    model: null,
    at: null,
    hidden: null,
    ...rest,
    blocks
  }
  return { ...all, hash: ContentHash.make(createHash("sha256").update(JSON.stringify(all)).digest("hex")) }
}

/** A chunk of an imported conversation, with as little said of it as the test needs. */
export const imported = (
  documentId: string,
  messages: ReadonlyArray<Message>,
  more: Record<string, unknown> = {}
): Fact["event"] => ({
  _tag: "document.ConversationImported",
  documentId,
  owner,
  importId: "import1",
  provider: "chatgpt",
  chunk: { index: 0, of: 1 },
  counts: { kept: messages.length, hidden: 0, merged: 0 },
  raw: null,
  sourceId: `source of ${documentId}`,
  title: null,
  createdAt: null,
  updatedAt: null,
  model: null,
  project: null,
  starred: false,
  archived: false,
  leaf: null,
  messages,
  warnings: [],
  ...more
})

/** Any other event of a conversation. */
export const happened = (what: string, documentId: string, more: Record<string, unknown> = {}): Fact["event"] => ({
  _tag: `document.${what}`,
  documentId,
  ...more
})
