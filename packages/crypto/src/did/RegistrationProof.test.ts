/** Who may open an account on a node. */
import { assert, describe, it } from "vitest"
import * as NodeEd25519 from "../NodeEd25519.ts"
import { genesis, holder } from "./LogExample.ts"
import * as RegistrationProof from "./RegistrationProof.ts"

const [kit, phone, thief] = [holder("kit"), holder("phone"), holder("thief")]
const { bytes, did } = genesis([kit], phone, 1_000)
const asked = { node: "did:web:a.example", userId: did, handle: "ada", displayName: "Ada", at: 1_000 }

describe("a proof of registration", () => {
  it("T1 is made by a device of the first operation, for all that was asked", () => {
    const proof = phone.identity.sign(RegistrationProof.messageOf(asked))
    const holds = (change: object, by = proof, first = bytes) =>
      RegistrationProof.holds({ ...asked, ...change }, first, by, NodeEd25519.verify)
    assert.isTrue(holds({}))
    for (
      const change of [{ node: "did:web:b.example" }, { userId: "did:key:z" }, { handle: "bo" }, { displayName: "B" }, {
        at: 1
      }]
    ) {
      assert.isFalse(holds(change), JSON.stringify(change))
    }
    for (const other of [thief.identity, phone.key(0), phone.key(1), kit.key(0)]) {
      assert.isFalse(holds({}, other.sign(RegistrationProof.messageOf(asked))))
    }
    assert.isFalse(holds({}, proof, genesis([kit], thief, 1_000).bytes))
    assert.isFalse(holds({}, proof, new Uint8Array(3)))
  })
})
