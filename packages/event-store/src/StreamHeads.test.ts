/** What a process remembers of streams. */
import { assert, describe, it } from "vitest"
import { StreamHeads } from "./StreamHeads.ts"

const head = (version: number) => ({ version, hash: new Uint8Array(32).fill(version) })

describe("known heads", () => {
  it("K1 are bounded, and what is asked for stays", () => {
    const heads = new StreamHeads(100)
    heads.learn("asked for", head(1))
    for (let n = 0; n < 10_000; n++) {
      heads.learn(`stream ${n}`, head(1))
      assert.strictEqual(heads.get("asked for")?.version, 1)
    }
    const remembered = Array.from({ length: 10_000 }, (_, n) => heads.get(`stream ${9_999 - n}`)).filter((known) =>
      known !== undefined
    )
    assert.isAtMost(remembered.length, 100)
    assert.isAtLeast(remembered.length, 49)
    assert.isUndefined(heads.get("stream 0"))
  })

  it("K1 are forgotten one by one, or all", () => {
    const heads = new StreamHeads(4)
    for (const stream of ["a", "b", "c"]) heads.learn(stream, head(1))
    heads.drop("a")
    heads.drop("c")
    assert.deepStrictEqual(["a", "b", "c"].map((stream) => heads.get(stream)?.version), [undefined, 1, undefined])
    heads.forget()
    assert.isUndefined(heads.get("b"))
  })

  it("K2 are sure until others may have appended, and again when learned anew", () => {
    const heads = new StreamHeads(4)
    heads.learn("a", head(1))
    heads.learn("b", head(1))
    assert.isTrue(heads.isSure("a"))
    heads.doubt()
    heads.learn("b", head(2))
    assert.deepStrictEqual(["a", "b", "never heard of"].map((stream) => heads.isSure(stream)), [false, true, false])
    assert.strictEqual(heads.get("a")?.version, 1)
  })
})
