/** Chains of capabilities made at random: none opens more than its owner let. */
import { assert, describe, it } from "vitest"
import { tryChains } from "./CapabilityChains.ts"

describe("chains of capabilities", () => {
  it("of 100,000 made at random none opens more than its owner let, and what was let opens", () => {
    const { opened, wrong } = tryChains(100_000, 1)
    assert.deepStrictEqual(wrong, [])
    assert.isAbove(opened, 20_000, "enough of them open for the question to mean something")
    assert.isBelow(opened, 90_000)
  })
})
