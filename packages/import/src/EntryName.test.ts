/** Names that try to lead out of their folder. */
import { assert, describe, it } from "vitest"
import { shownName, unsafeName } from "./EntryName.ts"

describe("EntryName", () => {
  it("Q1 names that lead somewhere are refused by reason", () => {
    const refused: ReadonlyArray<readonly [name: string, reason: RegExp]> = [
      ["../x.json", /climbs/],
      ["a/../../x.json", /climbs/],
      ["a/..", /climbs/],
      ["/etc/passwd", /absolute/],
      ["C:/x.json", /drive/],
      ["c:x.json", /drive/],
      ["a\\..\\x.json", /backslash/],
      ["a\0.json", /control/],
      ["a\n.json", /control/],
      ["", /empty/],
      ["x".repeat(2_000), /longer/]
    ]
    for (const [name, reason] of refused) assert.match(unsafeName(name) ?? "", reason, name)
    for (const name of ["a.json", "a/b.json", "..a", "a..b/c...", "sales 2025 (final) — copie.csv", "日本/x"]) {
      assert.isNull(unsafeName(name))
    }
  })

  it("Q1 a refused name can be shown", () => {
    assert.strictEqual(shownName("a\0b\u001b[31m"), "a\uFFFDb\uFFFD[31m")
  })
})
