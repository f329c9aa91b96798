/** Decisions: the meet of all that applies. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { decide, type Policy, type Request } from "./Policy.ts"
import { policies, request } from "./PolicyExample.ts"
import * as Terms from "./Terms.ts"

const law = (check: () => FastCheck.IPropertyWithHooks<any>) => FastCheck.assert(check(), { numRuns: 3_000 })
const asked: Request = {
  scopes: ["document/d1", "node"],
  right: "/content/read",
  by: "did:key:zBo",
  at: 10,
  uses: 0,
  depth: 0,
  ip: "203.0.113.7",
  twoFactor: false,
  origin: null
}
const policy = (name: string, scope: string, chosen: Parameters<typeof Terms.make>[0]): Policy => ({
  name,
  scope,
  terms: Terms.make(chosen)
})
const readers = policy("readers", "document/d1", { rights: ["/content/write"], audience: ["did:key:zBo"], usesMax: 3 })
const floor = policy("floor", "node", { usesMax: 2, redactions: ["names"] })
const never = policy("never", "node", { denied: true })

describe("Policy", () => {
  it("D1 what is let is let by every policy that applies; a denial wins; where none applies nothing is let", () => {
    assert.deepStrictEqual(decide([readers, floor], asked), {
      _tag: "Allowed",
      terms: Terms.make({ ...readers.terms, usesMax: 2, redactions: ["names"] })
    })
    assert.deepStrictEqual(decide([], asked), { _tag: "Refused", by: [] })
    assert.deepStrictEqual(decide([readers], { ...asked, scopes: ["document/d2"] }), { _tag: "Refused", by: [] })
    assert.strictEqual(decide([readers, floor, never], asked)._tag, "Refused")
  })

  it("D2 adding a policy to those that apply never lets more", () => {
    law(() =>
      FastCheck.property(policies, policies, request, (some, more, one) => {
        const applies = some.some(({ scope }) => one.scopes.includes(scope))
        const [before, after] = [decide(some, one), decide([...some, ...more], one)]
        if (!applies || after._tag === "Refused") return
        assert.strictEqual(before._tag, "Allowed")
        if (before._tag === "Allowed") assert.isTrue(Terms.isWithin(after.terms, before.terms))
      })
    )
  })

  it("D3 the order of the policies is nothing to the answer, nor is when it is asked again", () => {
    law(() =>
      FastCheck.property(policies, request, (some, one) => {
        assert.deepStrictEqual(decide(some.toReversed(), one), decide(some, one))
      })
    )
  })

  it("D4 a refusal says all it refuses for, policy by policy", () => {
    const found = decide([never, floor, readers], { ...asked, by: "did:key:zCy", uses: 3, right: "/content/admin" })
    assert.deepStrictEqual(found, {
      _tag: "Refused",
      by: [
        { policy: "floor", for: ["used up"] },
        { policy: "never", for: ["denied"] },
        { policy: "readers", for: ["right", "audience", "used up"] }
      ]
    })
  })
})
