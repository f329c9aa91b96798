/** What each event leaves in a library. */
import { DocumentEvents } from "@vivim/event-schemas/document/index"
import { type Fact, fingerprint } from "@vivim/user-database/UserView"
import { assert, describe, it } from "vitest"
import * as ConversationView from "./ConversationView.ts"
import * as Library from "./Library.ts"
import * as Example from "./LibraryExample.ts"
import { keys, LibraryView } from "./LibraryView.ts"
import * as Search from "./Search.ts"

const { apply, happened, imported, message, open } = Example
const only = (db: ReturnType<typeof open>) => Library.page(db, {}).items[0]!
const found = (db: ReturnType<typeof open>, query: string, hidden = false) =>
  Search.messages(db, { query: `${query} `, hidden }).hits.map(({ messageId }) => messageId)

it("L1 a conversation is what the chunks said, put together", () => {
  const db = open()
  const tree = [
    message("a", "What is tea?", { at: 5_000 }),
    message("b", "A plant.", { parent: "a", role: "assistant", at: 6_000 }),
    message("s", "Be brief.", { parent: "a", role: "system", hidden: "system" })
  ]
  const more = [message("c", "A drink.", { parent: "a", role: "assistant", model: "m1", at: 9_000 })]
  const head = {
    title: "Tea",
    createdAt: 4_000,
    updatedAt: 8_000,
    starred: true,
    leaf: "c",
    project: "kitchen",
    model: "m1"
  }
  apply(
    db,
    imported("d1", tree, { ...head, chunk: { index: 0, of: 2 }, warnings: ["one"] }),
    imported("d1", more, { ...head, chunk: { index: 1, of: 2 }, warnings: ["two"] }),
    happened("ConversationTagged", "d1", { tag: "home" }),
    happened("ConversationTagged", "d1", { tag: "drinks" }),
    happened("ConversationUntagged", "d1", { tag: "home" }),
    happened("ConversationArchived", "d1")
  )
  assert.deepStrictEqual(ConversationView.outline(db, "d1"), {
    summary: {
      documentId: "d1",
      title: "Tea",
      titleDerived: false,
      provider: "chatgpt",
      model: "m1",
      createdAt: 4_000,
      updatedAt: 9_000,
      messages: 3,
      branches: 2,
      tags: ["drinks"],
      archived: true,
      starred: true,
      trash: null,
      sealed: null
    },
    project: "kitchen",
    leaf: "c",
    warnings: ["one", "two"],
    nodes: [...tree, ...more].map(({ author: _, blocks: __, ...node }) => node)
  })
  apply(db, happened("ConversationUnarchived", "d1"))
  assert.isFalse(only(db).archived)
})

it("L1 what is said after an import goes on from there", () => {
  const db = open()
  apply(
    db,
    happened("ConversationStarted", "d1", { owner: Example.owner, title: "Notes" }),
    happened("MessageAppended", "d1", { message: message("a", "First", { at: 1_800_000_000_000 }) }),
    happened("MessageAppended", "d1", { message: message("b", "Second", { parent: "a" }) }),
    happened("MessageAppended", "gone", { message: message("a", "Nowhere") })
  )
  assert.deepInclude(only(db), {
    title: "Notes",
    provider: "vivim",
    messages: 2,
    branches: 0,
    updatedAt: 1_800_000_000_000
  })
  assert.strictEqual(ConversationView.outline(db, "d1")?.leaf, "b")
  assert.strictEqual(Library.page(db, {}).total, 1)
})

describe("L2 titles", () => {
  it("L2 the owner's wins over the export's, and that over the first words", () => {
    const db = open()
    const question = message("q", "\n\n## **How** do I\twhisk matcha?\nReally.")
    const title = () => [only(db).title, only(db).titleDerived]
    apply(db, imported("d1", [message("s", "Hidden", { hidden: "system" }), question], { title: " " }))
    assert.deepStrictEqual(title(), ["How do I whisk matcha?", true])
    apply(db, imported("d1", [], { title: "Matcha" }))
    assert.deepStrictEqual(title(), ["Matcha", false])
    apply(db, imported("d1", [], { title: null }))
    assert.deepStrictEqual(title(), ["Matcha", false])
    apply(db, happened("ConversationRenamed", "d1", { title: "My matcha" }), imported("d1", [], { title: "Theirs" }))
    assert.deepStrictEqual(title(), ["My matcha", false])
    assert.deepStrictEqual(Library.page(db, { text: "theirs" }).total, 0)
    assert.deepStrictEqual(Library.page(db, { text: "my matcha" }).total, 1)
  })
  it("L2 a title is what is read of it: without products' own marks, which stay in the events", () => {
    const db = open()
    const cited = (text: string) => `${text} \ue200cite\ue202turn0search1\ue201`
    apply(db, imported("d1", [message("q", cited("Do swifts sleep?"))], { title: null }))
    assert.deepStrictEqual([only(db).title, only(db).titleDerived], ["Do swifts sleep?", true])
    assert.strictEqual(ConversationView.messages(db, "d1", ["q"])[0]!.blocks[0]!._tag, "Text")
    assert.include(JSON.stringify(ConversationView.messages(db, "d1", ["q"])), "\ue200cite")
    apply(db, imported("d1", [], { title: cited("Swifts") }))
    assert.deepStrictEqual([only(db).title, only(db).titleDerived], ["Swifts", false])
    assert.deepStrictEqual(found(db, "turn0search1"), [])
  })
  it("L2 first words are cut between words, and are found only where there are any", () => {
    const db = open()
    const long = "A rather long question about the many ways of brewing tea in the mountains of Yunnan and beyond"
    apply(
      db,
      imported("d1", [message("x", "```\n---\n```"), message("a", "Answer", { role: "assistant" }), message("q", long)])
    )
    assert.strictEqual(only(db).title, "A rather long question about the many ways of brewing tea in the mountains of…")
    apply(db, imported("d2", [message("x", " \n---\n")]))
    const titles = Library.page(db, { sort: "title" }).items.map(({ title }) => title)
    assert.deepStrictEqual(titles, [
      "",
      "A rather long question about the many ways of brewing tea in the mountains of…"
    ])
  })
})

it("L5 a changed message is found by its new words, and split anew", () => {
  const db = open()
  apply(
    db,
    imported("d1", [message("a", "old words"), message("b", "kept")]),
    imported("d1", [message("a", "new\n\n- words", { hidden: "tool", parent: "b" })])
  )
  assert.deepStrictEqual([found(db, "old"), found(db, "new"), found(db, "new", true)], [[], [], ["a"]])
  assert.deepStrictEqual(ConversationView.units(db, "d1", "a").map(({ text, type }) => [type, text]), [
    ["text", "new"],
    ["list", "- words"]
  ])
  assert.deepStrictEqual(ConversationView.outline(db, "d1")?.nodes.map(({ id }) => id), ["b", "a"])
  assert.strictEqual(only(db).messages, 1)
})

it("L6 the library and the one conversation are touched, and nothing by what is not its business", () => {
  const touched = (event: Fact["event"]) => LibraryView.touches(Example.factOf(1, event))
  assert.deepStrictEqual(touched(happened("ConversationRenamed", "d1", { title: "x" })), [
    keys.library(Example.owner),
    keys.conversation(Example.owner, "d1")
  ])
  assert.deepStrictEqual(touched({ _tag: "user.UserDeleted" }), [keys.library(Example.owner)])
  assert.deepStrictEqual(touched({ _tag: "circle.CircleFounded" }), [])
  for (const { tag } of DocumentEvents.events) {
    assert.strictEqual(touched({ _tag: tag, documentId: "d" }).length, 2, tag)
  }
})

it("L3 the tables of version 6 are these", () => {
  // Files in the field remember them. If they change, raise the version, then write down its fingerprint here.
  assert.deepStrictEqual({ version: LibraryView.version, tables: fingerprint(LibraryView) }, {
    version: 6,
    tables: "0a088ea8367774f7a551b47ce3e1716606aedd0cf3cb9affac37351564b99a6f"
  })
})
