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
    trashed: 0,
    archived: 1,
    providers: [{ provider: "chatgpt", count: 4 }, { provider: "claude", count: 3 }],
    tags: [{ tag: "Kitchen garden", count: 3 }, { tag: "zoo", count: 1 }],
    undated: 0,
    months: ["2024-07", "2024-06", "2024-05", "2024-04", "2024-03", "2024-02", "2024-01"].map((month) => ({
      month,
      count: 1
    }))
  })
  assert.deepStrictEqual(Library.facets(Example.open()), {
    total: 0,
    trashed: 0,
    archived: 0,
    providers: [],
    tags: [],
    undated: 0,
    months: []
  })
})

it("P5 a facet counts what choosing it shows, whatever else is chosen", () => {
  const db = library()
  apply(
    db,
    happened("ConversationArchived", "d1"),
    happened("ConversationTrashed", "d2", { purgeAt: at("2030-01-01") }),
    happened("ConversationArchived", "d2"),
    imported("u0", [message("m", "cooking without a day")], { title: "Loose leaf" })
  )
  const filters: ReadonlyArray<Library.Filter> = [
    {},
    { archived: false },
    { archived: true },
    { archived: false, provider: "claude" },
    { archived: false, tag: "Kitchen garden" },
    { archived: false, text: "cooking" },
    { archived: false, dated: false },
    { archived: false, from: at("2024-05-01"), to: at("2024-06-30"), provider: "chatgpt" },
    { archived: false, text: "nothing holds this" }
  ]
  const shown = (filter: Library.Filter) => Library.page(db, filter).total
  for (const filter of filters) {
    const facets = Library.facets(db, filter)
    const whenever = { ...filter, from: undefined, to: undefined, dated: undefined }
    const said = JSON.stringify(filter)
    assert.deepStrictEqual([facets.total, facets.trashed], [7, 1], said)
    for (const provider of ["chatgpt", "claude"]) {
      const counted = facets.providers.find((one) => one.provider === provider)?.count ?? 0
      assert.strictEqual(counted, shown({ ...filter, provider }), `${said} ${provider}`)
    }
    for (const tag of ["Kitchen garden", "zoo"]) {
      const counted = facets.tags.find((one) => one.tag === tag)?.count ?? 0
      assert.strictEqual(counted, shown({ ...filter, tag }), `${said} ${tag}`)
    }
    for (let month = 1; month <= 7; month++) {
      const from = Date.UTC(2024, month - 1)
      const counted = facets.months.find((one) => one.month === `2024-0${month}`)?.count ?? 0
      assert.strictEqual(counted, shown({ ...whenever, from, to: Date.UTC(2024, month) - 1 }), `${said} ${month}`)
    }
    assert.strictEqual(facets.undated, shown({ ...whenever, dated: false }), said)
    assert.strictEqual(facets.archived, shown({ ...filter, archived: true }), said)
  }
})

/** Two transcripts without any time, imported after everything else, and one whose only time is of its beginning. */
const withUndated = () => {
  const db = library()
  apply(
    db,
    imported("u0", [message("m", "lost in time")], { title: "Loose leaf" }),
    imported("u1", [message("m", "lost in time too")], { title: "Looser leaf" }),
    imported("b0", [message("m", "begun")], { title: "Begun", createdAt: at("2024-01-15") })
  )
  return db
}

it("P4 what has no date comes last in both orders, the last import first among the newest", () => {
  const db = withUndated()
  const inOrder = (sort: "newest" | "oldest") => Library.page(db, { sort }).items.map(({ title }) => title)
  assert.deepStrictEqual(inOrder("newest").slice(-4), ["Tea", "Begun", "Looser leaf", "Loose leaf"])
  assert.deepStrictEqual(inOrder("oldest").slice(0, 2), ["Begun", "Tea"])
  assert.deepStrictEqual(inOrder("oldest").slice(-2), ["Loose leaf", "Looser leaf"])
})

it("P4 what has no date lies in no month and between no two dates, and can be asked for by itself", () => {
  const db = withUndated()
  const { months, total, undated } = Library.facets(db)
  assert.deepStrictEqual([total, undated, months.reduce((sum, { count }) => sum + count, 0)], [10, 2, 8])
  assert.deepStrictEqual(months.at(-1), { month: "2024-01", count: 2 })
  const found = (query: Library.PageQuery) => Library.page(db, query).items.map(({ documentId }) => documentId)
  assert.deepStrictEqual(found({ dated: false }), ["u1", "u0"])
  assert.lengthOf(found({ dated: true }), 8)
  assert.lengthOf(found({ from: 0 }), 8)
  assert.lengthOf(found({ to: Number.MAX_SAFE_INTEGER }), 8)
  assert.deepStrictEqual(found({ text: "lost", from: 0 }), [])
  // Said now, it has a date, and its place among the others.
  apply(db, happened("MessageAppended", "u0", { message: message("n", "found again", { at: at("2024-12-01") }) }))
  assert.deepStrictEqual(found({ dated: false }), ["u1"])
  assert.strictEqual(found({})[0], "u0")
  assert.strictEqual(Library.facets(db).months[0]!.month, "2024-12")
})

it("P4 no order of the whole library has to be sorted: the tables are kept in it", () => {
  const db = withUndated()
  for (const sort of ["newest", "oldest"] as const) {
    const plan = db.all<{ readonly detail: string }>(
      `EXPLAIN QUERY PLAN SELECT c.id FROM conversations c WHERE 1 ORDER BY ${Library.order[sort]} LIMIT 50`
    )
    assert.notInclude(plan.map(({ detail }) => detail).join(), "TEMP B-TREE")
  }
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
