/** The policy language: what holds, what does not, and what cannot be told. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as Selector from "./Selector.ts"
import { holds, parsePolicy } from "./Statement.ts"

const args = {
  res: "document/d1",
  n: 3,
  list: [1, 2, { b: 3 }],
  bytes: Uint8Array.of(1, 2, 3),
  deep: { "odd key": { x: null } },
  text: "tea.txt"
}
const env = { twoFactor: true }
const is = (...statements: ReadonlyArray<unknown>) => holds(parsePolicy(statements)!, { args, env }, 1_000)

const statements: FastCheck.Arbitrary<unknown> = FastCheck.letrec((tie) => ({
  leaf: FastCheck.oneof(
    FastCheck.tuple(
      FastCheck.constantFrom("==", "!=", "<", ">="),
      FastCheck.constantFrom(".n", ".nothing", ".text", ".list[0]", "$env.ip"),
      FastCheck.constantFrom(3, 1, "tea.txt", null)
    ),
    FastCheck.tuple(FastCheck.constant("like"), FastCheck.constantFrom(".text", ".n"), FastCheck.constant("*a.*"))
  ),
  any: FastCheck.oneof(
    { depthSize: "small" },
    tie("leaf"),
    FastCheck.tuple(FastCheck.constantFrom("and", "or"), FastCheck.array(tie("any"), { minLength: 1, maxLength: 3 })),
    FastCheck.tuple(FastCheck.constant("not"), tie("any"))
  )
})).any

describe("Statement", () => {
  it("L1 a selector finds what stands there and nothing that is inherited", () => {
    const at = (text: string) => Selector.select(Selector.parse(text)!, { args, env })
    assert.strictEqual(at("."), args)
    assert.strictEqual(at(".list[2].b"), 3)
    assert.strictEqual(at(".list[-1][\"b\"]"), 3)
    assert.deepStrictEqual(at(".list[0:2]"), [1, 2])
    assert.deepStrictEqual(at(".deep[]"), [{ x: null }])
    assert.strictEqual(at(".deep[\"odd key\"].x"), null)
    assert.strictEqual(at(".bytes[1]"), 2)
    assert.strictEqual(at("$env.twoFactor"), true)
    assert.deepStrictEqual(at("$env"), env)
    for (const missing of [".nothing", ".list[9]", ".n.n", ".toString", ".__proto__", ".list.length", "$env.ip"]) {
      assert.strictEqual(at(missing), undefined, missing)
      assert.strictEqual(at(`${missing}?`), null, missing)
    }
    for (
      const bad of [
        "",
        "n",
        ".n.",
        "..n",
        ".[",
        ".n[",
        ".n]",
        ".[1",
        "[1 2]",
        "$envy",
        ".a b",
        7,
        `.${"a".repeat(300)}`
      ]
    ) {
      assert.strictEqual(Selector.parse(bad), null, String(bad))
    }
  })

  it("L2 what cannot be told opens nothing, `not` included", () => {
    assert.isTrue(is(["==", ".n", 3], ["!=", ".n", "3"], ["<", ".n", 4], ["like", ".text", "*.txt"]))
    for (
      const untold of [["==", ".nothing", 1], ["<", ".text", 4], ["like", ".n", "*"], ["any", ".n", ["==", ".", 1]]]
    ) {
      assert.isFalse(is(untold))
      assert.isFalse(is(["not", untold]))
      assert.isFalse(is(["and", [untold, ["==", ".n", 3]]]))
      assert.isTrue(is(["or", [untold, ["==", ".n", 3]]]))
      assert.isTrue(is(["not", ["and", [untold, ["==", ".n", 4]]]]))
    }
    assert.isTrue(is(["any", ".list", ["==", ".b", 3]], ["all", ".bytes", [">", ".", 0]]))
    assert.isFalse(is(["all", ".list", [">", ".b", 0]]))
    // A statement and its opposite are never both open, whatever they are made of.
    FastCheck.assert(FastCheck.property(statements, (one) => !(is(one) && is(["not", one]))), { numRuns: 2_000 })
  })

  it("L3 the work is bounded by steps", () => {
    const long = { list: Array.from({ length: 5_000 }, () => "tea") }
    const policy = parsePolicy([["all", ".list", ["like", ".", "t*a"]]])!
    assert.isFalse(holds(policy, { args: long, env }, 5_000))
    assert.isTrue(holds(policy, { args: long, env }, 50_000))
    const stars = parsePolicy([["like", ".text", `${"*a".repeat(500)}b`]])!
    assert.isFalse(holds(stars, { args: { text: "a".repeat(100_000) }, env }, 10_000))
  })

  it("L4 what is no statement is refused as a whole", () => {
    let deep: unknown = ["==", ".n", 3]
    for (let n = 0; n < 20; n++) deep = ["not", deep]
    const bad: ReadonlyArray<unknown> = [
      null,
      ["=", ".n", 3],
      ["==", ".n"],
      ["==", ".n", 3, 4],
      ["==", "n", 3],
      ["not", [["==", ".n", 3]]],
      ["and", ["==", ".n", 3]],
      ["or", [["==", ".n", 3], ["what", ".n", 3]]],
      ["like", ".n", 3],
      ["any", ".n", 3],
      deep,
      ["and", Array.from({ length: 300 }, () => ["==", ".n", 3])]
    ]
    for (const one of bad) assert.strictEqual(parsePolicy([["==", ".n", 3], one]), null, JSON.stringify(one))
    assert.strictEqual(parsePolicy({}), null)
  })
})
