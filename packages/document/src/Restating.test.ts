/** What is said anew of a conversation gives what everything before it gave. */
import { fold } from "@vivim/actor/Actor"
import { DocumentEvents } from "@vivim/event-schemas/document/index"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import { assert, it } from "vitest"
import { gone, refsOf, shown, usedElsewhere } from "./ConversationContents.ts"
import * as ConversationView from "./ConversationView.ts"
import { Document } from "./Document.ts"
import * as Library from "./Library.ts"
import * as Example from "./LibraryExample.ts"
import { LibraryView } from "./LibraryView.ts"
import { type Read, restated } from "./Restating.ts"
import * as Search from "./Search.ts"

const { happened, imported, message, open } = Example
const picture = (hash: string) =>
  message(`p${hash[0]}`, [{
    _tag: "Image",
    source: "p",
    name: null,
    alt: null,
    content: { hash: hash.repeat(64), bytes: 1, mime: "image/png" } as never
  }])

const story = [
  imported("d1", [
    message("a", "What is tea?", { at: 5_000 }),
    message("b", "A marmalade plant.", { parent: "a", role: "assistant", at: 6_000 }),
    message("c", "A drink.", { parent: "b", role: "assistant", at: 9_000 })
  ], { title: "Tea", createdAt: 4_000, leaf: "c", summary: null, tags: [] }),
  happened("ConversationRenamed", "d1", { title: "Of tea" }),
  happened("ConversationTagged", "d1", { tag: "leaf" }),
  happened("MessageAppended", "d1", { message: picture("7") }),
  happened("MessageAppended", "d1", { message: picture("8") }),
  happened("ConversationTrashed", "d1", { purgeAt: 99_000 }),
  happened("ConversationArchived", "d1"),
  happened("MessageDeleted", "d1", { messageId: "b" }),
  happened("MessageDeleted", "d1", { messageId: "p7" })
]
const reads = (events: ReadonlyArray<any>, first = 1): ReadonlyArray<Read> =>
  events.map((event, n) => ({ event, recorded: { ...Example.factOf(first + n, event), type: event._tag } as never }))

const folded = (all: ReadonlyArray<Read>) => {
  const state = fold(Document, Document.initial, all.map(({ event }) => event!))
  return { ...state, messages: Object.fromEntries(state.messages) }
}

const library = (all: ReadonlyArray<Read>) => {
  const db = open()
  for (const { event, recorded } of all) db.apply(LibraryView, [{ ...(recorded as any), event }])
  return db
}
const told = (db: ReturnType<typeof library>) => ({
  page: Library.page(db, { trashed: true }),
  outline: ConversationView.outline(db, "d1"),
  messages: ConversationView.everyMessage(db, "d1"),
  found: ["drink", "marmalade", "tea"].map((query) =>
    Search.messages(db, { query: `${query} `, hidden: true }).hits.length
  )
})

it("T1 the actor and the library are those of everything before", () => {
  const before = reads(story)
  const after = reads(restated(before) as never, 10)
  assert.isNotEmpty(after)
  assert.deepStrictEqual(
    folded(after),
    folded(before)
  )
  const [was, is, both] = [library(before), library(after), library([...before, ...after])].map(told)
  assert.deepStrictEqual(is, was)
  assert.deepStrictEqual(both, was)
  assert.isTrue(DocumentEvents.encode(after[0]!.event as never).private.length > 0)
})

it("L7 a deleted message leaves no row and no word, and what came after it follows what was before", () => {
  const db = library(reads(story))
  assert.deepStrictEqual(
    ConversationView.outline(db, "d1")?.nodes.map(({ id, parent }) => [id, parent]),
    [["a", null], ["c", "a"], ["p8", null]]
  )
  assert.strictEqual(Search.messages(db, { query: "marmalade ", hidden: true }).hits.length, 0)
  assert.strictEqual(db.value("SELECT messages FROM archive"), 3)
})

it("tells which kept files went with it", () => {
  const all = reads(story)
  assert.deepStrictEqual([...refsOf(all)], ["7".repeat(64), "8".repeat(64)])
  assert.deepStrictEqual([...gone(all, restated(all))], ["7".repeat(64)])
})

it("tells which kept files another conversation shows, and takes none for shown that words name", () => {
  const [seven, eight, nine] = ["7", "8", "9"].map((digit) => digit.repeat(64)) as [string, string, string]
  const db = library(reads([
    ...story,
    imported("d2", [
      picture("9"),
      message("n", `{"content":{"hash":"${seven}"}}`),
      message("k", [
        {
          _tag: "Attachment",
          source: "f",
          name: seven,
          mime: null,
          bytes: null,
          text: `"hash":"${seven}"`,
          content: null
        }
      ])
    ])
  ]))
  const asked = new Set([seven, eight, nine])
  assert.deepStrictEqual([...shown(db, asked, "")].toSorted(), [eight, nine])
  assert.deepStrictEqual([...shown(db, asked, "d1")], [nine])
})

it("of who has left no kept file is shown", () =>
  Effect.runPromise(
    Effect.provide(
      Effect.map(usedElsewhere("did:key:zGone", new Set(["7".repeat(64)]), ""), (used) => assert.isEmpty([...used])),
      UserDatabases.layerMemory([LibraryView])
    )
  ))
