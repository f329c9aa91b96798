/** The laws of answers to a node's challenges: what they tell a stranger, and whose account they open. */
import { genesis, holder } from "@vivim/crypto/did/LogExample"
import * as Operation from "@vivim/crypto/did/Operation"
import { assert, beforeAll, describe, it } from "vitest"
import type { NodeProcess } from "../e2e/NodeProcess.ts"
import { answerTo, challenge, type Device, newClientKey, newDevice, signUp, withProof } from "./SigningClient.ts"

/** `nodeOf` answers the node, once it runs: it lets everybody sign up, and knocks are not counted in small numbers. */
export const answerLaws = (nodeOf: () => NodeProcess) =>
  describe("answers", () => {
    let node: NodeProcess
    const berta = newDevice()
    let key: Awaited<ReturnType<typeof newClientKey>>
    beforeAll(async () => {
      node = nodeOf()
      key = await newClientKey()
      const up = await signUp(node, berta, key, "berta")
      assert.strictEqual(up.status, 200, up.text)
    })

    it("D1 the time a wrong answer takes tells nothing of whether there is such an account", async () => {
      const thief = newDevice()
      const took = async (device: Device) => {
        const made = await challenge(node, device)
        const answer = answerTo(device, made, { signature: thief.sign(new Uint8Array(1)) })
        const from = performance.now()
        assert.strictEqual((await withProof(node, key, "/sign-in/token", answer)).status, 401)
        return performance.now() - from
      }
      // One stranger, as there is one Berta: a key that was seen before is looked at faster, whoever's it is.
      const stranger = newDevice()
      const [known, unknown] = [[] as Array<number>, [] as Array<number>]
      for (let n = 0; n < 150; n++) {
        known.push(await took(berta))
        unknown.push(await took(stranger))
      }
      // How often the one takes longer than the other, over all pairs: half, give or take a thirtieth, where there is nothing to tell.
      const longer = known.flatMap((one) => unknown.map((other): number => (one > other ? 1 : 0)))
      assert.closeTo(longer.reduce((sum, one) => sum + one) / longer.length, 0.5, 0.2)
    })

    it("D4 an account is opened by a device of its first operation, and by nobody else, once", async () => {
      const kem = new Uint8Array(1_216)
      const held = (name: string) => {
        const made = { ...holder(name), kem: Operation.hashOf(kem) }
        const sign = (bytes: Uint8Array) => Buffer.from(made.identity.sign(bytes)).toString("base64url")
        return { ...made, sign }
      }
      const [kit, phone, thief] = [held("kit"), held("phone"), held("thief")]
      const { bytes, did } = genesis([kit], phone, Date.now())
      const { did: other } = genesis([kit], thief, Date.now())
      const knock = async (device: Device, handle = "door-one") =>
        withProof(node, await newClientKey(), "/sign-up", {
          answer: answerTo(device, await challenge(node, device, "sign-up")),
          handle,
          displayName: "Ida",
          genesis: {
            operation: Buffer.from(bytes).toString("base64url"),
            kemKeys: [Buffer.from(kem).toString("base64url")]
          }
        })
      const own = { userId: did, deviceId: phone.deviceId, sign: phone.sign }
      for (const wrong of [{ ...own, deviceId: thief.deviceId, sign: thief.sign }, { ...own, sign: thief.sign }]) {
        assert.deepInclude(await knock(wrong), { status: 401 })
      }
      // The device is right, and the account is not the one that operation begins.
      assert.notStrictEqual((await knock({ ...own, userId: other })).status, 200)
      const answer = await knock(own)
      assert.strictEqual(answer.status, 200, answer.text)
      assert.deepInclude(answer.body, { userId: did, handle: "door-one" })
      assert.strictEqual((await knock(own, "door-two")).body._tag, "UserTaken")
    })
  })
