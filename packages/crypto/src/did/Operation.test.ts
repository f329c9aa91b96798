/** Operations in bytes: one form for each, and a name that commits to the first. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { genesis, holder } from "./LogExample.ts"
import * as Operation from "./Operation.ts"

const [kit, phone] = [holder("kit"), holder("phone")]
const { bytes, did } = genesis([kit], phone, 1_000)
const operation = Operation.decode(bytes)!
const encoded = (change: object) => Canonical.encode({ ...operation, ...change })

describe("an operation", () => {
  it("O1 reads back as it was signed, the suite first in its bytes", () => {
    assert.deepStrictEqual(Operation.signed(Operation.unsigned(operation), operation.sig), bytes)
    // A map of ten, then the text "v", then 1.
    assert.deepStrictEqual([...bytes.subarray(0, 4)], [0xaa, 0x61, 0x76, 0x01])
  })

  it("O1 has no other form: more, less, other names, other numbers and other orders are refused", () => {
    const { prev: _, ...without } = operation
    for (
      const change of [
        { v: 2 },
        { v: "1" },
        { seq: -1 },
        { seq: 0.5 },
        { ts: 2 ** 60 },
        { more: 1 },
        { key: operation.key.subarray(1) },
        { prev: new Uint8Array(31) },
        { sig: new Uint8Array(63) },
        { aka: ["no uri"] },
        { aka: "at:x" },
        { recovery: [new Uint8Array(33)] },
        { services: { "Not so": { type: "Pds", endpoint: "https://a" } } },
        { services: { pds: { type: "a b", endpoint: "https://a" } } },
        { devices: { phone: { kem: phone.kem, next: null } } },
        { devices: { [`${phone.deviceId}x`]: { kem: phone.kem, next: null } } },
        { devices: { [phone.deviceId]: { kem: phone.kem } } },
        { devices: { [phone.deviceId]: { kem: phone.kem, next: null, more: 1 } } }
      ]
    ) assert.isNull(Operation.decode(encoded(change)), JSON.stringify(change))
    assert.isNotNull(Operation.decode(encoded({})))
    assert.isNull(Operation.decode(Canonical.encode(without)))
    assert.isNull(Operation.decode(Uint8Array.of(...bytes, 0)))
    // `v` as 0x18 0x01: the same number in two bytes.
    assert.isNull(Operation.decode(Uint8Array.of(...bytes.subarray(0, 3), 0x18, 0x01, ...bytes.subarray(4))))
    FastCheck.assert(FastCheck.property(FastCheck.uint8Array({ maxLength: 64 }), (any) => {
      assert.isNull(Operation.decode(any))
    }))
  })

  it("O2 the DID commits to everything the first operation says, and to nothing of its signature", () => {
    assert.match(did, /^did:vivim:[a-z2-7]{40}$/)
    assert.isTrue(Operation.isDidVivim(did))
    assert.strictEqual(Operation.didOf(Operation.unsigned(operation)), did)
    for (const change of [{ ts: 1_001 }, { key: kit.hash(0) }, { recovery: [] }, { aka: ["at:x"] }, { devices: {} }]) {
      assert.notStrictEqual(Operation.didOf({ ...Operation.unsigned(operation), ...change }), did)
    }
  })
})
