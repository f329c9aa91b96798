/** Proofs of forked logs, judged by somebody who has nothing but the proof. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import * as SigningKey from "../SigningKey.ts"
import * as Fork from "./Fork.ts"
import { device, genesis, holder, next, sign, without } from "./LogExample.ts"
import * as Operation from "./Operation.ts"

const [kit, phone, laptop, thief] = [holder("kit"), holder("phone"), holder("laptop"), holder("thief")]
const ground = { verify: SigningKey.verify }
const { bytes: first, did } = genesis([kit], phone, 1_000)
const both = next(first, phone, 2_000, { devices: { ...device(phone, 1), ...device(laptop, 0) } })
const third = next(both, phone, 3_000, { aka: ["at:third"] })
const log = [first, both, third]

const judged = (proof: Fork.Proof | null) => proof === null ? null : Fork.judge(Fork.encode(proof), ground)

describe("a forked log", () => {
  it("F1 two logs that part are told apart by who signed, whichever of them is asked first", () => {
    const equivocation = next(both, phone, 3_500, { aka: ["at:other"] })
    const race = next(both, laptop, 3_500, { devices: without(both, phone) })
    const late = next(first, kit, 2_000 + 72 * 3_600_000 + 1, { devices: device(phone, 9) })
    for (
      const [rival, kind, seq] of [[equivocation, "equivocation", 2], [race, "race", 2], [late, "late", 1]] as const
    ) {
      const wanted = { did, seq, kind }
      assert.deepStrictEqual(judged(Fork.against(did, log, rival, ground)), wanted)
      assert.deepStrictEqual(judged(Fork.between(did, log, [...log.slice(0, seq), rival], ground)), wanted)
      if (kind !== "late") {
        assert.deepStrictEqual(judged(Fork.between(did, [...log.slice(0, seq), rival], log, ground)), wanted)
      }
    }
  })

  it("F1 logs of which one is the beginning of the other, and what a recovery key voided, are no fork", () => {
    const back = next(both, kit, 4_000, { devices: device(phone, 5) })
    assert.isNull(Fork.between(did, log, log, ground))
    assert.isNull(Fork.between(did, log.slice(0, 2), log, ground))
    assert.isNull(Fork.between(did, log, log.slice(0, 2), ground))
    assert.isNull(Fork.between(did, log, [...log, back], ground))
    assert.isNull(Fork.between(did, [...log, back], log, ground))
  })

  it("F1 the proof leaves out what was voided", () => {
    const back = next(first, kit, 4_000, { devices: device(phone, 5) })
    const after = next(back, phone, 5_000)
    const proof = Fork.against(did, [...log, back, after], next(back, phone, 6_000, { aka: ["at:x"] }), ground)
    assert.deepStrictEqual(proof?.log, [first, back])
    assert.deepStrictEqual(judged(proof), { did, seq: 2, kind: "equivocation" })
  })

  it("F2 a proof with anything changed, left out, added or made up proves nothing", () => {
    const proof = Fork.against(did, log, next(both, laptop, 3_500), ground)!
    const good = Fork.encode(proof)
    assert.isNotNull(Fork.judge(good, ground))
    FastCheck.assert(
      FastCheck.property(FastCheck.nat(good.length - 1), FastCheck.nat(7), (byte, bit) => {
        const harmed = new Uint8Array(good)
        harmed[byte]! ^= 1 << bit
        assert.isNull(Fork.judge(harmed, ground))
      }),
      { numRuns: 300 }
    )
    const forged = sign(Operation.unsigned(Operation.decode(proof.rival)!), thief.key(0))
    for (
      const other of [
        { ...proof, log: proof.log.slice(1) },
        { ...proof, log: [...proof.log, third] },
        { ...proof, log: [] },
        { ...proof, rival: proof.kept },
        { ...proof, kept: proof.rival },
        { ...proof, rival: forged },
        { ...proof, rival: next(third, laptop, 9_000) }
      ]
    ) assert.isNull(Fork.judge(Fork.encode(other), ground))
    assert.isNull(Fork.judge(Canonical.encode({ ...proof, v: 2 }), ground))
    assert.isNull(Fork.judge(Uint8Array.of(...good, 0), ground))
  })
})
