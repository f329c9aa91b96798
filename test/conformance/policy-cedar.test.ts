/** Policies decide as Cedar does, whose engine is proved. 40,000 here, a million by `npm run bench -- capability`. */
import { assert, describe, it } from "vitest"
import { compare } from "./CedarOracle.ts"

describe("policies beside Cedar", () => {
  for (let seed = 1; seed <= 8; seed++) {
    it(`decide alike on 5,000 questions drawn from ${seed}`, async () => {
      const { allowed, different, refused } = await compare(5_000, seed)
      assert.deepStrictEqual(different, [])
      assert.isAbove(allowed, 100, "enough is let for the question to mean something")
      assert.isAbove(refused, 100)
    })
  }
})
