/** A conversation for tests of its law: who is there, and how states come to be. */
import * as Actor from "@vivim/actor/Actor"
import type { DocumentEvent } from "@vivim/event-schemas/document/index"
import type { Message } from "@vivim/event-schemas/document/Message"
import { CommandId, ContentHash, Did, DocumentId, ImportId, MessageId } from "@vivim/event-schemas/ids"
import { Document } from "./Document.ts"
import type { DocumentState } from "./DocumentState.ts"

export const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
export const documentId = DocumentId.make("d1")
export const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]

export const as = (by: Did) => ({ at: 1, by, device: null, id: commandId })
export const on = (state: DocumentState, ...events: ReadonlyArray<DocumentEvent>): DocumentState =>
  Actor.fold(Document, state, events)
export const after = (...events: ReadonlyArray<DocumentEvent>): DocumentState => on(Document.initial, ...events)

/** `message("m2", "b", "m1")`: message m2 with the content b, under m1. */
export const message = (
  id: string,
  content = "a",
  parent: string | null = null,
  hidden: string | null = null
): Message => ({
  id: MessageId.make(id),
  parent: parent === null ? null : MessageId.make(parent),
  role: "user",
  author: null,
  model: null,
  at: null,
  hidden,
  blocks: [{ _tag: "Text", text: content, citations: [] }],
  hash: ContentHash.make(content.repeat(64))
})

/** A chunk of an imported conversation that says little of it. */
export const chunk = (
  messages: ReadonlyArray<Message>,
  over: {
    readonly title?: string
    readonly tags?: Array<string>
    readonly updatedAt?: number
    readonly starred?: boolean
  } = {}
) => ({
  commandId,
  documentId,
  importId: ImportId.make("import1"),
  provider: "chatgpt",
  chunk: { index: 0, of: 1 },
  raw: null,
  sourceId: "s-1",
  title: "Tea",
  summary: null,
  createdAt: null,
  updatedAt: null,
  model: null,
  project: null,
  tags: [],
  starred: false,
  archived: false,
  leaf: null,
  messages,
  warnings: [],
  ...over
})
