/** The promises of searching: what is looked for, where it is found again, and what the spans of time mean. */
import { assert, describe, it } from "vitest"
import { askedBy, readQuestion, writeQuestion } from "./Question.ts"
import { spanOf, spansOf } from "./Spans.ts"
import { finderOf, fold, termsOf } from "./Words.ts"

const found = (query: string, text: string) => finderOf(query)(text).map(({ end, start }) => text.slice(start, end))

describe("Words", () => {
  it("Q1 words, phrases and the unfinished last word are looked for, what is asked away is not", () => {
    assert.deepStrictEqual(termsOf("Bread -rye \"cold  start\" -\"no way\" sour"), ["bread", "cold start", "sour"])
    assert.deepStrictEqual(termsOf("\"cold sta"), ["cold sta"])
    assert.deepStrictEqual(termsOf("don't e-mail tea tea"), ["don", "t", "e", "mail", "tea"])
    assert.deepStrictEqual(found("\"cold start\" bre", "Bread from a cold, start to end: cold starts."), [
      "Bread",
      "cold, start",
      "cold start"
    ])
  })

  it("Q2 a word is found at the beginning of words, whatever its case, accents or ending", () => {
    assert.deepStrictEqual(found("cafe", "Café, CAFES, decaf"), ["Café", "CAFES"])
    assert.deepStrictEqual(found("connections", "connect connected disconnect connecting"), [
      "connect",
      "connected",
      "connecting"
    ])
    assert.deepStrictEqual(found("tea", "tea teapot steam"), ["tea", "teapot"])
    assert.deepStrictEqual(found("京都", "秋の京都へ"), ["京都"])
    assert.deepStrictEqual(found("الخلاصة", "هذه الخلاصة هنا"), ["الخلاصة"])
  })

  it("Q3 whatever is typed is only text, and nothing typed finds nothing", () => {
    for (const query of ["", "   ", "-x", "\"\"", "()", ".*", "[", "\\", "***"]) {
      assert.deepStrictEqual(found(query, "a.*b (c) [d] \\ x"), [], query)
    }
    assert.deepStrictEqual(found("a.b", "a.b axb"), ["a", "b", "axb"])
    const slow = performance.now()
    found("a ".repeat(200), "a".repeat(20_000))
    assert.isBelow(performance.now() - slow, 1_000)
  })

  it("Q4 what is found is where it is, in order, without overlaps", () => {
    const text = "İstanbul: tea & tea leaves; ﬁne 𝒳 tea"
    assert.strictEqual(fold(text).length, text.length)
    const finds = finderOf("tea \"tea leaves\"")(text)
    assert.deepStrictEqual(finds.map(({ end, start }) => text.slice(start, end)), ["tea", "tea leaves", "tea"])
    finds.slice(1).forEach(({ start }, at) => assert.isAtLeast(start, finds[at]!.end))
  })
})

describe("Spans", () => {
  const now = Date.UTC(2026, 10, 20, 15)
  const spans = spansOf(now, ["2026", "2024"])

  it("N1 no limit first, then lately, then whole years", () => {
    assert.deepStrictEqual(spans[0], { name: "Any time", from: undefined, to: undefined })
    assert.deepStrictEqual(spans[1], { name: "Past week", from: "2026-11-13", to: undefined })
    assert.deepStrictEqual(spans.at(-1), { name: "In 2024", from: "2024-01-01", to: "2024-12-31" })
  })

  it("N2 days are known again by the name they were chosen by, and others by none", () => {
    for (const span of spans) assert.strictEqual(spanOf(spans, { from: span.from, to: span.to }), span)
    assert.strictEqual(spanOf(spans, { from: "2026-11-13", to: "2026-11-14" }), undefined)
  })
})

describe("Question", () => {
  it("U1 a question written into an address is read back the same, and an empty one asks nothing", () => {
    const full = readQuestion({
      q: "cold tea",
      provider: "claude",
      role: "user",
      from: "2026-01-01",
      to: "2026-01-02",
      hidden: "yes"
    })
    const written = Object.entries(writeQuestion(full)).filter((entry): entry is [string, string] =>
      entry[1] !== undefined
    )
    assert.deepStrictEqual(readQuestion(Object.fromEntries(written)), full)
    assert.deepStrictEqual(askedBy(full, 25), {
      query: "cold tea",
      limit: 25,
      provider: "claude",
      role: "user",
      from: Date.UTC(2026, 0, 1),
      to: Date.UTC(2026, 0, 3) - 1,
      hidden: true
    })
    assert.strictEqual(askedBy(readQuestion({ q: "  " }), 25), undefined)
    assert.strictEqual(readQuestion({ q: "x".repeat(600), role: "root" }).q.length, 512)
    assert.strictEqual(readQuestion({ role: "root" }).role, undefined)
  })
})
