/** Sealed streams: whole or refused, in pieces of any size, in constant memory. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { assert, describe, it } from "vitest"
import { concat, utf8 } from "./Bytes.ts"
import { CryptoSuite } from "./CryptoSuite.ts"
import * as NodeCryptoSuite from "./NodeCryptoSuite.ts"
import * as SealedStream from "./SealedStream.ts"

const suite = Effect.runSync(Effect.provide(CryptoSuite, NodeCryptoSuite.layerTest("streams")))
const run = <A, E>(effect: Effect.Effect<A, E, CryptoSuite>): Promise<A> =>
  Effect.runPromise(Effect.provideService(effect, CryptoSuite, suite))
const key = Redacted.make(new Uint8Array(32).fill(5))
const aad = utf8("blob 4")
const Size = SealedStream.ChunkBytes
const HeadBytes = 49
const SealedBytes = Size + 16

const cut = (bytes: Uint8Array, size: number): ReadonlyArray<Uint8Array> =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
const whole = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => concat(...Chunk.toReadonlyArray(chunks)))
const seal = (plain: Uint8Array, size = 10_000) =>
  run(whole(SealedStream.seal(key, aad)(Stream.fromIterable(cut(plain, size)))))
const open = (sealed: Uint8Array, size = 10_000, withKey = key, withAad = aad) =>
  whole(SealedStream.open(withKey, withAad)(Stream.fromIterable(cut(sealed, size))))
const outcome = (effect: ReturnType<typeof open>) =>
  run(Effect.map(Effect.either(effect), Either.match({ onLeft: ({ _tag }) => _tag, onRight: () => "opened" })))
const content = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 255)

/** The head, then the chunks. */
const partsOf = (sealed: Uint8Array) =>
  [
    sealed.subarray(0, HeadBytes),
    ...cut(sealed.subarray(HeadBytes), SealedBytes)
  ] as const

describe("SealedStream", () => {
  it("T1 opens to the same bytes, whatever pieces it arrives in", async () => {
    for (const length of [0, 1, Size - 1, Size, Size + 1, 3 * Size, 3 * Size + 5]) {
      const plain = content(length)
      const [sealed, other] = [await seal(plain, 777), await seal(plain, 200_000)]
      const chunks = Math.max(1, Math.ceil(length / Size))
      assert.lengthOf(sealed, HeadBytes + length + 16 * chunks)
      assert.lengthOf(other, sealed.length)
      assert.notDeepEqual(other, sealed)
      for (const size of [48, 1_000, SealedBytes, 1_000_000]) {
        assert.isTrue(Buffer.from(plain).equals(await run(open(sealed, size))), `${length} by ${size}`)
      }
    }
  })

  it("T1 opens when it arrives byte by byte", async () => {
    const plain = content(Size + 1)
    const begun = process.cpuUsage()
    assert.isTrue(Buffer.from(plain).equals(await run(open(await seal(plain, 1), 1))))
    assert.isBelow(process.cpuUsage(begun).user, 6e6, "does not grow with the square of its pieces")
  })

  it("T1 opens with the same key and aad only", async () => {
    const sealed = await seal(content(100))
    assert.strictEqual(await outcome(open(sealed, 10, Redacted.make(new Uint8Array(32)))), "NotOpened")
    assert.strictEqual(await outcome(open(sealed, 10, key, utf8("blob 5"))), "NotOpened")
    assert.strictEqual(await outcome(open(sealed, 10, Redacted.make(new Uint8Array(31)))), "MalformedKey")
    assert.strictEqual(await outcome(open(Uint8Array.of(2, ...sealed.subarray(1)))), "UnknownSuite")
  })

  it("T2 refuses every altered byte and every cut of a short one", async () => {
    const sealed = await seal(content(40))
    for (let at = 0; at < sealed.length; at++) {
      const altered = Uint8Array.from(sealed)
      altered[at]! ^= 1
      assert.strictEqual(await outcome(open(altered)), at === 0 ? "UnknownSuite" : "NotOpened", `byte ${at}`)
      assert.strictEqual(await outcome(open(sealed.subarray(0, at))), "NotOpened", `cut ${at}`)
    }
    assert.strictEqual(await outcome(open(concat(sealed, Uint8Array.of(0)))), "NotOpened")
  })

  it("T2 refuses chunks left out, repeated, reordered, appended, or of another stream", async () => {
    const plain = content(3 * Size + 9)
    const [head, a, b, c, last] = partsOf(await seal(plain))
    const [otherHead, otherA] = partsOf(await seal(plain))
    const of = (...parts: ReadonlyArray<Uint8Array | undefined>) => outcome(open(concat(...parts.map((part) => part!))))
    assert.strictEqual(await of(head, a, b, c, last), "opened")
    assert.strictEqual(await of(head, a, b, c), "NotOpened", "cut at a chunk's end")
    assert.strictEqual(await of(head, a, b, last), "NotOpened", "left out")
    assert.strictEqual(await of(head, last), "NotOpened", "only the last")
    assert.strictEqual(await of(head, b, a, c, last), "NotOpened", "reordered")
    assert.strictEqual(await of(head, a, a, b, c, last), "NotOpened", "repeated")
    assert.strictEqual(await of(head, a, b, c, last, last), "NotOpened", "appended")
    assert.strictEqual(await of(head, a, b, c, last, a), "NotOpened", "extended")
    assert.strictEqual(await of(head, otherA, b, c, last), "NotOpened", "of another stream")
    assert.strictEqual(await of(otherHead, a, b, c, last), "NotOpened", "under another head")
    assert.strictEqual(await of(head), "NotOpened", "nothing but a head")
  })

  it("T2 lets genuine bytes out before the place that is not, and none after", async () => {
    const [head, a, b, c] = partsOf(await seal(content(3 * Size)))
    b![5]! ^= 1
    let out = 0
    const opened = SealedStream.open(key, aad)(Stream.make(head, a!, b!, c!))
    const end = await run(Effect.either(Stream.runForEach(opened, ({ length }) => Effect.sync(() => out += length))))
    assert.isTrue(Either.isLeft(end))
    assert.strictEqual(out, Size)
  })

  it("T3 holds few chunks, however much flows through", async () => {
    const [pieces, piece] = [1_200, content(100_000)]
    let [made, opened, ahead] = [0, 0, 0]
    const plain = Stream.map(Stream.rechunk(Stream.range(1, pieces), 1), () => {
      made += piece.length
      return piece
    })
    const sealed = SealedStream.seal(key, aad)(plain)
    await run(Stream.runForEach(
      SealedStream.open(key, aad)(sealed),
      ({ length }) =>
        Effect.sync(() => {
          opened += length
          ahead = Math.max(ahead, made - opened)
        })
    ))
    assert.strictEqual(opened, pieces * piece.length)
    assert.isAtMost(ahead, 5 * Size, "made, and not yet opened again")
  })
})
