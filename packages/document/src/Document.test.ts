/** The law of a conversation. */
import * as Actor from "@vivim/actor/Actor"
import {
  DocumentDeleted,
  DocumentTaken,
  ImportedChunk,
  MessageTaken,
  NoSuchDocument,
  NoSuchMessage
} from "@vivim/contract/Document"
import { NothingToChange } from "@vivim/contract/Refusal"
import {
  ConversationArchived,
  ConversationDeleted,
  ConversationRenamed,
  ConversationStarted,
  ConversationTagged,
  ConversationUnarchived,
  ConversationUntagged,
  MessageAppended
} from "@vivim/event-schemas/document/index"
import type { Message } from "@vivim/event-schemas/document/Message"
import { MessageId, Tag, Title } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as HashMap from "effect/HashMap"
import { assert, describe, it } from "vitest"
import { Document } from "./Document.ts"
import { ada, after, as, bo, chunk, commandId, documentId, message as m, on } from "./DocumentExample.ts"
import type { DocumentState } from "./DocumentState.ts"

const [onTea, chess] = [Title.make("On tea"), Title.make("Chess")]
const [work, home] = [Tag.make("work"), Tag.make("home")]
const itself = { commandId, documentId }
const already = (message: string) => Actor.refuse(new NothingToChange({ message }))

/** Imports a chunk as Ada, and says what became of it. */
const imported = (state: DocumentState, command: ReturnType<typeof chunk>) => {
  const decision = Document.decide.ImportConversation(state, command, as(ada))
  assert(decision._tag === "Accept", JSON.stringify(decision))
  const [event] = decision.events
  assert(event._tag === "document.ConversationImported")
  const ids = event.messages.map(({ id }) => String(id))
  return { state: on(state, event), event, counts: event.counts, ids }
}

const hashesOf = ({ messages }: DocumentState): object => Object.fromEntries(HashMap.toEntries(messages))

const started = ConversationStarted({ documentId, owner: ada, title: onTea })
const archive = imported(after(), chunk([m("m1"), m("m2", "b", "m1"), m("m3", "c", "m2", "tool")])).state

describe("Document", () => {
  it("D1 only the owner changes it; to anyone else it does not exist", () => {
    const unseen = Actor.refuse(new NoSuchDocument({ documentId }))
    const { decide } = Document
    for (const state of [after(started), archive, after(started, ConversationDeleted({ documentId }))]) {
      const answers = [
        decide.ImportConversation(state, chunk([m("m9")]), as(bo)),
        decide.AppendMessage(state, { ...itself, message: m("m9") }, as(bo)),
        decide.RenameConversation(state, { ...itself, title: chess }, as(bo)),
        decide.TagConversation(state, { ...itself, tag: work }, as(bo)),
        decide.UntagConversation(state, { ...itself, tag: work }, as(bo)),
        decide.ArchiveConversation(state, itself, as(bo)),
        decide.UnarchiveConversation(state, itself, as(bo)),
        decide.DeleteConversation(state, itself, as(bo))
      ]
      for (const answer of answers) assert.deepStrictEqual(answer, unseen)
    }
    const start = { ...itself, title: onTea }
    assert.deepStrictEqual(decide.StartConversation(after(), start, as(ada)), Actor.accept(started))
    assert.deepStrictEqual(
      decide.StartConversation(archive, start, as(ada)),
      Actor.refuse(new DocumentTaken({ documentId }))
    )
    assert.strictEqual(Document.owner(archive, bo), ada)
  })

  it("D2 an imported chunk adds what is new, replaces what changed, loses nothing", () => {
    const again = imported(archive, chunk([m("m2", "d", "m1"), m("m4", "a", "m2")]))
    assert.deepStrictEqual(again.ids, ["m2", "m4"])
    const [a, c, d] = ["a", "c", "d"].map((letter) => letter.repeat(64))
    assert.deepStrictEqual(hashesOf(again.state), { m1: a, m2: d, m3: c, m4: a })
  })

  it("D2 news of the conversation as a whole is news, without any message", () => {
    for (const over of [{ title: "Green tea" }, { tags: ["leaf"] }]) {
      const again = imported(archive, chunk([], over))
      assert.deepStrictEqual(again.counts, { kept: 0, hidden: 0, merged: 0 })
      assert.deepStrictEqual(hashesOf(again.state), hashesOf(archive))
    }
  })

  it("D3 the same chunk again changes nothing, and says so", () => {
    const once = chunk([m("m1"), m("m2", "b", "m1"), m("m3", "c", "m2", "tool")])
    const state = imported(after(), once).state
    const nothing = already("the archive holds all of this")
    assert.deepStrictEqual(Document.decide.ImportConversation(state, once, as(ada)), nothing)
    const twofold = chunk([m("m1"), m("m1", "b")])
    const last = imported(after(), twofold)
    assert.deepStrictEqual(last.counts, { kept: 1, hidden: 0, merged: 1 })
    assert.strictEqual(String([...HashMap.values(last.state.messages)]), "b".repeat(64), "the last one counts")
    assert.deepStrictEqual(Document.decide.ImportConversation(last.state, twofold, as(ada)), nothing)
  })

  it("D3 kept, hidden and merged add up to the nodes of the chunk, and are what the caller hears", () => {
    const nodes = [m("m1"), m("m2", "d", "m1"), m("m3", "a", "m2", "tool"), m("m4"), m("m4")]
    const { counts } = imported(archive, chunk(nodes))
    assert.deepStrictEqual(counts, { kept: 2, hidden: 1, merged: 2 })
    const decision = Document.decide.ImportConversation(archive, chunk(nodes), as(ada))
    assert(decision._tag === "Accept")
    const receipt = new Receipt({ stream: "document/d1", version: 2, position: 9 })
    assert.deepStrictEqual(
      Document.answer!.ImportConversation!(receipt, decision.events),
      new ImportedChunk({ ...receipt, counts })
    )
  })

  it("D7 an older state adds the messages it lacks, and takes nothing back", () => {
    const newest = { updatedAt: 2_000, title: "New", starred: true }
    const newer = imported(after(), chunk([m("m1"), m("m2", "b", "m1")], newest))
    const older = imported(newer.state, chunk([m("m1", "c"), m("m9", "d", "m1")], { updatedAt: 1_000, title: "Old" }))
    assert.deepStrictEqual(older.ids, ["m9"])
    assert.deepStrictEqual(older.counts, { kept: 1, hidden: 0, merged: 1 })
    assert.deepInclude(older.event, { title: null, leaf: null, starred: true })
    const again = chunk([m("m1", "c"), m("m2", "e", "m1")], { updatedAt: 1_000, title: "Old" })
    assert.strictEqual(Document.decide.ImportConversation(older.state, again, as(ada))._tag, "Refuse")
    const same = chunk([m("m1"), m("m2", "b", "m1")], newest)
    assert.strictEqual(
      Document.decide.ImportConversation(older.state, same, as(ada))._tag,
      "Refuse",
      "its head still stands"
    )
  })

  it("D4 a message is said once, under a parent that is there", () => {
    const { AppendMessage } = Document.decide
    const say = (message: Message) => AppendMessage(archive, { ...itself, message }, as(ada))
    for (const message of [m("m4", "a", "m3"), m("m5")]) {
      assert.deepStrictEqual(say(message), Actor.accept(MessageAppended({ documentId, message })))
    }
    assert.deepStrictEqual(say(m("m2", "e")), Actor.refuse(new MessageTaken({ messageId: MessageId.make("m2") })))
    assert.deepStrictEqual(
      say(m("m4", "a", "m9")),
      Actor.refuse(new NoSuchMessage({ messageId: MessageId.make("m9") }))
    )
    const said = on(archive, MessageAppended({ documentId, message: m("m4", "a", "m3") }))
    assert.strictEqual(AppendMessage(said, { ...itself, message: m("m5", "a", "m4") }, as(ada))._tag, "Accept")
  })

  it("D5 what is asked for twice is refused as no change", () => {
    const { decide } = Document
    const named = on(archive, ConversationRenamed({ documentId, title: chess }))
    const tagged = on(archive, ConversationTagged({ documentId, tag: work }))
    const untagged = on(tagged, ConversationUntagged({ documentId, tag: work }))
    const away = on(archive, ConversationArchived({ documentId }))
    const back = on(away, ConversationUnarchived({ documentId }))
    const rename = { ...itself, title: chess }
    assert.strictEqual(decide.RenameConversation(archive, rename, as(ada))._tag, "Accept")
    assert.deepStrictEqual(
      decide.RenameConversation(named, rename, as(ada)),
      already("the conversation has that title")
    )
    const tag = { ...itself, tag: work }
    assert.deepStrictEqual(decide.TagConversation(tagged, tag, as(ada)), already("the conversation has that tag"))
    assert.strictEqual(decide.TagConversation(tagged, { ...itself, tag: home }, as(ada))._tag, "Accept")
    assert.strictEqual(decide.UntagConversation(tagged, tag, as(ada))._tag, "Accept")
    assert.strictEqual(decide.TagConversation(untagged, tag, as(ada))._tag, "Accept")
    for (const state of [archive, untagged]) {
      assert.deepStrictEqual(
        decide.UntagConversation(state, tag, as(ada)),
        already("the conversation does not have that tag")
      )
    }
    assert.deepStrictEqual(decide.ArchiveConversation(away, itself, as(ada)), already("the conversation is archived"))
    assert.strictEqual(decide.UnarchiveConversation(away, itself, as(ada))._tag, "Accept")
    for (const state of [archive, back]) {
      assert.deepStrictEqual(
        decide.UnarchiveConversation(state, itself, as(ada)),
        already("the conversation is not archived")
      )
    }
  })

  it("D6 a deleted conversation takes nothing more, and forgets what it knew", () => {
    const gone = on(archive, ConversationTagged({ documentId, tag: work }), ConversationDeleted({ documentId }))
    const refused = Actor.refuse(new DocumentDeleted({ documentId }))
    const { decide } = Document
    const answers = [
      decide.ImportConversation(gone, chunk([m("m9")]), as(ada)),
      decide.AppendMessage(gone, { ...itself, message: m("m9") }, as(ada)),
      decide.RenameConversation(gone, { ...itself, title: chess }, as(ada)),
      decide.TagConversation(gone, { ...itself, tag: home }, as(ada)),
      decide.UntagConversation(gone, { ...itself, tag: work }, as(ada)),
      decide.ArchiveConversation(gone, itself, as(ada)),
      decide.UnarchiveConversation(gone, itself, as(ada)),
      decide.DeleteConversation(gone, itself, as(ada))
    ]
    for (const answer of answers) assert.deepStrictEqual(answer, refused)
    assert.deepStrictEqual(gone, { ...Document.initial, owner: ada, deleted: true })
    assert.deepStrictEqual(
      decide.StartConversation(gone, { ...itself, title: onTea }, as(ada)),
      Actor.refuse(new DocumentTaken({ documentId }))
    )
  })
})
