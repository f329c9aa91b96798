/** The promise of `History.ts`, on logs made from nothing but names. */
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import { device, genesis, holder, next, without } from "@vivim/crypto/did/LogExample"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import { assert, describe, it } from "vitest"
import * as History from "./History.ts"

const [kit, laptop, phone] = [holder("kit"), holder("laptop"), holder("phone")]
const hour = 3_600_000

/** A log of these operations, as the browser folds it. */
const logOf = (did: Parameters<typeof IdentityLog.fold>[0], operations: ReadonlyArray<Uint8Array>) => {
  const { log } = IdentityLog.fold(did, operations, { verify: Ed25519.verify })
  return { operations, log: log! }
}

describe("the history of an account", () => {
  it("H1 tells who came, left and took the account back, and what that took back", () => {
    const first = genesis([kit], laptop, 0)
    const both = next(first.bytes, laptop, hour, { devices: { ...device(laptop, 1), ...device(phone, 0) } })
    const alone = next(both, laptop, 2 * hour, { devices: without(both, phone) })
    const back = next(first.bytes, kit, 3 * hour, { devices: device(holder("new"), 0) })
    const names = { [laptop.deviceId]: "Laptop", [phone.deviceId]: "" }
    const told = History.tell(logOf(first.did, [first.bytes, both, alone]), names)
    assert.deepStrictEqual(told.map(({ undone, what }) => [what, undone]), [
      [`Device ${phone.deviceId.slice(-6)} was removed`, false],
      [`Device ${phone.deviceId.slice(-6)} was let in`, false],
      ["The account began, with “Laptop”", false]
    ])
    const other = { recovery: [holder("other kit")].map((one) => one.hash(0)) }
    const replaced = [next(alone, laptop, 3 * hour, other), next(alone, kit, 3 * hour, {})]
    assert.deepStrictEqual(
      replaced.map((one) => History.tell(logOf(first.did, [first.bytes, both, alone, one]), names)[0]!.what),
      ["a device", "the old one"].map((who) =>
        `A new recovery kit took the place of the old one, by the word of ${who}`
      )
    )
    const recovered = History.tell(logOf(first.did, [first.bytes, both, alone, back]), names)
    assert.match(recovered[0]!.what, /^The account was taken back with the kit, on device /)
    assert.deepStrictEqual(recovered.map(({ undone }) => undone), [false, true, true, false])
  })
})
