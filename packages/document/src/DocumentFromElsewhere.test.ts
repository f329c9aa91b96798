/** The law of a conversation that comes from another node, as the file of its account has it. */
import * as Actor from "@vivim/actor/Actor"
import { DocumentDeleted, NoSuchDocument } from "@vivim/contract/Document"
import { NothingToChange } from "@vivim/contract/Refusal"
import { ConversationDeleted, MessageDeleted } from "@vivim/event-schemas/document/index"
import type { DocumentEvent } from "@vivim/event-schemas/document/index"
import { ImportId, MessageId, Position, StreamName, Tag } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import { assert, it } from "vitest"
import { Document } from "./Document.ts"
import { ada, after, as, bo, commandId, documentId, message as m, on } from "./DocumentExample.ts"
import type { DocumentState } from "./DocumentState.ts"

const [one, two, three] = [m("m1"), m("m2", "b", "m1"), m("m3", "c", "m2", "system")]
const brought = {
  commandId,
  documentId,
  importId: ImportId.make("import1"),
  chunk: { index: 0, of: 2 },
  provider: "chatgpt",
  sourceId: "s-1",
  title: "Mine",
  sourceTitle: "Tea",
  model: null,
  project: null,
  createdAt: 1,
  updatedAt: 2,
  sortedAt: 2,
  leaf: null,
  starred: true,
  archived: true,
  tags: [Tag.make("tea")],
  trash: { purgeAt: 99, archived: false },
  deleted: [MessageId.make("gone")],
  warnings: [],
  imported: { head: "[1]", updatedAt: 2, starred: true, archived: false },
  raws: [],
  messages: [one, two]
}
const receipt = new Receipt({ stream: StreamName.make("document/d1"), version: 1, position: Position.make(1) })
type Brought = typeof brought
const decide = (state: DocumentState, over: Partial<Brought> = {}, by = ada) =>
  Document.decide.RestateConversation(state, { ...brought, ...over }, as(by)) as Actor.Decision<DocumentEvent, unknown>
const eventsOf = (decision: Actor.Decision<DocumentEvent, unknown>) => {
  if (decision._tag === "Refuse") return assert.fail(`refused: ${JSON.stringify(decision.refusal)}`)
  return decision.events
}

it("D12 a conversation from another node is here as it was there, once", () => {
  const came = after(...eventsOf(decide(Document.initial)))
  assert.deepInclude(came, {
    owner: ada,
    title: "Mine",
    head: "[1]",
    archived: true,
    trash: { purgeAt: 99, archived: false },
    source: { updatedAt: 2, starred: true, archived: false }
  })
  assert.deepStrictEqual([...came.tags, ...came.deletedMessages], ["tea", "gone"])
  const whole = on(came, ...eventsOf(decide(came, { chunk: { index: 1, of: 2 }, messages: [three] })))
  assert.sameMembers([...whole.messages].map(([id]) => id), ["m1", "m2", "m3"])
  const nothing = Actor.refuse(new NothingToChange({ message: "the archive holds all of this" }))
  assert.deepStrictEqual(decide(whole), nothing)
  assert.deepStrictEqual(decide(whole, { messages: [three, m("gone", "d")] }), nothing)
  const counts = Document.answer!.RestateConversation!(receipt, eventsOf(decide(came, { messages: [three] })))
  assert.deepStrictEqual(counts.counts, { kept: 0, hidden: 1, merged: 0 })
})

it("D12 to one that is here only what it lacks is added, and nothing is taken back", () => {
  const here = on(after(...eventsOf(decide(Document.initial, { trash: null as never, messages: [one] }))))
  const less = on(here, MessageDeleted({ documentId, messageId: MessageId.make("m1") }))
  const [said, ...others] = eventsOf(decide(less, { title: "Another", tags: [] }))
  assert.deepStrictEqual(others, [])
  const now = on(less, said)
  assert.deepStrictEqual([...now.messages].map(([id]) => id), ["m2"])
  assert.deepInclude(now, { title: "Mine", trash: null })
  assert.deepStrictEqual([...now.tags], ["tea"])
})

it("D12 it is nobody else's, does not come back when it was deleted, and begins with its first chunk", () => {
  const here = after(...eventsOf(decide(Document.initial)))
  const unseen = Actor.refuse(new NoSuchDocument({ documentId }))
  assert.deepStrictEqual(decide(here, {}, bo), unseen)
  assert.deepStrictEqual(decide(Document.initial, { chunk: { index: 1, of: 2 } }), unseen)
  const gone = on(here, ConversationDeleted({ documentId }))
  assert.deepStrictEqual(decide(gone), Actor.refuse(new DocumentDeleted({ documentId })))
})
