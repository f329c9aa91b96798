/** The words of a search, in texts. */
import { assert, describe, it } from "vitest"
import { finderOf, fold, holderOf, termsOf } from "./Words.ts"

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

  it("Q5 a text is held to have the words when it has all of them, and none that was asked away", () => {
    const text = fold("Sencha steeps for one minute, über dem Feuer. 京都に行く")
    const held = (query: string) => holderOf(query)?.(text) ?? null
    const yes = ["sencha minute", "STEEP", "\"one minute\"", "uber", "京都", "sench", "minute -hour"]
    const no = ["sencha hour", "encha", "\"minute one\"", "minute -sencha", "大阪"]
    assert.deepStrictEqual([...yes, ...no].map(held), [...yes.map(() => true), ...no.map(() => false)])
    assert.deepStrictEqual(["", "-tea", "…"].map(held), [null, null, null])
  })
})
