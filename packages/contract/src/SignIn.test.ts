/** What a device signs, and what calls need of who makes them. */
import { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import { assert, describe, it } from "vitest"
import { calls } from "./Rest.ts"
import { needOf, Needs } from "./Session.ts"
import { signed } from "./SignIn.ts"

const answer = {
  userId: Did.make("did:key:zAda"),
  deviceId: DeviceId.make("phone"),
  nonce: "n".repeat(64),
  origin: "https://vivim.example",
  expiresAt: 1
}
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

it("C1 a device signs the same bytes for the same challenge, under a domain of their own, and others for any other", () => {
  assert.strictEqual(hex(signed({ ...answer })), hex(signed(answer)))
  assert.strictEqual(Buffer.from(signed(answer)).subarray(0, 13).toString(), "vivim-auth/1\0")
  const others = [
    { ...answer, userId: Did.make("did:key:zBo") },
    { ...answer, deviceId: DeviceId.make("laptop") },
    { ...answer, nonce: "m".repeat(64) },
    { ...answer, origin: "https://evil.example" },
    { ...answer, expiresAt: 2 }
  ]
  assert.strictEqual(new Set([answer, ...others].map((one) => hex(signed(one)))).size, 1 + others.length)
})

describe("calls", () => {
  const needs = new Map(
    calls.map(({ rpc, tag }) => [tag, Context.get(rpc.annotations as Context.Context<Needs>, Needs)])
  )

  it("N1 all say what they need", () => {
    assert.strictEqual(needs.size, calls.length)
    for (const [tag, needed] of needs) {
      assert.include(["user", "moderator", "operator", "admin"], needOf(needed).role, tag)
    }
  })

  it("N2 those that cannot be taken back ask for a fresh proof, and nobody's roles are theirs to give", () => {
    const stepUp = [...needs].filter(([, needed]) => needOf(needed).stepUp === true).map(([tag]) => tag)
    const dangerous = [
      "RevokeDevice",
      "DeleteUser",
      "GrantRole",
      "WithdrawRole",
      "SuspendAccount",
      "BanAccount",
      "ReinstateAccount",
      "BeginTotp",
      "ConfirmTotp",
      "RemoveMeans",
      "BeginLink"
    ]
    for (const tag of dangerous) assert.include(stepUp, tag)
    // What makes an account another's, or less private, asks for more than a provider's word.
    const proven = [...needs].filter(([, needed]) => needOf(needed).proven === true).map(([tag]) => tag)
    assert.sameMembers(proven, ["AddDevice", "ChoosePrivacy", "EnrollVault", "FinishLink", "KeepKeyWraps"])
    for (const tag of ["GrantRole", "WithdrawRole", "BanAccount"]) {
      assert.strictEqual(needOf(needs.get(tag)!).role, "admin")
    }
  })
})
