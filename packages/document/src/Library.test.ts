/** The list of conversations: pages, filters, facets. */
import { assert, it } from "vitest"
import * as Library from "./Library.ts"
import * as Example from "./LibraryExample.ts"

const { apply, happened, imported, message } = Example
const day = 86_400_000
const at = (date: string) => Date.parse(date)

/** Seven conversations, one a month, in turns from two products. */
const library = () => {
  const db = Example.open()
  apply(
    db,
    ...["Tea", "apples", "Bread", "東京の春", "Cheese", "Docker volumes", "Eggs"].map((title, i) =>
      imported(`d${i}`, [message("m", `about ${title} ${i % 2 === 0 ? "cooking" : "travel"}`)], {
        title,
        provider: i % 2 === 0 ? "chatgpt" : "claude",
        createdAt: at(`2024-0${i + 1}-10`),
        updatedAt: at(`2024-0${i + 1}-20`)
      })
    ),
    ...["d1", "d3", "d5"].map((id) => happened("ConversationTagged", id, { tag: "Kitchen garden" })),
    happened("ConversationTagged", "d3", { tag: "zoo" }),
    happened("ConversationArchived", "d6")
  )
  return db
}
const titles = (query: Library.PageQuery) => Library.page(library(), query).items.map(({ title }) => title)

it("P1 the newest come first unless something else is asked for", () => {
  assert.deepStrictEqual(titles({ limit: 3 }), ["Eggs", "Docker volumes", "Cheese"])
  assert.deepStrictEqual(titles({ sort: "oldest", limit: 2 }), ["Tea", "apples"])
  assert.deepStrictEqual(titles({ sort: "title" }), [
    "apples",
    "Bread",
    "Cheese",
    "Docker volumes",
    "Eggs",
    "Tea",
    "東京の春"
  ])
})

it("P1 windows lie side by side, and the total is of all of them", () => {
  const db = library()
  const pages = [0, 3, 6, 9].map((offset) => Library.page(db, { offset, limit: 3 }))
  assert.deepStrictEqual(pages.map(({ items, offset, total }) => [offset, items.length, total]), [
    [0, 3, 7],
    [3, 3, 7],
    [6, 1, 7],
    [9, 0, 7]
  ])
  assert.strictEqual(new Set(pages.flatMap(({ items }) => items.map(({ documentId }) => documentId))).size, 7)
})

it("P1 every filter holds, alone and together", () => {
  assert.deepStrictEqual(titles({ provider: "claude" }), ["Docker volumes", "東京の春", "apples"])
  assert.deepStrictEqual(titles({ tag: "zoo" }), ["東京の春"])
  assert.deepStrictEqual(titles({ archived: true }), ["Eggs"])
  assert.strictEqual(titles({ archived: false }).length, 6)
  const from = at("2024-04-20")
  assert.deepStrictEqual(titles({ from, to: at("2024-06-20") - day }), ["Cheese", "東京の春"])
  assert.deepStrictEqual(titles({ from, tag: "Kitchen garden", provider: "claude" }), ["Docker volumes", "東京の春"])
  assert.deepStrictEqual(Library.page(library(), { tag: "' OR 1=1 --" }), { total: 0, offset: 0, items: [] })
})

it("P2 facets count", () => {
  assert.deepStrictEqual(Library.facets(library()), {
    total: 7,
    archived: 1,
    providers: [{ provider: "chatgpt", count: 4 }, { provider: "claude", count: 3 }],
    tags: [{ tag: "Kitchen garden", count: 3 }, { tag: "zoo", count: 1 }],
    months: ["2024-07", "2024-06", "2024-05", "2024-04", "2024-03", "2024-02", "2024-01"].map((month) => ({
      month,
      count: 1
    }))
  })
  assert.deepStrictEqual(Library.facets(Example.open()), { total: 0, archived: 0, providers: [], tags: [], months: [] })
})

it("P3 words leave what holds them: title, tags, or one message", () => {
  assert.deepStrictEqual(titles({ text: "dock" }), ["Docker volumes"])
  assert.deepStrictEqual(titles({ text: "volume doc" }), ["Docker volumes"])
  assert.deepStrictEqual(titles({ text: "kitchen gar" }), ["Docker volumes", "東京の春", "apples"])
  assert.deepStrictEqual(titles({ text: "travelling" }), ["Docker volumes", "東京の春", "apples"])
  assert.deepStrictEqual(titles({ text: "の" }), ["東京の春"])
  assert.deepStrictEqual(titles({ text: "cooking -cheese" }), ["Eggs", "Bread", "Tea"])
  assert.deepStrictEqual(titles({ text: "cooking travel" }), [])
  assert.strictEqual(titles({ text: "  " }).length, 7)
})
