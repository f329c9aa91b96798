/** Text no store would take, and text that must stay as it is. */
import { assert, describe, it } from "vitest"
import { cleanLabel, cleanText, cleanUrlOrNull, cutText } from "./CleanText.ts"
import { Notes } from "./Notes.ts"

describe("CleanText", () => {
  it("X1 half characters and zeros go, everything else stays", () => {
    const notes = new Notes()
    assert.strictEqual(cleanText("a\uD83Db\uDC08c\0d", notes), "a\uFFFDb\uFFFDcd")
    assert.lengthOf(notes.list(), 2)
    const kept = "🐈 \u202E\u200Fמימין\u2066x\u2069 é e\u0301 \u0007 \uE200 日本"
    const none = new Notes()
    assert.strictEqual(cleanText(kept, none), kept)
    assert.isEmpty(none.list())
  })

  it("X1 names and addresses have their bounds, and an address is never cut", () => {
    const notes = new Notes()
    assert.strictEqual(cleanLabel("x".repeat(9_000), notes).length, 512)
    assert.strictEqual(cleanUrlOrNull("https://a.example/", notes), "https://a.example/")
    assert.isNull(cleanUrlOrNull(`https://a.example/${"x".repeat(9_000)}`, notes))
    assert.match(notes.list().join(), /addresses longer than/)
  })

  it("X1 cutting never leaves half a character", () => {
    assert.strictEqual(cutText("ab🐈", 3), "ab")
    assert.strictEqual(cutText("ab🐈", 4), "ab🐈")
    assert.strictEqual(cutText("abc", 2), "ab")
  })
})
