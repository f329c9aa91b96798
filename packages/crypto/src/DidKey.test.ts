/** did:key: one key, one DID. */
import * as Option from "effect/Option"
import { base58btc } from "multiformats/bases/base58"
import { assert, describe, it } from "vitest"
import * as DidKey from "./DidKey.ts"

const key = new Uint8Array(Buffer.from("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6", "hex"))
const spelt = (...bytes: ReadonlyArray<number>) => `did:key:${base58btc.encode(Uint8Array.from(bytes))}`

describe("DidKey", () => {
  it("G1 goes there and back", () => {
    assert.deepStrictEqual(Option.getOrThrow(DidKey.toEd25519(DidKey.fromEd25519(key))), key)
    assert.throws(() => DidKey.fromEd25519(key.subarray(1)), "not 31")
    const id = DidKey.deviceId(key)
    assert.strictEqual(DidKey.fromEd25519(key), `did:key:${id}`)
    assert.deepStrictEqual(DidKey.publicKeyOf(id), key)
    assert.isNull(DidKey.publicKeyOf(`${id}x`))
  })

  it("G1 refuses every other spelling, kind and key", () => {
    const did: string = DidKey.fromEd25519(key)
    const neutral = [1, ...new Uint8Array(31)]
    const others = {
      "of another method": did.replace("did:key", "did:web"),
      "in another base": did.replace("did:key:z", "did:key:m"),
      "with a character no base 58 has": did.replace("6Mk", "60k"),
      "with a fragment": `${did}#key`,
      X25519: spelt(0xec, 0x01, ...key),
      "P-256": spelt(0x80, 0x24, ...key, 3),
      "too short": spelt(0xed, 0x01, ...key.subarray(1)),
      "too long": spelt(0xed, 0x01, ...key, 0),
      "far too long": `did:key:z${"6".repeat(1_000_000)}`,
      "of small order": spelt(0xed, 0x01, ...neutral),
      nothing: "did:key:"
    }
    for (const [name, other] of Object.entries(others)) assert.isTrue(Option.isNone(DidKey.toEd25519(other)), name)
  })
})
