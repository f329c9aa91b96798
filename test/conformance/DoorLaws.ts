/** The laws of what the doors of a node let through at all, whoever asks. */
import { genesis, holder } from "@vivim/crypto/did/LogExample"
import * as Operation from "@vivim/crypto/did/Operation"
import { folders } from "@vivim/node/Folders"
import * as fs from "node:fs"
import { assert, beforeAll, describe, it } from "vitest"
import { call, type NodeProcess } from "../e2e/NodeProcess.ts"
import { answerTo, ask, challenge, type Device, newClientKey, withProof } from "./SigningClient.ts"

/** `nodeOf` answers the node, once it runs: pages of https://app.example may use it, and everybody may sign up. */
export const doorLaws = (nodeOf: () => NodeProcess) =>
  describe("doors", () => {
    let node: NodeProcess
    beforeAll(() => void (node = nodeOf()))

    it("W1 pages of other origins are turned away, and no page runs what is not its own", async () => {
      const asked = await ask(`${node.origin}/api/v1/account`, "GET", undefined, { origin: "https://evil.example" })
      assert.strictEqual(asked.status, 403)
      assert.isNull(asked.headers.get("access-control-allow-origin"))
      const listed = await fetch(`${node.origin}/api/v1/account`, {
        method: "OPTIONS",
        headers: { origin: "https://app.example", "access-control-request-method": "GET" }
      })
      assert.strictEqual(listed.status, 204)
      assert.strictEqual(listed.headers.get("access-control-allow-origin"), "https://app.example")
    })

    it("W2 what stands inside the page that describes the REST face is named by its hash", async () => {
      const { headers, text } = await ask(`${node.origin}/api/docs`, "GET")
      const policy = headers.get("content-security-policy") ?? ""
      assert.notInclude(policy, "unsafe")
      const inside = [...text.matchAll(/^ *<(script|style)\b[^>]*>/gm)]
      assert.lengthOf(policy.match(/'sha256-[A-Za-z0-9+/]{43}='/g) ?? [], inside.length)
      assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
    })

    it("W3 a body that is too large is refused, whether it says so or not", async () => {
      const huge = "x".repeat(20_000)
      const said = await ask(`${node.origin}/api/v1/sign-in/challenge`, "POST", {
        userId: huge,
        deviceId: "d",
        purpose: "sign-in"
      })
      assert.strictEqual(said.status, 413)
      const more = await fetch(`${node.origin}/api/v1/circles`, {
        method: "POST",
        body: "x".repeat(17 * 1_024 * 1_024)
      })
      assert.strictEqual(more.status, 413)
    })

    it("L1 a handle that leads out of the folder of accounts opens nothing there", async () => {
      const before = fs.readdirSync(node.dataDir).toSorted()
      for (const handle of ["..%2Fx", "%2e%2e%2fx", "..%5Cx", "a%2F..%2F..%2Fx", "x%00", "Ada", "a".repeat(41)]) {
        const { status } = await call(node, "PUT", `/local/accounts/${handle}`)
        assert.include([400, 404], status, handle)
        const as = await fetch(`${node.origin}/api/v1/account`, {
          headers: {
            authorization: `Bearer ${node.token()}`,
            "vivim-as": decodeURIComponent(handle).replaceAll("\0", "")
          }
        })
        assert.strictEqual(as.status, 401, handle)
      }
      assert.deepStrictEqual(fs.readdirSync(node.dataDir).toSorted(), before)
      const opening = await fetch(`${node.origin}/api/v1/local/accounts/zoe`, {
        method: "PUT",
        headers: { authorization: `Bearer ${node.token()}`, "vivim-as": "zoe" }
      })
      assert.strictEqual(opening.status, 201, "an account may be opened by who is about to act as it")
      assert.isTrue(
        fs.readdirSync(folders(node.dataDir).accounts).every((file) => /^[a-z][a-z0-9._-]*\.key$/.test(file))
      )
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
