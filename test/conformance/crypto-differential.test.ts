/** The engines of Node and the reference on the same 100,000 random inputs; `npm run differential` asks a million. */
import * as Randomness from "@vivim/crypto/Randomness"
import * as Effect from "effect/Effect"
import { afterEach, assert, describe, it } from "vitest"
import { compare, mix } from "./CryptoDifferential.ts"
import { engines } from "./CryptoEngines.ts"

const engine = (name: string) => engines[name]!(Randomness.seeded(name))
const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0)

/** Each slice has a seed of its own. */
const slices = Array.from({ length: 20 }, (_, n) => [n < 19 ? "node" : "browser", n + 1] as const)
const thousands = 5

// Nothing here waits for anything: without a turn of the event loop now and then, the one who runs the tests hears nothing for minutes.
afterEach(() => new Promise((resolve) => setImmediate(resolve)))

describe("differential", () => {
  it.each(slices)("the %s engine and the reference agree on 5,000 cases of seed %d", async (name, seed) => {
    const { cases, differing, refused } = await Effect.runPromise(Effect.gen(function*() {
      return yield* compare(yield* engine(name), yield* engine("reference"), thousands, seed)
    }))
    assert.deepStrictEqual(differing, [])
    assert.strictEqual(sum(mix), 1_000)
    assert.strictEqual(sum(cases), thousands * 1_000)
    // What is altered is refused; a good part is, and most is not.
    assert.isAbove(refused, thousands * 100)
    assert.isBelow(refused, thousands * 400)
  }, 120_000)

  it("an engine that differs in one case is found out", async () => {
    const reference = await Effect.runPromise(engine("reference"))
    let asked = 0
    const broken: typeof reference = {
      ...reference,
      hmac: (key, bytes) => ++asked === 100 ? Effect.succeed(new Uint8Array(32)) : reference.hmac(key, bytes)
    }
    const { differing } = await Effect.runPromise(compare(broken, reference, 1, 11))
    assert.lengthOf(differing, 1)
    assert.match(differing[0]!, /^hmac 0\/99 of seed 11/)
  }, 60_000)
})
