/** Policies decide as Cedar does, whose engine is proved. */
import { assert, describe, it } from "vitest"
import { compare } from "./CedarOracle.ts"

describe("policies beside Cedar", () => {
  it("decide alike on 40,000 questions drawn at random", () => {
    const { allowed, different, refused } = compare(40_000, 7)
    assert.deepStrictEqual(different, [])
    assert.isAbove(allowed, 400, "enough is let for the question to mean something")
    assert.isAbove(refused, 400)
  })
})
