/** The trash is emptied in time. */
import { InTrash, NotInTrash } from "@vivim/contract/Document"
import { ConversationDeleted, ConversationRestored, ConversationTrashed } from "@vivim/event-schemas/document/index"
import { Did, DocumentId } from "@vivim/event-schemas/ids"
import * as Process from "@vivim/process/Process"
import { assert, describe, it } from "vitest"
import { TrashProcess } from "./TrashProcess.ts"

const documentId = DocumentId.make("d1")
const ada = Did.make("did:key:zAda")
const cause = { id: "e1", stream: "document/d1", position: 7, version: 2, owner: ada, at: 5 }
const { onRefused, onTimer, react } = TrashProcess
const timer = Process.setTimer("purge", 900, { documentId, owner: ada })

describe("TrashProcess", () => {
  it("K1 what is trashed is purged in its owner's name at its time, unless it is restored or deleted before", () => {
    const trashed = ConversationTrashed({ documentId, purgeAt: 900 })
    assert.deepStrictEqual(react["document.ConversationTrashed"]!(trashed, cause, null), [timer])
    const rung = onTimer!({ key: "d1", name: "purge", at: 900, payload: { documentId, owner: ada } }, null)
    assert.deepStrictEqual(rung, [
      { _tag: "Ask", kind: "document", tag: "PurgeConversation", payload: { documentId }, by: ada }
    ])
    const [restored, deleted] = [ConversationRestored({ documentId }), ConversationDeleted({ documentId })]
    assert.deepStrictEqual(react["document.ConversationRestored"]!(restored, cause, null), [
      Process.cancelTimer("purge")
    ])
    assert.deepStrictEqual(react["document.ConversationDeleted"]!(deleted, cause, null), [Process.cancelTimer("purge")])
    assert.strictEqual(TrashProcess.key(trashed, cause), "d1")
  })

  it("K2 too early is tried again when it is time; what is not in the trash any more is let be", () => {
    const refused = (refusal: { readonly _tag: string }) =>
      onRefused!({ key: "d1", tag: "PurgeConversation", by: ada, payload: { documentId }, refusal }, null)
    assert.deepStrictEqual(refused(new InTrash({ documentId, purgeAt: 900 })), [timer])
    assert.isEmpty(refused(new NotInTrash({ documentId })))
  })
})
