/** The trash of a library. */
import { assert, it } from "vitest"
import * as ConversationView from "./ConversationView.ts"
import * as Library from "./Library.ts"
import * as Example from "./LibraryExample.ts"
import * as LibraryTrash from "./LibraryTrash.ts"
import * as Search from "./Search.ts"

const { apply, happened, imported, message, open } = Example
const purgeAt = 2_000_000_000_000

/** Four conversations about tea; the actor archives what it puts into the trash, unless it is archived already. */
const library = () => {
  const db = open()
  apply(
    db,
    ...["a", "b", "c", "d"].map((id) => imported(id, [message("m", "about tea")], { title: `Tea ${id}` })),
    happened("ConversationArchived", "d")
  )
  return db
}
const ids = ({ items }: Library.Page) => items.map(({ documentId }) => documentId)
const everywhere = (db: ReturnType<typeof open>) => ({
  all: ids(Library.page(db, { sort: "title" })),
  seen: ids(Library.page(db, { sort: "title", archived: false })),
  archived: ids(Library.page(db, { sort: "title", archived: true })),
  withWords: ids(Library.page(db, { sort: "title", text: "tea" })),
  found: Search.messages(db, { query: "about" }).hits.map(({ documentId }) => documentId).toSorted(),
  titled: [...new Set(Search.messages(db, { query: "tea" }).hits.map(({ documentId }) => documentId))].toSorted(),
  counted: Library.facets(db)
})

it("R1 what lies in the trash is in no list, count or search but the trash's own", () => {
  const db = library()
  apply(
    db,
    happened("ConversationTrashed", "b", { purgeAt }),
    happened("ConversationArchived", "b"),
    happened("ConversationTrashed", "d", { purgeAt: purgeAt + 1 })
  )
  const { counted, ...lists } = everywhere(db)
  assert.deepStrictEqual(lists, {
    all: ["a", "c"],
    seen: ["a", "c"],
    archived: [],
    withWords: ["a", "c"],
    found: ["a", "c"],
    titled: ["a", "c"]
  })
  assert.deepInclude(counted, { total: 2, trashed: 2, archived: 0, providers: [{ provider: "chatgpt", count: 2 }] })
  const trash = Library.page(db, { trashed: true, sort: "trashed" })
  assert.deepStrictEqual(ids(trash), ["d", "b"], "what was put there last comes first")
  assert.deepStrictEqual(trash.items.map(({ trash }) => trash!.purgeAt), [purgeAt + 1, purgeAt])
  assert.isAbove(trash.items[0]!.trash!.since, trash.items[1]!.trash!.since)
  assert.deepStrictEqual(ids(Library.page(db, { trashed: true, text: "tea b" })), ["b"])
  assert.strictEqual(ConversationView.outline(db, "b")!.summary.trash!.purgeAt, purgeAt)
})

it("R2 what is taken out again is as if it had never been there", () => {
  const [db, untouched] = [library(), library()]
  apply(
    db,
    happened("ConversationTrashed", "b", { purgeAt }),
    happened("ConversationArchived", "b"),
    happened("ConversationTrashed", "d", { purgeAt }),
    happened("ConversationRestored", "b"),
    happened("ConversationUnarchived", "b"),
    happened("ConversationRestored", "d")
  )
  assert.deepStrictEqual(everywhere(db), everywhere(untouched))
  assert.deepStrictEqual(ids(Library.page(db, { trashed: true })), [])
})

it("R2 what is deleted leaves its place, and the next one does not inherit it", () => {
  const db = library()
  apply(db, happened("ConversationTrashed", "d", { purgeAt }), happened("ConversationDeleted", "d"))
  assert.strictEqual(LibraryTrash.count(db), 0)
  apply(db, imported("e", [message("m", "about tea")], { title: "Tea e" }))
  assert.deepStrictEqual(ids(Library.page(db, { sort: "title" })), ["a", "b", "c", "e"])
})
