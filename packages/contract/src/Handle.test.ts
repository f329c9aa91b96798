/** What readers take for one another. */
import { Handle } from "@vivim/event-schemas/ids"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { HandleAddress, look } from "./Handle.ts"

describe("the look of a handle", () => {
  it("H1 is one for those that are read alike, and another for all others", () => {
    for (
      const [one, other] of [
        ["ada", "a.d-a_"],
        ["bill", "b1ll"],
        ["bill", "biii"],
        ["mona", "rnona"],
        ["wow", "vvow"],
        ["wow", "vv0vv"],
        ["zero", "zer0"],
        ["ADA", "ada"],
        ["summer", "sumrner"],
        ["sasa", "5a5a"]
      ] as const
    ) assert.strictEqual(look(one), look(other), `${one} ${other}`)
    for (const [one, other] of [["ada", "adam"], ["vera", "wera"], ["ann", "arn"], ["tea", "pea"]] as const) {
      assert.notStrictEqual(look(one), look(other), `${one} ${other}`)
    }
  })

  it("H1 is its own look, whatever the handle", () => {
    const Any = Arbitrary.make(Schema.String.pipe(Schema.pattern(/^[a-z][a-z0-9._-]{0,38}[a-z0-9]$/)))
    FastCheck.assert(FastCheck.property(Any, (handle) => {
      assert.strictEqual(look(look(handle)), look(handle))
      assert.match(`handle/${HandleAddress.id({ handle: Handle.make(handle) } as never)}`, /^handle\/\S{1,80}$/)
    }))
  })
})
