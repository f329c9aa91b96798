/** The lattice of what policies let. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { refuses } from "./Policy.ts"
import { request, terms } from "./PolicyExample.ts"
import * as Terms from "./Terms.ts"

const { meet } = Terms
const law = (check: () => FastCheck.IPropertyWithHooks<any>) => FastCheck.assert(check(), { numRuns: 3_000 })

describe("Terms", () => {
  it("M1 the meet is commutative, associative and idempotent, and has a top and a bottom", () => {
    law(() => FastCheck.property(terms, terms, (a, b) => assert.deepStrictEqual(meet(a, b), meet(b, a))))
    law(() =>
      FastCheck.property(
        terms,
        terms,
        terms,
        (a, b, c) => assert.deepStrictEqual(meet(meet(a, b), c), meet(a, meet(b, c)))
      )
    )
    law(() =>
      FastCheck.property(terms, (a) => {
        assert.deepStrictEqual(meet(a, a), a)
        assert.deepStrictEqual(meet(a, Terms.everything), a)
        assert.isTrue(meet(a, Terms.nothing).denied)
      })
    )
  })

  it("M2 the meet lets a request exactly if both let it", () => {
    const lets = (one: Terms.Terms, asked: Parameters<typeof refuses>[1]) => refuses(one, asked).length === 0
    let both = 0
    law(() =>
      FastCheck.property(terms, terms, request, (a, b, asked) => {
        if (lets(a, asked) && lets(b, asked)) both++
        assert.strictEqual(lets(meet(a, b), asked), lets(a, asked) && lets(b, asked))
      })
    )
    assert.isAbove(both, 0, "some are let by both")
    // Drawn at random few requests are let: one that fits is let by its own narrowing.
    const fits = Terms.make({ rights: ["/content/write"], networks: ["203.0.112.0/20"], usesMax: 2 })
    const narrow = meet(fits, Terms.make({ rights: ["/content/share"], networks: ["203.0.113.0/24"] }))
    const asked = {
      scopes: [],
      right: "/content/read",
      by: "did:key:zBo",
      at: 1,
      uses: 1,
      depth: 0,
      ip: "203.0.113.7",
      twoFactor: false,
      origin: null
    }
    assert.deepStrictEqual(refuses(narrow, asked), [])
    assert.deepStrictEqual(refuses(narrow, { ...asked, ip: "203.0.112.7", right: "/content/remix", uses: 2 }), [
      "right",
      "used up",
      "network"
    ])
  })

  it("M3 what is narrowed is never more than what it was made of", () => {
    law(() =>
      FastCheck.property(terms, terms, (parent, wished) => {
        assert.isTrue(Terms.isWithin(meet(parent, wished), parent))
        assert.isTrue(Terms.isWithin(parent, Terms.everything))
        // An order: two that are within each other are one.
        if (Terms.isWithin(parent, wished) && Terms.isWithin(wished, parent)) assert.deepStrictEqual(parent, wished)
      })
    )
    assert.isFalse(Terms.isWithin(Terms.make({ usesMax: 3 }), Terms.make({ usesMax: 2 })))
    assert.isFalse(Terms.isWithin(Terms.make({ redactions: ["names"] }), Terms.make({ redactions: ["files"] })))
    assert.throws(() => Terms.make({ networks: ["1.2.3"] }), RangeError)
  })
})
