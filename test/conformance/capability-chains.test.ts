/** Chains of capabilities made at random: none opens more than its owner let. 100,000 here, a million by `npm run bench -- capability`. */
import { assert, describe, it } from "vitest"
import { tryChains } from "./CapabilityChains.ts"

describe("chains of capabilities", () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`of 5,000 drawn from ${seed} none opens more than its owner let, and what was let opens`, async () => {
      const { opened, wrong } = await tryChains(5_000, seed)
      assert.deepStrictEqual(wrong, [])
      assert.isAbove(opened, 1_000, "enough of them open for the question to mean something")
      assert.isBelow(opened, 4_500)
    })
  }
})
