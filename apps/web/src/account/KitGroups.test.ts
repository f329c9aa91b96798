/** The promises of `KitGroups.ts`. */
import { assert, describe, it } from "vitest"
import { askedGroups, isSameGroup } from "./KitGroups.ts"

describe("groups of a kit", () => {
  it("K1 recognises a group however it was typed, and no other", () => {
    for (const typed of ["A01X9", "a01x9", " aO1x9 ", "AOIX9", "aolx9", "A0-1X 9"]) {
      assert.isTrue(isSameGroup(typed, "A01X9"))
    }
    for (const typed of ["A01X8", "A01X", "", "A01X99"]) assert.isFalse(isSameGroup(typed, "A01X9"))
  })

  it("K2 asks two different groups back, in order, neither the first nor the last", () => {
    const seen = new Set<number>()
    for (let one = 0; one < 1; one += 0.01) {
      for (let other = 0; other < 1; other += 0.01) {
        const draws = [one, other]
        const [first, second] = askedGroups(14, () => draws.shift()!)
        assert.isBelow(first, second)
        assert.isAbove(first, 0)
        assert.isBelow(second, 13)
        seen.add(first).add(second)
      }
    }
    assert.strictEqual(seen.size, 12, "every inner group is asked sometimes")
  })
})
