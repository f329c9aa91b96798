/** What processes of a node seal to each other, and what somebody else makes of it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { CryptoSuite } from "../CryptoSuite.ts"
import * as NodeCryptoSuite from "../NodeCryptoSuite.ts"
import { fromSeed } from "../SigningKey.ts"
import * as ProcessKey from "./ProcessKey.ts"

const [wrapping, address] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
const gift: ProcessKey.Gift = {
  owner: "did:key:zAda",
  number: 7,
  usedAt: 1_000,
  secrets: { generation: 1, wrapping, address }
}

const of = (seed: number) =>
  Effect.map(CryptoSuite, (suite) => ProcessKey.make(fromSeed(new Uint8Array(32).fill(seed)), suite))
/** Two processes of one node, and somebody who knows all but its key. */
const world = Effect.gen(function*() {
  const [node, stranger] = [yield* of(1), yield* of(9)]
  return { node, stranger, one: yield* node.live, other: yield* node.live, foreign: yield* stranger.live }
}).pipe(Effect.provide(NodeCryptoSuite.layer))
const refused = <A, E extends { readonly _tag: string }>(work: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(work), ({ _tag }) => assert.strictEqual(_tag, "NotOfThisNode"))

describe("the key of a process", () => {
  it.effect("P1 is sealed to where the node has signed it for this process, and nowhere else", () =>
    Effect.gen(function*() {
      const { foreign, node, one, other } = yield* world
      assert.deepStrictEqual(yield* node.keyOf(one.process, one.announcement), one.kem.publicKey)
      yield* refused(node.keyOf(other.process, one.announcement))
      yield* refused(node.keyOf(foreign.process, foreign.announcement))
      for (const at of [3, 40, one.announcement.length - 1]) {
        const altered = Uint8Array.from(one.announcement)
        altered[at]! ^= 1
        yield* refused(node.keyOf(one.process, altered))
      }
    }))

  it.effect("P2 opens what was sealed to it, and to nobody else, nor to an earlier life", () =>
    Effect.gen(function*() {
      const { node, one, other } = yield* world
      const sealed = yield* node.seal(one.process, one.kem.publicKey, [gift])
      assert.deepStrictEqual(yield* node.open(one, sealed), [gift])
      assert.isFalse(Buffer.from(sealed).includes(Buffer.from(wrapping.subarray(0, 8))))
      yield* refused(node.open(other, sealed))
      yield* refused(node.open({ ...other, process: one.process }, sealed))
      yield* refused(node.open({ ...one, process: other.process }, sealed))
    }))

  it.effect("P3 takes neither keys nor uses that the node has not signed, nor one in the place of the other", () =>
    Effect.gen(function*() {
      const { node, one, stranger } = yield* world
      yield* refused(node.open(one, yield* stranger.seal(one.process, one.kem.publicKey, [gift])))
      assert.strictEqual(yield* node.usedAt(gift.owner, yield* node.use(gift.owner, 5)), 5)
      yield* refused(node.usedAt(gift.owner, yield* stranger.use(gift.owner, 5)))
      yield* refused(node.usedAt("did:key:zBo", yield* node.use(gift.owner, 5)))
      yield* refused(node.usedAt(gift.owner, one.announcement))
      yield* refused(node.open(one, one.announcement))
    }))
})
