/** What a device seals, and what of it opens where: on two engines, in its own place and in any other. */
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { CommandId, Did, DocumentId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import * as SealedConversation from "./SealedConversation.ts"
import { document, head, key, master, message, opener, place, ring } from "./SealedExample.ts"
import * as SealedForm from "./SealedForm.ts"

const node = <A, E>(work: Effect.Effect<A, E, CryptoSuite>) =>
  Effect.runPromise(Effect.provide(work, NodeCryptoSuite.layer))
const reference = <A, E>(work: Effect.Effect<A, E, CryptoSuite>) =>
  Effect.runPromise(Effect.provide(work, ReferenceCryptoSuite.layer))
const refused = <A>(work: Effect.Effect<A, SealedForm.SealBroken, CryptoSuite>) =>
  node(Effect.map(Effect.flip(work), ({ message }) => message))

const elsewhere: ReadonlyArray<readonly [string, SealedForm.Place]> = [
  ["account", { ...place, owner: Did.make("did:key:zBo") }],
  ["conversation", { ...place, documentId: DocumentId.make("d2") }],
  ["sealing", { ...place, revision: CommandId.make("01890000-0000-7000-8000-000000000002") }]
]
describe("what a device seals", () => {
  it("F1 opens on either engine as it was; its length tells little", async () => {
    const wrapped = await node(SealedForm.wrap(master(2), place, key))
    assert.deepStrictEqual(
      Redacted.value(await reference(SealedForm.unwrap(ring, place, wrapped))),
      Redacted.value(key)
    )
    const body = { message: message("m1", "How long does sencha steep?"), files: [] }
    const sealed = await node(SealedConversation.sealMessage(opener, body))
    const open = SealedForm.open(key, place, ["message", "m1"], SealedConversation.Body, sealed.sealed)
    assert.deepStrictEqual(await reference(open), body)
    const lengths = await Promise.all(Array.from({ length: 32 }, async (_, n) => {
      const said = { message: message("m1", "x".repeat(n)), files: [] }
      return (await node(SealedConversation.sealMessage(opener, said))).sealed.length
    }))
    assert.isAtMost(new Set(lengths).size, 5, "thirty-two lengths become a few")
    const file = new Uint8Array(200_000).map((_, n) => n % 251)
    const sealedFile = await node(SealedForm.sealFile(key, place, "f1", file))
    assert.deepStrictEqual(await reference(SealedForm.openFile(key, place, "f1", sealedFile)), file)
  })

  it("F1 the node is told the day, not the hour", async () => {
    const { day } = await node(SealedConversation.sealHead(opener, head))
    assert.strictEqual(day, 86_400_000)
  })

  it("F2 opens in no other account, conversation, sealing or message, and as no other part", async () => {
    const wrapped = await node(SealedForm.wrap(master(1), place, key))
    const sealed = await node(SealedForm.seal(key, place, ["message", "m1"], { tea: true }))
    const file = await node(SealedForm.sealFile(key, place, "m1", Uint8Array.of(1, 2, 3)))
    const open = (at: SealedForm.Place, part: SealedForm.Part) =>
      refused(SealedForm.open(key, at, part, Schema.Unknown, sealed))
    for (const [what, other] of elsewhere) {
      const there = { ...ring, owner: other.owner }
      assert.match(await refused(SealedForm.unwrap(there, other, wrapped)), /altered, damaged or moved/, what)
      assert.match(await open(other, ["message", "m1"]), /altered, damaged or moved/, what)
      assert.match(await refused(SealedForm.openFile(key, other, "m1", file)), /altered, damaged or moved/, what)
    }
    for (const part of [["message", "m2"], ["head"], ["file", "m1"]] as const) await open(place, part)
    await refused(SealedForm.openFile(key, place, "m2", file))
    await refused(SealedForm.unwrap(ring, place, { ...wrapped, generation: 2 }))
    assert.match(await refused(SealedForm.unwrap(ring, place, { ...wrapped, generation: 3 })), /key number 3/)
  })

  it("F3 altered anywhere it is refused, by name and without a word of it", async () => {
    const sealed = await node(SealedForm.seal(key, place, ["message", "m1"], { words: "marmalade" }))
    for (let at = 0; at < sealed.length; at += 7) {
      const altered = sealed.map((byte, n) => n === at ? byte ^ 1 : byte)
      const said = await refused(SealedForm.open(key, place, ["message", "m1"], Schema.Unknown, altered))
      assert.match(said, /this message is not what your device sealed/)
      assert.notInclude(said, "marmalade")
    }
    await refused(SealedForm.open(key, place, ["message", "m1"], Schema.Unknown, sealed.subarray(0, 60)))
  })
})

describe("a sealed conversation", () => {
  it("O1 is as it was when it was sealed", async () => {
    const opened = await node(SealedConversation.open(ring, await node(document())))
    assert.deepStrictEqual(opened.head, head)
    assert.deepStrictEqual(opened.nodes.map(({ id, parent }) => [id, parent]), [
      ["m1", null],
      ["m2", "m1"],
      ["m3", "m2"]
    ] as never)
    assert.deepStrictEqual(opened.messages.get("m2"), message("m2", "two", "m1"))
    assert.deepStrictEqual(opened.broken, [])
  })

  it("O2 one message that was altered, and two that were swapped, are named; the others stay readable", async () => {
    const sealed = await node(document())
    const [first, second, third] = sealed.messages as [any, any, any]
    const altered = { ...first, sealed: first.sealed.map((byte: number, n: number) => n === 90 ? byte ^ 1 : byte) }
    const one = await node(SealedConversation.open(ring, { ...sealed, messages: [altered, second, third] }))
    assert.deepStrictEqual(one.broken, ["m1"])
    assert.deepStrictEqual(one.messages.get("m3"), message("m3", "three", "m2"))
    assert.match(JSON.stringify(one.messages.get("m1")), /not what your device sealed/)
    const swapped = [first, { ...second, sealed: third.sealed }, { ...third, sealed: second.sealed }]
    const two = await node(SealedConversation.open(ring, { ...sealed, messages: swapped }))
    assert.deepStrictEqual(two.broken, ["m2", "m3"])
  })

  it("O3 hangs as it was sealed, whatever the node says; where that is gone, where the node says", async () => {
    const sealed = await node(document())
    const [first, second, third] = sealed.messages as [any, any, any]
    const moved = await node(
      SealedConversation.open(ring, { ...sealed, messages: [first, second, { ...third, parent: "m1" }] })
    )
    assert.strictEqual(moved.nodes[2]!.parent, "m2")
    const deleted = await node(
      SealedConversation.open(ring, { ...sealed, messages: [first, { ...third, parent: "m1" }] })
    )
    assert.strictEqual(deleted.nodes[1]!.parent, "m1")
    assert.strictEqual(deleted.messages.get("m3")?.parent, "m1")
  })
})
