/** The laws of a place of segments, in memory and in a folder. */
import * as SegmentFolder from "@vivim/event-store/SegmentFolder"
import { SegmentStore } from "@vivim/event-store/SegmentStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { type Law, law } from "./Law.ts"
import { temporaryFolder } from "./ServerPostgres.ts"

type Store = Context.Tag.Service<SegmentStore>

const noise = (length: number) => Uint8Array.from({ length }, (_, n) => (n * n) % 251)
const parts = (bytes: Uint8Array, size: number) =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) => bytes.subarray(n * size, (n + 1) * size))
  )

const laws: ReadonlyArray<Law<Store>> = [
  law("K1 what was put is read in whatever parts", function*(store) {
    const bytes = noise(100_000)
    assert.strictEqual(yield* store.put("a.segment", parts(bytes, 7_001)), bytes.length)
    for (const [from, length] of [[0, 100_000], [0, 1], [99_999, 1], [7_000, 3], [50_000, 0]] as const) {
      assert.deepStrictEqual(
        [...(yield* store.range("a.segment", from, length))],
        [...bytes.subarray(from, from + length)]
      )
    }
    assert.deepStrictEqual(yield* store.list, [{ name: "a.segment", bytes: 100_000 }])
  }),

  law("K1 what was removed is not there, and may be removed again", function*(store) {
    yield* store.put("b.segment", parts(noise(10), 3))
    yield* store.put("a.segment", parts(noise(20), 3))
    assert.deepStrictEqual((yield* store.list).map(({ name }: { name: string }) => name), ["a.segment", "b.segment"])
    yield* store.remove("a.segment")
    yield* store.remove("a.segment")
    assert.deepStrictEqual(yield* store.list, [{ name: "b.segment", bytes: 10 }])
  }),

  law("K2 a put that fails or is interrupted leaves what was there", function*(store) {
    const bytes = noise(1_000)
    yield* store.put("a.segment", parts(bytes, 100))
    const broken = Stream.concat(parts(noise(500).toReversed(), 50), Stream.fail("no more"))
    for (const name of ["a.segment", "b.segment"]) {
      assert.strictEqual(yield* Effect.flip(store.put(name, broken)), "no more")
      const endless = Stream.concat(parts(noise(500).toReversed(), 50), Stream.never)
      yield* Effect.timeoutOption(store.put(name, endless), "50 millis")
    }
    assert.deepStrictEqual(yield* store.list, [{ name: "a.segment", bytes: 1_000 }])
    assert.deepStrictEqual([...(yield* store.range("a.segment", 0, 1_000))], [...bytes])
  }),

  law("K2 a put takes the place of what had the name", function*(store) {
    yield* store.put("a.segment", parts(noise(1_000), 100))
    yield* store.put("a.segment", parts(noise(9).toReversed(), 2))
    assert.deepStrictEqual([...(yield* store.range("a.segment", 0, 9))], [...noise(9).toReversed()])
    assert.deepStrictEqual(yield* store.list, [{ name: "a.segment", bytes: 9 }])
  }),

  law("K3 what is missing or short is said by name", function*(store) {
    yield* store.put("a.segment", parts(noise(100), 100))
    const missing = yield* Effect.flip(store.range("none.segment", 0, 1))
    assert.match(missing.message, /none\.segment is missing$/)
    const short = yield* Effect.flip(store.range("a.segment", 90, 11))
    assert.match(short.message, /a\.segment is cut off: it has 100 bytes, and 101 are needed$/)
  })
]

const check = (name: string, fresh: Effect.Effect<Store, unknown, Scope.Scope>) => {
  for (const { holds, title } of laws) {
    it(`${title} (${name})`, () => Effect.runPromise(Effect.scoped(Effect.flatMap(fresh, holds))))
  }
}

const inFolder = (folder: string) => Effect.map(Layer.build(SegmentFolder.layer(folder)), Context.get(SegmentStore))

describe("a place of segments", () => {
  check("memory", Effect.map(Layer.build(SegmentStore.layerMemory), Context.get(SegmentStore)))
  check("folder", Effect.flatMap(temporaryFolder, (folder) => inFolder(path.join(folder, "not", "yet", "there"))))

  it("K2 what a killed writer left is no segment, and is written over", () =>
    Effect.runPromise(
      Effect.scoped(Effect.gen(function*() {
        const folder = yield* temporaryFolder
        fs.writeFileSync(path.join(folder, "a.segment.writing"), Buffer.alloc(5_000, "half"))
        const store = yield* inFolder(folder)
        assert.deepStrictEqual(yield* store.list, [])
        yield* store.put("a.segment", parts(noise(100), 9))
        assert.deepStrictEqual(fs.readdirSync(folder), ["a.segment"])
        assert.deepStrictEqual([...(yield* store.range("a.segment", 0, 100))], [...noise(100)])
      }))
    ))
})
