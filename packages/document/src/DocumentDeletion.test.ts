/** The law of what is deleted of a conversation, and of what is left of one whose keys were destroyed. */
import * as Actor from "@vivim/actor/Actor"
import { NoSuchDocument, NoSuchMessage } from "@vivim/contract/Document"
import {
  ConversationDeleted,
  ConversationRestated,
  ConversationStarted,
  MessageAppended,
  MessageDeleted
} from "@vivim/event-schemas/document/index"
import type { Message } from "@vivim/event-schemas/document/Message"
import { MessageId, Title } from "@vivim/event-schemas/ids"
import { assert, describe, it } from "vitest"
import { Document } from "./Document.ts"
import { ada, after, as, bo, chunk, commandId, documentId, message as m, on } from "./DocumentExample.ts"
import type { DocumentState } from "./DocumentState.ts"

const onTea = Title.make("On tea")
/** What a state holds, whichever way its maps came to be. */
const plain = (state: DocumentState) => ({ ...state, messages: Object.fromEntries(state.messages) })

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
      raws: [],
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
