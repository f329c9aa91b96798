/** Filters of a search hold for every hit, whatever was said, replaced or hidden. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { imported, message } from "./LibraryExample.ts"
import { find, found, ids, kitchen, libraryOf } from "./SearchExample.ts"

describe("X4 filters", () => {
  it("X4 each holds for every hit", () => {
    assert.deepStrictEqual(found(kitchen, "docker ", { provider: "chatgpt", tag: "wanderlust" }), ["mixed"])
    assert.deepStrictEqual(found(kitchen, "volume ", { role: "assistant" }), ["named"])
    assert.deepStrictEqual(found(kitchen, "volume ", { from: 4_001, to: 5_999 }), ["named"])
    assert.deepStrictEqual(found(kitchen, "tea ", { provider: "chatgpt" }), [])
    assert.deepStrictEqual(found(kitchen, "containers ", { provider: "claude" }), [])
  })
  it("X4 for any filters: checked against reading everything, of messages replaced meanwhile, too", () => {
    const roles = ["user", "assistant", "tool"] as const
    const providers = ["chatgpt", "open-webui", "claude"] as const
    const said = FastCheck.record({
      role: FastCheck.constantFrom(...roles),
      changed: FastCheck.option(FastCheck.constantFrom(...roles), { nil: undefined }),
      provider: FastCheck.nat(2),
      words: FastCheck.subarray(["ant", "bee"], { minLength: 1 })
    })
    const asked = FastCheck.record({
      role: FastCheck.option(FastCheck.constantFrom(...roles), { nil: undefined }),
      provider: FastCheck.option(FastCheck.constantFrom(...providers, "open"), { nil: undefined }),
      wanted: FastCheck.subarray(["ant", "bee"], { minLength: 1 })
    })
    FastCheck.assert(
      FastCheck.property(FastCheck.array(said, { minLength: 1, maxLength: 10 }), asked, (said, asked) => {
        const of = (change: boolean) =>
          providers.map((provider, p) =>
            imported(
              `d${p}`,
              said.flatMap((one, i) => {
                const role = change ? one.changed ?? one.role : one.role
                return one.provider === p ? [message(`m${i}`, one.words.join(" "), { role })] : []
              }),
              { title: "x", provider }
            )
          )
        const db = libraryOf(...of(false), ...of(true))
        const { provider, role, wanted } = asked
        const holding = said.flatMap((one, i) =>
          wanted.every((word) => one.words.includes(word)) &&
            (role === undefined || (one.changed ?? one.role) === role) &&
            (provider === undefined || providers[one.provider] === provider)
            ? [`m${i}`]
            : []
        )
        const results = find(db, `${wanted.join(" ")} `, { provider, role, limit: 50 })
        if (holding.length > 0 || results.matched === "all") assert.sameMembers(ids(results), holding)
      }),
      { numRuns: 200 }
    )
  })
  it("X4 what nobody knows the time of lies between no two times, whenever it was imported", () => {
    const db = libraryOf(
      imported("undated", [message("loose", "sage butter")]),
      imported("dated", [message("under", "sage butter")], { updatedAt: 50 }),
      imported("half", [message("said", "sage butter", { at: 60 }), message("unsaid", "burnt sage")])
    )
    const since = (from: number) => new Set(found(db, "sage ", { from }))
    assert.deepStrictEqual(since(0), new Set(["under", "said", "unsaid"]))
    assert.deepStrictEqual(new Set(found(db, "sage ", { to: Number.MAX_SAFE_INTEGER })), since(0))
    assert.include(found(db, "sage "), "loose")
  })
  it("X4 hidden messages are found when asked for", () => {
    assert.deepStrictEqual(found(kitchen, "oolong "), ["oolong"])
    assert.sameMembers(found(kitchen, "oolong ", { hidden: true }), ["oolong", "hidden"])
    assert.deepStrictEqual(found(kitchen, "system prompt "), [])
  })
})
