/** The promises of searching: what is looked for, where it is found again, and what the spans of time mean. */
import { assert, describe, it } from "vitest"
import { askedBy, readQuestion, writeQuestion } from "./Question.ts"
import { spanOf, spansOf } from "./Spans.ts"

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
