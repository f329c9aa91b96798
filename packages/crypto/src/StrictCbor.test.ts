/** Bytes from strangers: the one form of a value is read, every other form is refused. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Either from "effect/Either"
import { CID } from "multiformats/cid"
import { assert, describe, it } from "vitest"
import * as StrictCbor from "./StrictCbor.ts"

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"))
const reason = (bytes: Uint8Array, within?: StrictCbor.Limits) =>
  Either.match(StrictCbor.decode(bytes, within), { onLeft: (refused) => refused.reason, onRight: () => "read" })

const link = CID.parse("bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi")
const values = [
  null,
  true,
  false,
  0,
  -1,
  23,
  24,
  255,
  256,
  65_535,
  65_536,
  2 ** 32,
  2 ** 53 - 1,
  -(2 ** 53 - 1),
  2n ** 64n - 1n,
  1.5,
  -0.1,
  1e300,
  "",
  "tea",
  "茶".repeat(300),
  new Uint8Array(0),
  new Uint8Array(70_000),
  [],
  {},
  [[[]], { b: 1, aa: { c: [link] } }],
  link
]

describe("StrictCbor", () => {
  it("C1 reads every value from its one form", () => {
    for (const value of values) {
      const bytes = Canonical.encode(value)
      assert.deepStrictEqual(Canonical.encode(Either.getOrThrow(StrictCbor.decode(bytes))), bytes)
    }
  })

  it("C1 reads the name of a prototype as a name", () => {
    const read = Either.getOrThrow(StrictCbor.decode(hex("a1695f5f70726f746f5f5fa16474726561f5")))
    assert.deepStrictEqual(Object.keys(read as object), ["__proto__"])
    assert.isUndefined((read as { readonly trea?: unknown }).trea)
  })

  it("C1 refuses every other form", () => {
    const others = {
      "keys in another order": "a2616201616102",
      "keys by bytes, not by length": "a262616101616202",
      "a key twice": "a2616101616102",
      "a key that is no text": "a10102",
      "a number longer than needed": "1801",
      "a length longer than needed": "780174",
      "half a float": "f93e00",
      "a float of 32 bits": "fa3fc00000",
      "a whole float": "fb3ff0000000000000",
      "minus zero": "fb8000000000000000",
      "not a number": "fb7ff8000000000000",
      infinity: "fb7ff0000000000000",
      undefined: "f7",
      "a simple value": "e0",
      "a date": "c11a514b67b0",
      "a large number as a tag": "c249010000000000000000",
      "a link that is none": "d82a4100",
      "a list of no length": "9f01ff",
      "text in pieces": "7f6161ff",
      "a break alone": "ff",
      "a reserved head": "1c",
      "text that is not UTF-8": "61ff",
      "half a surrogate": "63eda080",
      "something behind": "0102",
      "cut short": "8301",
      "a head cut short": "1901",
      "text cut short": "6261",
      nothing: ""
    }
    for (const [name, bytes] of Object.entries(others)) assert.strictEqual(reason(hex(bytes)), "not canonical", name)
  })

  it("C1 refuses whatever one altered bit makes of it, or reads another value", () => {
    const bytes = Canonical.encode({ aa: [1, "tea", 1.5, null], b: new Uint8Array(3), c: link })
    let [read, refused] = [0, 0]
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Uint8Array.from(bytes)
      altered[bit >> 3]! ^= 1 << (bit & 7)
      const found = StrictCbor.decode(altered)
      if (Either.isLeft(found)) refused++
      else {
        read++
        assert.deepStrictEqual(Canonical.encode(found.right), altered)
      }
    }
    assert.isAbove(read, 50)
    assert.isAbove(refused, 50)
  })

  it("C2 refuses what is too long, too deep or of too many parts", () => {
    const nested = (depth: number) => hex("81".repeat(depth) + "00")
    assert.strictEqual(reason(nested(32)), "read")
    assert.strictEqual(reason(nested(33)), "too deep")
    assert.strictEqual(reason(nested(1_000_000)), "too deep")
    const parts = (count: number) => Canonical.encode(Array.from({ length: count }, () => 0))
    assert.strictEqual(reason(parts(9_999)), "read")
    assert.strictEqual(reason(parts(10_000)), "too many parts")
    const bytes = Canonical.encode(new Uint8Array(1_048_571))
    assert.lengthOf(bytes, StrictCbor.limits.bytesMax)
    assert.strictEqual(reason(bytes), "read")
    assert.strictEqual(reason(Canonical.encode(new Uint8Array(1_048_572))), "too long")
    // A head that announces what never comes: four thousand million parts, or bytes.
    assert.strictEqual(reason(hex("9affffffff00")), "not canonical")
    assert.strictEqual(reason(hex("bbffffffffffffffff00")), "not canonical")
    assert.strictEqual(reason(hex("5bffffffffffffffff00")), "not canonical")
    assert.strictEqual(reason(Canonical.encode([1, 2]), { bytesMax: 9, depthMax: 1, partsMax: 3 }), "read")
  })
})
