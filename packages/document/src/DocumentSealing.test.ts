/** The law of a conversation that is sealed. */
import type * as Actor from "@vivim/actor/Actor"
import { DocumentAddress } from "@vivim/contract/Document"
import { DocumentEvents } from "@vivim/event-schemas/document/index"
import { CommandId, MessageId, Tag, Title } from "@vivim/event-schemas/ids"
import * as HashMap from "effect/HashMap"
import { assert, describe, it } from "vitest"
import { Document } from "./Document.ts"
import { ada, after, as, bo, chunk, commandId, documentId, message as m, on } from "./DocumentExample.ts"
import type { DocumentState } from "./DocumentState.ts"

const { decide } = Document
const bytes = (text: string) => new TextEncoder().encode(text)
const itself = { commandId, documentId }
const head = { sealed: bytes("head"), day: 0 }
const key = { generation: 1, wrapped: bytes("key") }
const sealedMessage = (id: string, parent: string | null = null) => ({
  id: MessageId.make(id),
  parent: parent === null ? null : MessageId.make(parent),
  sealed: bytes(`sealed ${id}`)
})
const revision = CommandId.make("01890000-0000-7000-8000-000000000009")
const seal = (messages: ReadonlyArray<ReturnType<typeof sealedMessage>>, expected = 1) => ({
  ...itself,
  expected,
  revision,
  key,
  head,
  files: [],
  messages
})
const wholeHead = {
  provider: "chatgpt",
  importId: null,
  sourceId: "s-1",
  title: "On tea",
  sourceTitle: "Tea",
  model: null,
  project: null,
  createdAt: null,
  updatedAt: 7,
  sortedAt: 7,
  leaf: null,
  starred: false,
  archivedAtSource: false,
  warnings: [],
  tags: [Tag.make("leaf")]
}
const unseal = (messages: ReadonlyArray<ReturnType<typeof m>>, expected = 3) => ({
  ...itself,
  expected,
  head: wholeHead,
  messages
})
const at = (version: number, by = ada) => ({ ...as(by), version })
const stated = (decision: Actor.Decision<any, any>, state: DocumentState): DocumentState => {
  assert(decision._tag === "Accept", JSON.stringify(decision))
  return on(state, ...decision.events as ReadonlyArray<any>)
}
const refusal = (decision: Actor.Decision<any, any>): string => {
  assert(decision._tag === "Refuse", JSON.stringify(decision))
  return decision.refusal._tag
}
const all = [sealedMessage("m1"), sealedMessage("m2", "m1")]
const served = stated(decide.ImportConversation(after(), chunk([m("m1"), m("m2", "b", "m1")]), as(ada)), after())
const sealed = stated(decide.SealConversation(served, seal(all), at(1)), served)

describe("Document, sealed", () => {
  it("X1 seals all of it as it was read, and nothing otherwise", () => {
    const answers = [
      decide.SealConversation(served, seal(all), at(2)),
      decide.SealConversation(served, seal(all.slice(1)), at(1)),
      decide.SealConversation(served, seal([all[0]!, all[0]!]), at(1)),
      decide.SealConversation(served, seal([...all, all[0]!]), at(1)),
      decide.SealConversation(served, seal([...all, sealedMessage("m3")]), at(1)),
      decide.UnsealConversation(sealed, unseal([m("m1"), m("m2")]), at(4)),
      decide.UnsealConversation(sealed, unseal([m("m1")]), at(3)),
      decide.UnsealConversation(sealed, unseal([m("m1"), m("m2"), m("m2")]), at(3)),
      decide.AppendSealedMessage(sealed, { ...itself, expected: 2, head, files: [], message: all[0]! }, at(3)),
      decide.ReplaceSealedHead(sealed, { ...itself, expected: 2, head }, at(3))
    ]
    assert.deepStrictEqual(answers.map(refusal), answers.map(() => "DocumentMoved"))
    // Who has seen less than its owner decides, finds out when it appends, and decides anew.
    assert.strictEqual(decide.SealConversation(served, seal(all, 5), at(1))._tag, "Accept")
    const trashed = stated(decide.TrashConversation(served, itself, as(ada)), served)
    assert.strictEqual(refusal(decide.SealConversation(trashed, seal(all, 3), at(3))), "InTrash")
  })

  it("X1 a conversation larger than one event is sealed and opened in several, in one append", () => {
    const many = Array.from({ length: 450 }, (_, n) => m(`n${n}`))
    const state = stated(decide.ImportConversation(after(), chunk(many), as(ada)), after())
    const decision = decide.SealConversation(state, seal(many.map(({ id }) => sealedMessage(id))), at(1))
    assert(decision._tag === "Accept")
    assert.deepStrictEqual(decision.events.map(({ _tag }: any) => _tag), [
      "document.ConversationSealed",
      ...Array.from({ length: 3 }, () => "document.SealedConversationRestated")
    ])
    const now = stated(decision, state)
    assert.strictEqual(HashMap.size(now.messages), 450)
    const opened = stated(decide.UnsealConversation(now, unseal(many), at(3)), now)
    assert.deepStrictEqual([HashMap.size(opened.messages), opened.sealed], [450, null])
  })

  it("X2 remembers ids alone, and what was deleted, archived or in nobody's sight", () => {
    const before = [
      decide.TagConversation,
      (state: DocumentState) => decide.DeleteMessage(state, { ...itself, messageId: MessageId.make("m2") }, as(ada)),
      (state: DocumentState) => decide.ArchiveConversation(state, itself, as(ada))
    ].reduce(
      (state, step) => stated((step as any)(state, { ...itself, tag: Tag.make("leaf") }, as(ada)), state),
      served
    )
    const now = stated(decide.SealConversation(before, seal([all[0]!], 4), at(4)), before)
    assert.deepStrictEqual(
      { ...now, messages: Object.fromEntries(HashMap.toEntries(now.messages)) },
      {
        ...Document.initial,
        owner: ada,
        messages: { m1: "0".repeat(64) },
        archived: true,
        deletedMessages: new Set(["m2"]),
        sealed: { generation: 1 }
      } as never
    )
    const opened = stated(decide.UnsealConversation(now, unseal([m("m1")], 6), at(6)), now)
    assert.deepStrictEqual([opened.title, [...opened.tags], opened.archived], ["On tea", ["leaf"], true])
    assert.deepStrictEqual([...opened.deletedMessages], ["m2"])
  })

  it("D11 takes nothing readable, from anybody; what a device sealed it takes from its owner alone", () => {
    const readable = [
      decide.ImportConversation(sealed, chunk([m("m9")]), as(ada)),
      decide.AppendMessage(sealed, { ...itself, message: m("m9") }, as(ada)),
      decide.RenameConversation(sealed, { ...itself, title: Title.make("Chess") }, as(ada)),
      decide.TagConversation(sealed, { ...itself, tag: Tag.make("work") }, as(ada)),
      decide.UntagConversation(sealed, { ...itself, tag: Tag.make("work") }, as(ada)),
      decide.SealConversation(sealed, seal(all, 3), at(3))
    ]
    assert.deepStrictEqual(readable.map(refusal), readable.map(() => "DocumentSealed"))
    const next = { ...itself, expected: 3, head, files: [], message: sealedMessage("m3", "m2") }
    const more = stated(decide.AppendSealedMessage(sealed, next, at(3)), sealed)
    assert.isTrue(HashMap.has(more.messages, MessageId.make("m3")))
    assert.strictEqual(refusal(decide.AppendSealedMessage(more, { ...next, expected: 4 }, at(4))), "MessageTaken")
    const lost = { ...next, message: sealedMessage("m4", "m9") }
    assert.strictEqual(refusal(decide.AppendSealedMessage(sealed, lost, at(3))), "NoSuchMessage")
    const ofOthers = [
      decide.SealConversation(served, seal(all), at(1, bo)),
      decide.UnsealConversation(sealed, unseal([m("m1"), m("m2")]), at(3, bo)),
      decide.AppendSealedMessage(sealed, next, at(3, bo)),
      decide.ReplaceSealedHead(sealed, { ...itself, expected: 3, head }, at(3, bo)),
      decide.RewrapSealedKey(sealed, { ...itself, expected: 3, key: { ...key, generation: 2 } }, at(3, bo))
    ]
    assert.deepStrictEqual(ofOthers.map(refusal), ofOthers.map(() => "NoSuchDocument"))
    const ofServed = [
      decide.UnsealConversation(served, unseal([m("m1"), m("m2")]), at(1)),
      decide.AppendSealedMessage(served, next, at(1)),
      decide.ReplaceSealedHead(served, { ...itself, expected: 1, head }, at(1)),
      decide.RewrapSealedKey(served, { ...itself, expected: 1, key }, at(1))
    ]
    assert.deepStrictEqual(ofServed.map(refusal), ofServed.map(() => "DocumentNotSealed"))
  })

  it("X3 the key is wrapped anew under a newer master key alone", () => {
    const rewrap = (generation: number, state = sealed) =>
      decide.RewrapSealedKey(state, { ...itself, expected: 3, key: { ...key, generation } }, at(3))
    assert.strictEqual(refusal(rewrap(1)), "NothingToChange")
    const now = stated(rewrap(2), sealed)
    assert.deepStrictEqual(now.sealed, { generation: 2 })
    assert.strictEqual(refusal(rewrap(1, now)), "NothingToChange")
  })

  it("D10 whose keys were destroyed while it was sealed, its owner is known", () => {
    const event = DocumentEvents.events.find(({ tag }) => tag === "document.SealedConversationRestated")!
    assert.strictEqual(DocumentAddress.kind, "document")
    const left = Document.shredded![event.tag]!(Document.initial, { _tag: event.tag, owner: ada } as never)
    assert.strictEqual(left.owner, ada)
  })
})
