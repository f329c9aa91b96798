/** The promises of the library: its filters, its windows, its months, and what may be typed into it. */
import { assert, describe, it } from "vitest"
import { askedBy, type Filter, narrows, readFilter, writeFilter } from "./Filters.ts"
import { KnownRows, pagesFor, pageSize } from "./KnownRows.ts"
import { depthOf, yearsOf } from "./Months.ts"
import { tagFrom, titleFrom } from "./Titles.ts"

describe("Filters", () => {
  const untouched = readFilter({})

  it("F1 what an address cannot mean is left out, the rest holds", () => {
    const filter = readFilter({
      provider: ["claude", "chatgpt"],
      tag: "",
      from: "yesterday",
      to: "2026-02-30T00:00",
      archived: "maybe",
      sort: "sideways",
      stranger: "x"
    })
    assert.deepStrictEqual(filter, { ...untouched, provider: "claude" })
    assert.strictEqual(readFilter({ from: "2026-13-01" }).from, undefined)
    assert.isFalse(readFilter({ undated: "yes", to: "2026-01-01" }).undated, "no day without a date")
  })

  it("F2 what is written into an address is read back the same, and the untouched filter leaves it bare", () => {
    const full: Filter = {
      text: "cold tea",
      provider: "claude",
      tag: "a & b",
      from: "2026-01-01",
      to: "2026-02-28",
      undated: false,
      archived: true,
      sort: "title"
    }
    const others = [{ ...untouched, archived: true }, { ...untouched, undated: true }, {
      ...full,
      sort: "oldest" as const
    }]
    for (const filter of [full, untouched, ...others]) {
      const written = Object.entries(writeFilter(filter)).filter((entry): entry is [string, string] =>
        entry[1] !== undefined
      )
      assert.deepStrictEqual(readFilter(Object.fromEntries(new URLSearchParams(written))), filter)
    }
    assert.deepStrictEqual(Object.values(writeFilter(untouched)).filter((value) => value !== undefined), [])
    assert.isFalse(narrows(untouched))
    assert.isTrue(narrows(full))
    assert.isTrue(narrows({ ...untouched, undated: true }))
  })

  it("F3 a day means all of that day", () => {
    const { from, to } = askedBy(readFilter({ from: "2026-03-01", to: "2026-03-01" }))
    assert.strictEqual(from, Date.UTC(2026, 2, 1))
    assert.strictEqual(to, Date.UTC(2026, 2, 2) - 1)
    assert.deepStrictEqual(askedBy(untouched), { archived: false, sort: "newest" })
    assert.deepStrictEqual(askedBy(readFilter({ undated: "yes" })), { dated: false, archived: false, sort: "newest" })
  })
})

describe("KnownRows", () => {
  interface Row {
    readonly id: string
  }
  const rows = (from: number, to: number): ReadonlyArray<Row> =>
    Array.from({ length: to - from }, (_, at) => ({ id: `r${from + at}` }))
  const known = () => new KnownRows<Row>(({ id }) => id)

  it("W1 the pages cover what is seen and half a page around it, and nothing beyond the end", () => {
    assert.deepStrictEqual(pagesFor({ first: 0, last: 12 }, undefined), [0])
    assert.deepStrictEqual(pagesFor({ first: 0, last: 12 }, 10_000), [0])
    assert.deepStrictEqual(pagesFor({ first: 0, last: 60 }, 10_000), [0, 1])
    assert.deepStrictEqual(pagesFor({ first: 5_030, last: 5_045 }, 10_000), [49, 50])
    assert.deepStrictEqual(pagesFor({ first: 9_990, last: 9_999 }, 10_000), [99])
    assert.deepStrictEqual(pagesFor({ first: 9_990, last: 9_999 }, 120), [1])
    for (let first = 0; first < 1_000; first += 7) {
      const pages = pagesFor({ first, last: first + 20 }, 1_000)
      for (const row of [first, Math.min(999, first + 20)]) assert.include(pages, Math.floor(row / pageSize))
      assert.isBelow(pages.at(-1)!, 10)
    }
  })

  it("W2 a row is what its page said last, and a page that says less forgets the rest", () => {
    const list = known()
    assert.isTrue(list.isEmpty)
    list.learn(0, rows(0, 100), [0])
    list.learn(0, [{ id: "new" }, ...rows(1, 40)], [0])
    assert.strictEqual(list.at(0)?.id, "new")
    assert.strictEqual(list.at(39)?.id, "r39")
    assert.strictEqual(list.at(40), undefined)
    list.forget()
    assert.isTrue(list.isEmpty)
  })

  it("W3 once a known page has changed, pages nobody watches are forgotten", () => {
    const list = known()
    list.learn(0, rows(0, 100), [0])
    list.learn(1, rows(100, 200), [0, 1])
    list.learn(7, rows(700, 800), [7])
    assert.strictEqual(list.at(100)?.id, "r100", "a page that is new is no change")
    list.learn(7, rows(699, 799), [6, 7])
    assert.strictEqual(list.at(100), undefined)
    assert.strictEqual(list.at(700)?.id, "r699")
  })

  it("W4 a row that moved is found again, nearest to where it was", () => {
    const list = known()
    list.learn(0, rows(0, 100), [0, 1])
    list.learn(1, rows(100, 200), [0, 1])
    list.learn(1, rows(98, 198), [0, 1])
    assert.strictEqual(list.find("r150", 150), 152)
    assert.strictEqual(list.find("r98", 98), 98, "two pages may say the same row while both are on their way")
    assert.strictEqual(list.find("r98", 130), 100)
    assert.strictEqual(list.find("stranger", 0), undefined)
  })
})

describe("Months", () => {
  it("M1 every year that holds something has twelve months, newest year first", () => {
    const years = yearsOf([{ month: "2026-11", count: 4 }, { month: "2024-02", count: 1 }])
    assert.deepStrictEqual(years.map(({ year }) => year), ["2026", "2024"])
    for (const { months } of years) assert.lengthOf(months, 12)
    assert.deepStrictEqual(years[1]!.months[1], { month: "2024-02", count: 1 })
    assert.strictEqual(years.flatMap(({ months }) => months).reduce((sum, { count }) => sum + count, 0), 5)
    assert.deepStrictEqual(yearsOf([]), [])
  })

  it("M2 a month is as deep as it is full", () => {
    assert.deepStrictEqual([0, 1, 33, 34, 67, 100].map((count) => depthOf(count, 100)), [0, 1, 1, 2, 3, 3])
    assert.strictEqual(depthOf(0, 0), 0)
    assert.strictEqual(depthOf(1, 1), 3)
  })
})

describe("Titles", () => {
  it("T1 a title is one line, trimmed, of at most 512 characters", () => {
    assert.strictEqual(titleFrom("  On\n\ttea \u0000"), "On tea")
    assert.strictEqual(titleFrom(" \n "), undefined)
    assert.strictEqual(titleFrom("x".repeat(600))!.length, 512)
    const cats = titleFrom("🐈".repeat(400))!
    assert.isAtMost(cats.length, 512)
    assert.isTrue(cats.isWellFormed(), "no cat is cut in two")
  })

  it("T2 a tag is at most 64 long, without the # put before it", () => {
    assert.strictEqual(tagFrom(" ##work "), "work")
    assert.strictEqual(tagFrom("c# notes"), "c# notes")
    assert.strictEqual(tagFrom("#"), undefined)
    assert.strictEqual(tagFrom("y".repeat(80))!.length, 64)
  })
})
