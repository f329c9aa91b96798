/** What a library has of a conversation that is sealed, and of one that was. */
import { fold } from "@vivim/actor/Actor"
import { assert, it } from "vitest"
import { gone, refsOf } from "./ConversationContents.ts"
import * as ConversationView from "./ConversationView.ts"
import { Document } from "./Document.ts"
import * as Library from "./Library.ts"
import * as Example from "./LibraryExample.ts"
import * as LibraryRestated from "./LibraryRestated.ts"
import * as LibrarySealed from "./LibrarySealed.ts"
import { LibraryView } from "./LibraryView.ts"
import { isRestated, type Read, restated } from "./Restating.ts"
import * as Search from "./Search.ts"

const { happened, imported, message, open } = Example
const bytes = (text: string) => new TextEncoder().encode(text)
const words = "marmalade"
const sealedMessage = (id: string, parent: string | null = null) => ({ id, parent, sealed: bytes(`sealed ${id}`) })
const file = (digit: string) => ({ hash: digit.repeat(64), bytes: 9, mime: "application/octet-stream" })
const day = 19 * 86_400_000
const plain = [
  imported("d1", [
    message("a", `What is ${words}?`, { at: day + 5_000 }),
    message("b", [{
      _tag: "Image",
      source: "p",
      name: words,
      alt: null,
      content: { hash: "7".repeat(64), bytes: 1, mime: "image/png" } as never
    }], { parent: "a" }),
    message("c", `It is ${words}.`, { parent: "b" })
  ], { title: words, tags: [], summary: null, createdAt: day }),
  happened("ConversationTagged", "d1", { tag: words })
]
const sealing = [
  happened("ConversationSealed", "d1"),
  happened("SealedConversationRestated", "d1", {
    owner: Example.owner,
    chunk: { index: 0, of: 2 },
    trash: null,
    archived: false,
    deleted: [],
    revision: "r1",
    key: { generation: 1, wrapped: bytes("key") },
    head: { sealed: bytes("head"), day },
    files: [file("8")],
    messages: [sealedMessage("a"), sealedMessage("b", "a")]
  })
]
const second = {
  ...sealing[1]!,
  chunk: { index: 1, of: 2 },
  files: [],
  messages: [sealedMessage("c", "b")]
}
const story = [...plain, ...sealing, second]
const library = (...events: ReadonlyArray<any>) => {
  const db = open()
  Example.apply(db, ...events)
  return db
}
const found = (db: ReturnType<typeof open>) => Search.messages(db, { query: `${words} `, hidden: true }).hits.length

it("Y1 of a sealed conversation no word is in the file, and nothing is found by it", () => {
  assert.strictEqual(found(library(...plain)), 4)
  const db = library(...story)
  assert.strictEqual(found(db), 0)
  const page = Library.page(db, {})
  assert.deepInclude(page.items[0], {
    title: "",
    provider: "sealed",
    tags: [],
    messages: 3,
    branches: 0,
    updatedAt: day
  })
  assert.deepStrictEqual(ConversationView.outline(db, "d1")?.nodes, [])
  assert.deepStrictEqual(ConversationView.everyMessage(db, "d1"), [])
  assert.strictEqual(LibrarySealed.count(db), 1)
  const names = db.values<string>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%_data'")
  for (const name of names) assert.notInclude(JSON.stringify(db.all(`SELECT * FROM "${name}"`)), words, name)
  assert.deepStrictEqual(Library.facets(db).providers, [{ provider: "sealed", count: 1 }])
})

it("Y2 what was sealed comes back as it came", () => {
  const db = library(...story)
  const all = LibrarySealed.read(db, "d1")!
  assert.deepStrictEqual(all, {
    documentId: "d1",
    version: 5,
    revision: "r1",
    key: { generation: 1, wrapped: bytes("key") },
    head: { sealed: bytes("head"), day },
    files: [file("8")],
    messages: [sealedMessage("a"), sealedMessage("b", "a"), sealedMessage("c", "b")]
  } as never)
  Example.apply(
    db,
    happened("SealedMessageAppended", "d1", {
      head: { sealed: bytes("head 2"), day: day * 2 },
      files: [file("9")],
      message: sealedMessage("d", "b")
    }),
    happened("SealedKeyRewrapped", "d1", { key: { generation: 2, wrapped: bytes("key 2") } })
  )
  const summary = Library.page(db, {}).items[0]!
  assert.deepInclude(summary, { messages: 4, branches: 1, updatedAt: day * 2 })
  assert.deepStrictEqual(summary.sealed, {
    revision: "r1",
    key: { generation: 2, wrapped: bytes("key 2") },
    head: { sealed: bytes("head 2"), day: day * 2 }
  } as never)
  assert.deepStrictEqual(LibrarySealed.read(db, "d1")?.files, [file("8"), file("9")] as never)
  assert.isNull(LibrarySealed.read(db, "d2"))
})

it("Y3 a deleted message leaves no row, and what came after it follows what was before", () => {
  const db = library(...story, happened("MessageDeleted", "d1", { messageId: "b" }))
  assert.deepStrictEqual(
    LibrarySealed.read(db, "d1")?.messages.map(({ id, parent }) => [id, parent]),
    [["a", null], ["c", "a"]] as never
  )
  Example.apply(db, happened("ConversationDeleted", "d1"))
  assert.deepStrictEqual([LibrarySealed.count(db), db.values("SELECT 1 FROM sealed_messages")], [0, []])
})

it("L8 the version is that of the last event that was about it", () => {
  const db = library(...plain, happened("ConversationStarted", "d2", { owner: Example.owner, title: "Other" }))
  assert.deepStrictEqual([LibraryRestated.readFor(db, "d1")?.version, LibraryRestated.readFor(db, "d2")?.version], [
    2,
    3
  ])
  assert.deepInclude(LibraryRestated.readFor(db, "d1")?.head, { sourceTitle: words, provider: "chatgpt" })
})

const reads = (events: ReadonlyArray<any>, first = 1, generation = 1): ReadonlyArray<Read> =>
  events.map((event, n) => ({
    event,
    recorded: {
      ...Example.factOf(first + n, event),
      type: event._tag,
      private: Uint8Array.of(2, 0, 0, 0, generation, ...new Uint8Array(40))
    } as never
  }))

it("T1 what is sealed is said anew sealed, and folds to the same", () => {
  const before = reads([...story, happened("MessageDeleted", "d1", { messageId: "b" })])
  const after = reads(restated(before), 10, 2)
  assert.deepStrictEqual(after.map(({ recorded }) => recorded.type), ["document.SealedConversationRestated"])
  const states = [before, after].map((all) => fold(Document, Document.initial, all.map(({ event }) => event!)))
  assert.deepStrictEqual(
    states.map(({ messages, ...state }) => ({ ...state, messages: Object.fromEntries(messages) }))[1],
    states.map(({ messages, ...state }) => ({ ...state, messages: Object.fromEntries(messages) }))[0]
  )
  const [was, is] = [before, after].map((all) => {
    const db = open()
    for (const { event, recorded } of all) db.apply(LibraryView, [{ ...(recorded as any), event }])
    return { ...LibrarySealed.read(db, "d1"), version: 0 }
  })
  assert.deepStrictEqual(is, was)
  assert.deepStrictEqual([...refsOf(before)], ["7".repeat(64), "8".repeat(64)])
  assert.deepStrictEqual([...gone(before, restated(before))], ["7".repeat(64)])
})

it("T2 what is sealed beside the keys of what was readable is said anew under keys of its own, once", () => {
  const sealed = reads(story)
  assert.isFalse(isRestated(sealed))
  const anew = [...sealed, ...reads(restated(sealed), 10, 2)]
  assert.isTrue(isRestated(anew))
  assert.isFalse(isRestated([...anew, ...reads([happened("MessageDeleted", "d1", { messageId: "b" })], 12, 2)]))
})
