/** The law of a conversation's way through the trash. */
import * as Actor from "@vivim/actor/Actor"
import { DocumentDeleted, InTrash, NoSuchDocument, NotInTrash, TrashKeepMs } from "@vivim/contract/Document"
import {
  ConversationArchived,
  ConversationDeleted,
  ConversationRestored,
  ConversationStarted,
  ConversationTrashed,
  ConversationUnarchived,
  type DocumentEvent
} from "@vivim/event-schemas/document/index"
import { CommandId, Did, DocumentId, Title } from "@vivim/event-schemas/ids"
import { assert, describe, it } from "vitest"
import { Document } from "./Document.ts"
import type { DocumentState } from "./DocumentState.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const documentId = DocumentId.make("d1")
const [ada, bo] = [Did.make("did:key:zAda"), Did.make("did:key:zBo")]
const onTea = Title.make("On tea")
const itself = { commandId, documentId }
const as = (by: Did) => ({ at: 1, by, device: null, id: commandId })
const on = (state: DocumentState, ...events: ReadonlyArray<DocumentEvent>) => Actor.fold(Document, state, events)
const after = (...events: ReadonlyArray<DocumentEvent>) => on(Document.initial, ...events)

describe("Document in the trash", () => {
  it("D8 what is trashed is out of sight until its day, and restored as it was", () => {
    const purgeAt = 1 + TrashKeepMs
    const trashed = ConversationTrashed({ documentId, purgeAt })
    const [archived, restored] = [ConversationArchived({ documentId }), ConversationRestored({ documentId })]
    const started = ConversationStarted({ documentId, owner: ada, title: onTea })
    const state = after(started)
    assert.deepStrictEqual(Document.decide.TrashConversation(state, itself, as(ada)), Actor.accept(trashed, archived))
    assert.deepStrictEqual(
      Document.decide.TrashConversation(state, { ...itself, keepMs: 500 }, as(ada)),
      Actor.accept(ConversationTrashed({ documentId, purgeAt: 501 }), archived)
    )
    assert.deepStrictEqual(
      Document.decide.TrashConversation(on(state, archived), itself, as(ada)),
      Actor.accept(trashed)
    )
    const inTrash = on(state, trashed, archived)
    const already = Actor.refuse(new InTrash({ documentId, purgeAt }))
    assert.deepStrictEqual(Document.decide.TrashConversation(inTrash, itself, as(ada)), already)
    assert.deepStrictEqual(Document.decide.UnarchiveConversation(inTrash, itself, as(ada)), already)
    const back = [restored, ConversationUnarchived({ documentId })] as const
    assert.deepStrictEqual(Document.decide.RestoreConversation(inTrash, itself, as(ada)), Actor.accept(...back))
    assert.deepStrictEqual(on(inTrash, ...back), state)
    const kept = on(state, archived, trashed)
    assert.deepStrictEqual(Document.decide.RestoreConversation(kept, itself, as(ada)), Actor.accept(restored))
    assert.deepStrictEqual(on(kept, restored), on(state, archived))
  })

  it("D8 the trash is emptied of what is due, and of nothing else", () => {
    const state = after(ConversationStarted({ documentId, owner: ada, title: onTea }))
    const trashed = on(state, ConversationTrashed({ documentId, purgeAt: 700 }))
    const purge = (state: DocumentState, at: number, by = ada) =>
      Document.decide.PurgeConversation(state, itself, { ...as(by), at })
    assert.deepStrictEqual(purge(trashed, 699), Actor.refuse(new InTrash({ documentId, purgeAt: 700 })))
    assert.deepStrictEqual(purge(trashed, 700), Actor.accept(ConversationDeleted({ documentId })))
    const early = Document.decide.PurgeConversation(trashed, { ...itself, early: true }, as(ada))
    assert.deepStrictEqual(early, Actor.accept(ConversationDeleted({ documentId })))
    const back = on(trashed, ConversationRestored({ documentId }))
    assert.deepStrictEqual(
      Document.decide.PurgeConversation(back, { ...itself, early: true }, as(ada)),
      Actor.refuse(new NotInTrash({ documentId })),
      "what was restored meanwhile stays"
    )
    assert.deepStrictEqual(purge(trashed, 700, bo), Actor.refuse(new NoSuchDocument({ documentId })))
    const missing = Actor.refuse(new NotInTrash({ documentId }))
    assert.deepStrictEqual(purge(state, 9_000), missing)
    assert.deepStrictEqual(Document.decide.RestoreConversation(state, itself, as(ada)), missing)
    assert.deepStrictEqual(purge(on(trashed, ConversationRestored({ documentId })), 9_000), missing)
    assert.deepStrictEqual(
      purge(on(trashed, ConversationDeleted({ documentId })), 9_000),
      Actor.refuse(new DocumentDeleted({ documentId }))
    )
  })
})
