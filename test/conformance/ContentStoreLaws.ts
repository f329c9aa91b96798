/** What is true of every content store, wherever it keeps its bytes. */
import type { ContentStore } from "@vivim/content-store/ContentStore"
import { PartMax } from "@vivim/content-store/Parts"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { assert } from "vitest"
import { type Law, law as lawOf } from "./Law.ts"

export interface Contents {
  readonly contents: ContentStore["Type"]
  /** How many contents and parts lie there, where that can be told. */
  readonly count: Effect.Effect<{ readonly contents: number; readonly parts: number } | null>
}

const law = lawOf<Contents>

/** The most one content may have, in these laws. */
export const bytesMax = 6 * PartMax
const [ada, bo] = ["did:key:zAda", "did:key:zBo"]

/** Bytes that do not compress, and bytes that do: by size, always the same. */
export const noise = (size: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(size)
  let state = seed * 2_654_435_761
  for (let i = 0; i < size; i++) {
    state = Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1
    bytes[i] = state >>> 24
  }
  return bytes
}
const words = (size: number): Uint8Array => Buffer.alloc(size, "Steep for 60 to 90 seconds. ")

const sizes = [0, 1, 1_000, PartMax - 1, PartMax, PartMax + 1, 5 * PartMax]
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

/** Cut at odd places, as a network would. */
const crumbs = (bytes: Uint8Array, size: number): Stream.Stream<Uint8Array> =>
  Stream.fromIterable(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
  )

/** All of a content; null when this owner has none. */
export const read = (contents: Contents["contents"], owner: string, hash: string) =>
  Effect.gen(function*() {
    const found = yield* contents.get(owner, hash)
    if (found === null) return null
    const parts = yield* Stream.runCollect(found.bytes)
    return { ref: found.ref, bytes: Buffer.concat([...parts]) }
  })

export const contentStoreLaws: ReadonlyArray<Law<Contents>> = [
  ...[["noise", "image/png", noise], ["words", "text/plain", words]].flatMap(([what, mime, make]) =>
    sizes.map((size) =>
      law(
        `K1 ${size} bytes of ${String(what)} are got back as they were, put at once or as they come`,
        function*({ contents }) {
          const bytes = (make as typeof words)(size)
          const ref = { hash: digest(bytes), bytes: size, mime }
          assert.deepStrictEqual(yield* contents.put(ada!, bytes, mime as string), ref as never)
          assert.deepStrictEqual(yield* contents.putStream(bo!, crumbs(bytes, 70_001), mime as string), ref as never)
          for (const owner of [ada, bo]) {
            const found: any = yield* read(contents, owner!, ref.hash)
            assert.deepStrictEqual(found.ref, ref)
            assert.isTrue(found.bytes.equals(bytes))
          }
        }
      )
    )
  ),

  law("K1 what one owner put, no other gets", function*({ contents }) {
    const { hash } = yield* contents.put(ada!, noise(100), "image/png")
    assert.isNotNull(yield* contents.get(ada!, hash))
    for (const [owner, name] of [[bo, hash], [ada, digest(noise(101))], ["", hash], [ada, ""], [ada, `${hash}00`]]) {
      assert.isNull(yield* contents.get(owner!, name!))
    }
  }),

  law("K1 what was put does not change when the caller's bytes do", function*({ contents }) {
    const bytes = Uint8Array.from(noise(100))
    const { hash } = yield* contents.put(ada!, bytes, "image/png")
    bytes.fill(0)
    const found: any = yield* read(contents, ada!, hash)
    assert.isTrue(found.bytes.equals(noise(100)))
    found.bytes.fill(0)
    assert.isTrue((yield* read(contents, ada!, hash) as any).bytes.equals(noise(100)))
  }),

  law(
    "K2 the same content of one owner is kept once, however often and at once it is put",
    function*({ contents, count }) {
      for (const size of [100, 2 * PartMax + 5]) {
        const before: any = yield* count
        const bytes = noise(size, size)
        const puts = [
          ...Array.from({ length: 4 }, () => contents.put(ada!, bytes, "image/png")),
          ...Array.from({ length: 4 }, () => contents.putStream(ada!, crumbs(bytes, 300_000), "image/png"))
        ]
        const refs: ReadonlyArray<any> = yield* Effect.all(puts, { concurrency: "unbounded" })
        assert.strictEqual(new Set(refs.map(({ hash }) => hash)).size, 1)
        yield* contents.put(bo!, bytes, "image/png")
        assert.isTrue((yield* read(contents, ada!, refs[0].hash) as any).bytes.equals(bytes))
        const after: any = yield* count
        if (after === null) continue
        assert.strictEqual(after.contents - before.contents, 2)
        assert.strictEqual(after.parts - before.parts, 2 * Math.ceil(size / PartMax))
      }
    }
  ),

  law("K2 many different contents at once are each kept", function*({ contents }) {
    const all = Array.from({ length: 200 }, (_, n) => noise(50 + n, n))
    const refs = yield* Effect.forEach(all, (bytes) => contents.put(ada!, bytes, "image/png"), {
      concurrency: "unbounded"
    })
    for (const [n, ref] of (refs as ReadonlyArray<any>).entries()) {
      assert.isTrue((yield* read(contents, ada!, ref.hash) as any).bytes.equals(all[n]))
    }
  }),

  law("more than one content may have is refused, and nothing of it is kept", function*({ contents, count }) {
    const before = yield* count
    const large = noise(bytesMax + 1)
    const refusals = [
      yield* Effect.flip(contents.put(ada!, large, "image/png")),
      yield* Effect.flip(contents.putStream(ada!, crumbs(large, 500_000), "image/png")),
      yield* Effect.flip(contents.putStream(ada!, Stream.repeatValue(noise(PartMax)), "image/png"))
    ]
    for (const refusal of refusals as ReadonlyArray<any>) {
      assert.deepInclude(refusal, { _tag: "ContentTooLarge", max: bytesMax })
    }
    assert.deepStrictEqual(yield* count, before)
    assert.isNull(yield* contents.get(ada!, digest(large)))
    const most = noise(bytesMax)
    assert.strictEqual((yield* contents.putStream(ada!, crumbs(most, 500_000), "image/png") as any).hash, digest(most))
  }),

  law("a source that fails, or goes away, leaves nothing", function*({ contents, count }) {
    const before = yield* count
    const half = crumbs(noise(3 * PartMax), 200_000)
    const failed = yield* Effect.flip(
      contents.putStream(ada!, Stream.concat(half, Stream.fail("the line broke")), "image/png")
    )
    assert.strictEqual(failed, "the line broke")
    const died = yield* Effect.exit(contents.putStream(ada!, Stream.concat(half, Stream.die("a bug")), "image/png"))
    assert.isTrue(Exit.isFailure(died))
    const hanging = yield* Effect.fork(contents.putStream(ada!, Stream.concat(half, Stream.never), "image/png"))
    yield* Effect.repeatN(Effect.yieldNow(), 2_000)
    yield* Fiber.interrupt(hanging)
    assert.deepStrictEqual(yield* count, before)
    assert.isNull(yield* contents.get(ada!, digest(noise(3 * PartMax))))
  })
]
