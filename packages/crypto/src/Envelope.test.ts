/** Envelopes: sealed, signed, and shut to whoever alters them. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import { concat, utf8 } from "./Bytes.ts"
import { CryptoSuite } from "./CryptoSuite.ts"
import * as Envelope from "./Envelope.ts"
import * as NodeCryptoSuite from "./NodeCryptoSuite.ts"
import * as SignedBytes from "./SignedBytes.ts"

const suite = Effect.runSync(Effect.provide(CryptoSuite, NodeCryptoSuite.layerTest("envelopes")))
const run = <A, E>(effect: Effect.Effect<A, E, CryptoSuite>): A =>
  Effect.runSync(Effect.provideService(effect, CryptoSuite, suite))
const failure = (effect: Effect.Effect<unknown, { readonly _tag: string }, CryptoSuite>) =>
  Either.match(run(Effect.either(effect)), { onLeft: ({ _tag }) => _tag, onRight: () => "passed" })
const secret = (fill: number) => Redacted.make(new Uint8Array(32).fill(fill))
const signerOf = (fill: number) => run(suite.signerOf(secret(fill)))

const [signer, key] = [signerOf(1), secret(2)]
const header: Envelope.Header = {
  type: "document.MessageAppended",
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  author: "did:vivim:ada",
  kid: "#laptop",
  seq: 4,
  prev: run(Envelope.address(utf8("the one before"))),
  at: 1_700_000_000_000
}
const plain = utf8("steep for 3 minutes")
const sealed = run(Envelope.seal(signer, key, header, plain))

/** As a node does it: read, verify, open. */
const receive = (bytes: Uint8Array, by = signer.publicKey, withKey = key) =>
  Effect.gen(function*() {
    const envelope = yield* Envelope.read(bytes)
    yield* Envelope.verify(by, envelope)
    return { header: envelope.header, plain: yield* Envelope.open(withKey, envelope) }
  })

describe("Envelope", () => {
  it("V1 gives header and body to who has the key", () => {
    const received = run(receive(sealed))
    assert.deepStrictEqual(Canonical.encode(received.header), Canonical.encode(header))
    assert.deepStrictEqual(new Uint8Array(received.plain), plain)
    const first = { ...header, prev: null, seq: 0 }
    assert.deepStrictEqual(run(receive(run(Envelope.seal(signer, key, first, plain)))).header, first)
  })

  it("V1 tells nobody else what it holds, nor exactly how long it is", () => {
    assert.strictEqual(failure(receive(sealed, signer.publicKey, secret(3))), "NotOpened")
    assert.strictEqual(failure(receive(sealed, signerOf(4).publicKey)), "SignatureRefused")
    const lengths = ["", "a", "a".repeat(60)].map((text) => run(Envelope.seal(signer, key, header, utf8(text))).length)
    assert.lengthOf(new Set(lengths), 1)
    assert.isFalse(Buffer.from(sealed).includes("steep"))
  })

  it("V2 refuses every altered bit and every cut", () => {
    assert.strictEqual(sealed[1], 1, "the suite is the first field")
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const altered = Uint8Array.from(sealed)
      altered[bit >> 3]! ^= 1 << (bit & 7)
      const said = failure(receive(altered))
      assert.include(["NotCanonical", "UnknownSuite", "SignatureRefused"], said, `bit ${bit}`)
    }
    for (let at = 0; at < sealed.length; at++) {
      assert.strictEqual(failure(receive(sealed.subarray(0, at))), "NotCanonical")
    }
    assert.strictEqual(failure(receive(concat(sealed, Uint8Array.of(0)))), "NotCanonical")
    assert.strictEqual(failure(receive(Canonical.encode([2, new Uint8Array(0), new Uint8Array(64)]))), "UnknownSuite")
  })

  it("V2 refuses a body under another header, though its author signs it", () => {
    const { body } = run(Envelope.read(sealed))
    const { at, author, id, kid, prev, seq, type } = header
    const forge = (...fields: ReadonlyArray<unknown>) =>
      receive(run(SignedBytes.sign(signer, "vivim/env/1", Canonical.encode([...fields, body]))))
    assert.strictEqual(failure(forge(type, id, author, kid, seq, prev, at)), "passed")
    assert.strictEqual(failure(forge("document.Other", id, author, kid, seq, prev, at)), "NotOpened")
    assert.strictEqual(failure(forge(type, "another", author, kid, seq, prev, at)), "NotOpened")
    assert.strictEqual(failure(forge(type, id, "did:vivim:bo", kid, seq, prev, at)), "NotOpened")
    assert.strictEqual(failure(forge(type, id, author, "#phone", seq, prev, at)), "NotOpened")
    assert.strictEqual(failure(forge(type, id, author, kid, 5, prev, at)), "NotOpened")
    assert.strictEqual(failure(forge(type, id, author, kid, seq, null, at)), "NotOpened")
    assert.strictEqual(failure(forge(type, id, author, kid, seq, prev, at + 1)), "NotOpened")
    assert.strictEqual(failure(forge(type, id, author, kid, -1, prev, at)), "SignatureRefused")
    assert.strictEqual(failure(forge(type, id, author)), "SignatureRefused")
  })

  it("V3 has one address", () => {
    const address = run(Envelope.address(sealed))
    assert.deepStrictEqual([address.version, address.code, address.multihash.code], [1, 0x71, 0x12])
    assert.match(address.toString(), /^bafyrei/)
    assert.notStrictEqual(
      run(Envelope.address(run(Envelope.seal(signer, key, header, plain)))).toString(),
      address.toString()
    )
    // The same values in a second spelling: the list's head in two bytes.
    assert.strictEqual(failure(receive(concat(hex("9803"), sealed.subarray(1)))), "NotCanonical")
  })
})

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"))

describe("SignedBytes", () => {
  const signed = run(SignedBytes.sign(signer, "a", plain))
  const verify = (domain: string, publicKey = signer.publicKey, bytes = signed) =>
    failure(Effect.flatMap(SignedBytes.read(bytes), (read) => SignedBytes.verify(publicKey, domain, read)))

  it("D1 holds for its domain, its bytes and its key", () => {
    assert.strictEqual(verify("a"), "passed")
    assert.strictEqual(verify("b"), "SignatureRefused")
    assert.strictEqual(verify("a", signerOf(9).publicKey), "SignatureRefused")
    const { signature } = run(SignedBytes.read(signed))
    const other = Canonical.encode([1, utf8("steep for 4 minutes"), signature])
    assert.strictEqual(verify("a", signer.publicKey, other), "SignatureRefused")
  })

  it("D2 refuses another suite, and what is no list of three", () => {
    const { bytes, signature } = run(SignedBytes.read(signed))
    const said = (...parts: ReadonlyArray<unknown>) => failure(SignedBytes.read(Canonical.encode(parts)))
    assert.strictEqual(said(2, bytes, signature), "UnknownSuite")
    assert.strictEqual(said("1", bytes, signature), "SignatureRefused")
    assert.strictEqual(said(1, bytes), "SignatureRefused")
    assert.strictEqual(said(1, bytes, signature, 0), "SignatureRefused")
    assert.strictEqual(said(1, bytes, "signature"), "SignatureRefused")
    assert.strictEqual(failure(SignedBytes.read(Canonical.encode({}))), "SignatureRefused")
    assert.strictEqual(failure(SignedBytes.read(hex("9f01ff"))), "NotCanonical")
  })
})
