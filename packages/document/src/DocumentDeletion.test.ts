/** The law of what is deleted of a conversation, and of what is left of one whose keys were destroyed. */
import * as Actor from "@vivim/actor/Actor"
import { NoSuchDocument, NoSuchMessage } from "@vivim/contract/Document"
import {
  ConversationDeleted,
  ConversationRestated,
  ConversationStarted,
  type DocumentEvent,
  MessageAppended,
  MessageDeleted
} from "@vivim/event-schemas/document/index"
import type { Message } from "@vivim/event-schemas/document/Message"
import { CommandId, ContentHash, Did, DocumentId, ImportId, MessageId, Title } from "@vivim/event-schemas/ids"
import { assert, describe, it } from "vitest"
import { Document, type DocumentState } from "./Document.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const documentId = DocumentId.make("d1")
const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]
const onTea = Title.make("On tea")
const as = (by: Did) => ({ at: 1, by, device: null, id: commandId })
const on = (state: DocumentState, ...events: ReadonlyArray<DocumentEvent>) => Actor.fold(Document, state, events)
const after = (...events: ReadonlyArray<DocumentEvent>) => on(Document.initial, ...events)
/** What a state holds, whichever way its maps came to be. */
const plain = (state: DocumentState) => ({ ...state, messages: Object.fromEntries(state.messages) })
const m = (id: string, content = "a", parent: string | null = null): Message => ({
  id: MessageId.make(id),
  parent: parent === null ? null : MessageId.make(parent),
  role: "user",
  author: null,
  model: null,
  at: null,
  hidden: null,
  blocks: [{ _tag: "Text", text: content, citations: [] }],
  hash: ContentHash.make(content.repeat(64))
})
const chunk = (messages: ReadonlyArray<Message>) => ({
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
  warnings: []
})

describe("what was deleted of a conversation", () => {
  const started = ConversationStarted({ documentId, owner: ada, title: onTea })
  const [one, two] = [m("m1"), m("m2", "b", "m1")]
  const said = after(
    started,
    MessageAppended({ documentId, message: one }),
    MessageAppended({ documentId, message: two })
  )
  const messageId = MessageId.make("m1")
  const { DeleteMessage, ImportConversation } = Document.decide

  it("D9 a message is deleted once, by its owner, and no import brings it back", () => {
    const decide = (state: DocumentState, by = ada) =>
      DeleteMessage(state, { commandId, documentId, messageId }, as(by))
    assert.deepStrictEqual(decide(said), Actor.accept(MessageDeleted({ documentId, messageId })))
    assert.deepStrictEqual(decide(said, bo), Actor.refuse(new NoSuchDocument({ documentId })))
    const less = on(said, MessageDeleted({ documentId, messageId }))
    assert.deepStrictEqual(decide(less), Actor.refuse(new NoSuchMessage({ messageId })))
    const again: any = ImportConversation(less, chunk([one, two, m("m3", "c")]), as(ada))
    assert.deepStrictEqual(again.events[0].messages.map(({ id }: Message) => id), ["m3"])
    assert.deepStrictEqual(again.events[0].counts, { kept: 1, hidden: 0, merged: 2 })
  })

  it("D10 a restated conversation is as it was, and of one whose keys are gone its owner is known", () => {
    const restated = ConversationRestated({
      documentId,
      owner: ada,
      provider: "vivim",
      importId: null,
      chunk: { index: 0, of: 1 },
      trash: null,
      archived: false,
      deleted: [messageId],
      sourceId: null,
      title: onTea,
      sourceTitle: null,
      model: null,
      project: null,
      createdAt: 1,
      updatedAt: 1,
      sortedAt: 1,
      leaf: null,
      starred: false,
      warnings: [],
      tags: [],
      imported: { head: "", updatedAt: null, starred: false, archived: false },
      messages: [two]
    })
    assert.deepStrictEqual(plain(after(restated)), plain(on(said, MessageDeleted({ documentId, messageId }))))
    const { shredded } = Document
    const left = shredded!["document.ConversationStarted"]!(Document.initial, started)
    const gone = on(left, ConversationDeleted({ documentId }))
    assert.deepStrictEqual([gone.owner, gone.deleted], [ada, true])
  })
})
