/** First looks at files of every shape. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assert, describe, it } from "vitest"
import { type Sample, sampleOf } from "./Sample.ts"
import { TestBench } from "./TestBench.ts"

const look = (content: string | Uint8Array, decided: (sample: Sample) => boolean = () => true) => {
  const bytes = Buffer.from(content)
  const entry = { name: "x", pack: null, size: bytes.length, suspicion: null, bytes: Stream.fromIterable([bytes]) }
  return Effect.runPromise(sampleOf(entry, decided))
}

describe("Sample", () => {
  it("N1 lists, wrapped lists, lines and single objects are told apart", async () => {
    const cases: ReadonlyArray<readonly [string | Uint8Array, Sample["shape"], string | null, number]> = [
      ["[{\"a\":1},{\"b\":2}]", "list", null, 2],
      ["\uFEFF\n [{\"a\":1}]", "list", null, 1],
      ["{\"conversations\":[{\"a\":1},{\"b\":2}]}", "object", "conversations", 2],
      ["{\"x\":{\"conversations\":[1]},\"y\":1}", "object", null, 1],
      ["{\"a\":1}\n{\"b\":2}\n", "lines", null, 2],
      ["{\"a\":1}", "object", null, 1],
      ["Hello", "text", null, 0],
      ["", "empty", null, 0],
      [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1), "binary", null, 0]
    ]
    for (const [content, shape, listKey, records] of cases) {
      const sample = await look(content)
      assert.deepStrictEqual(
        [sample.shape, sample.listKey, sample.records.length],
        [shape, listKey, records],
        String(content)
      )
    }
  })

  it("N2 a record longer than the sample is seen as far as it goes", async () => {
    const long = JSON.stringify([TestBench.chat("c", [TestBench.node("a", null, "user", "x".repeat(500_000))])])
    const { records } = await look(long)
    assert.strictEqual((records[0] as any).title, "Title of c")
  })

  it("N2 records beside a broken one are seen", async () => {
    const { records } = await look(`[{"a":tru},{"b":2},{"c":`)
    assert.deepStrictEqual(records, [{ b: 2 }, {}])
  })

  it("N2 an undecided file is looked at further", async () => {
    const text = JSON.stringify({ user: { about: "x".repeat(1_000_000) }, conversations: [{ a: 1 }] })
    assert.isNull((await look(text)).listKey)
    assert.strictEqual((await look(text, ({ listKey }) => listKey !== null)).listKey, "conversations")
  })
})
