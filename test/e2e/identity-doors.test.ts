/** The doors through which anyone sees identities and proves them, on a real node. */
import * as Account from "@vivim/client/account/Account"
import * as DeviceKeys from "@vivim/client/account/DeviceKeys"
import * as FileKeyStore from "@vivim/client/account/FileKeyStore"
import * as DidDocument from "@vivim/crypto/did/DidDocument"
import * as DidKey from "@vivim/crypto/DidKey"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { deviceWith, invitingNode, json, newDevice, wanted } from "./Devices.ts"
import { call, type NodeProcess, startNode, temporary, until } from "./NodeProcess.ts"

let node: NodeProcess
beforeAll(async () => {
  node = await startNode({ env: invitingNode })
})
afterAll(() => node.stop())

const show = (path: string, headers: Record<string, string> = {}) => fetch(`${node.origin}${path}`, { headers })

describe("the doors of identities", () => {
  it("show documents in their kinds, cheaply again, and say what is not there", async () => {
    const phone = newDevice(node)
    const { did } = await phone(Account.create(wanted("gus")))
    const { deviceId } = await phone(Account.signer)
    const path = `/api/v1/identity/${did}`
    const first = await show(path, { accept: "text/html, application/did+ld+json;q=0.9" })
    assert.strictEqual(first.status, 200)
    assert.strictEqual(first.headers.get("content-type"), "application/did+ld+json")
    assert.strictEqual(first.headers.get("cache-control"), "public, max-age=60")
    const document = await json(first)
    assert.isTrue(DidDocument.isOf(did, document))
    const keys = DidDocument.keysOf(document, "authentication")
    assert.deepStrictEqual(keys.map(({ publicKey }) => DidKey.deviceId(publicKey)), [deviceId])
    assert.deepStrictEqual(document.alsoKnownAs, [`acct:gus@${new URL(node.origin).host}`])
    const etag = first.headers.get("etag")!
    assert.strictEqual((await show(path, { accept: "application/did+ld+json", "if-none-match": etag })).status, 304)
    assert.strictEqual((await show(path, { "if-none-match": `"other"` })).status, 200)
    assert.strictEqual((await show(path, { accept: "text/html" })).status, 406)
    for (
      const other of [did.replace(/.$/, "a"), "did:plc:7iza6de2dwap2sbkpav7c6c6", "no-did", "did:web:else.example"]
    ) {
      assert.strictEqual((await show(`/api/v1/identity/${other}`)).status, other === did ? 200 : 404, other)
    }
    const key = await json(await show(`/api/v1/identity/did:key:${deviceId}`))
    assert.strictEqual(key.id, `did:key:${deviceId}`)
    const { operations } = await json(await show(`${path}/log`))
    assert.lengthOf(operations, 1)
    assert.strictEqual((await show(`/api/v1/identity/did:key:${deviceId}/log`)).status, 404)
  })

  it("say that an identity is gone when nobody can sign for it, and keep its log for whoever asks why", async () => {
    const phone = newDevice(node)
    const { did } = await phone(Account.create(wanted("ines")))
    assert.strictEqual((await show(`/api/v1/identity/${did}`)).status, 200)
    await phone(Account.state(() => ({ devices: {}, recovery: [] })))
    for (const name of [did, "@ines"]) {
      const answer = await show(`/api/v1/identity/${name}`)
      assert.strictEqual(answer.status, 410, name)
      assert.strictEqual((await json(answer))._tag, "IdentityGone")
    }
    assert.lengthOf((await json(await show(`/api/v1/identity/${did}/log`))).operations, 2)
  })

  it("say that an account that left is gone", async () => {
    const { body: { userId } } = await call(node, "PUT", "/local/accounts/jo")
    const log = `/api/v1/identity/${userId}/log`
    const left = await fetch(`${node.origin}/api/v1/users/${encodeURIComponent(userId)}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${node.token()}`, "content-type": "application/json", "vivim-as": "jo" },
      body: "{}"
    })
    assert.strictEqual(left.status, 200)
    const answer = await until(() => show(log), ({ status }) => status !== 404, "its leaving")
    assert.strictEqual(answer.status, 410)
  })

  it("show who the node is, the same after it started anew", async () => {
    const self = await json(await show("/.well-known/did.json"))
    assert.strictEqual(self.id, `did:web:${new URL(node.origin).host.replace(":", "%3A")}`)
    assert.lengthOf(DidDocument.keysOf(self, "assertionMethod"), 1)
    await node.stop()
    node = await node.again()
    assert.deepStrictEqual(await json(await show("/.well-known/did.json")), self)
    assert.strictEqual((await show(`/api/v1/identity/${encodeURIComponent(self.id)}`)).status, 200)
  })

  it("keep a local account's sealed keys and the names of its devices, and take no operation for it", async () => {
    const { body: { userId } } = await call(node, "GET", "/account")
    const at = `/users/${encodeURIComponent(userId)}`
    assert.strictEqual((await call(node, "POST", `${at}/devices`, { deviceId: "pad", name: "Pad" })).status, 200)
    assert.strictEqual((await call(node, "PUT", `${at}/devices/pad/name`, { name: "My pad" })).status, 200)
    const sealed = Buffer.from("sealed").toString("base64url")
    const keep = (generation: number, deviceId: string | null) =>
      call(node, "POST", `${at}/wraps`, { generation, wraps: [{ deviceId, sealed }] })
    assert.strictEqual((await keep(1, "pad")).status, 200)
    assert.strictEqual((await keep(1, null)).status, 200)
    assert.strictEqual((await keep(3, null)).body._tag, "WrapsBehind")
    assert.strictEqual((await keep(2, "stranger")).body._tag, "NoSuchDevice")
    const wraps = await until(() => call(node, "GET", "/account/wraps"), ({ body }) => body.length === 2, "both wraps")
    assert.deepInclude(wraps.body[0], { deviceId: "pad", generation: 1, sealed })
    const account = await until(
      () => call(node, "GET", "/account"),
      ({ body }) => body.devices.some((one: any) => one.name === "My pad"),
      "the name"
    )
    assert.deepInclude(account.body.devices[0], { deviceId: "pad", kem: null })
    const none = await call(node, "POST", `/identity/${userId}/log`, { operation: sealed, kemKeys: [] })
    assert.deepInclude(none, { status: 409 })
    assert.deepInclude(none.body, { _tag: "OperationRefused", reason: "NoLog" })
    const taken = await call(node, "POST", `/identity/${userId}/log`, { operation: 7 })
    assert.strictEqual(taken.status, 400)
  })

  it("tell operators what was stated, and unfold nobody's account to them", async () => {
    const { did } = await newDevice(node)(Account.create(wanted("hedy")))
    const { body: events } = await call(node, "GET", `/events?stream=user/${did}`)
    const [registered, stated] = events.flat()
    assert.deepInclude(registered, { type: "user.UserRegistered", owner: did })
    const { operations } = await json(await show(`/api/v1/identity/${did}/log`))
    assert.deepInclude(stated.routing, { seq: 0, operation: operations[0] })
    assert.strictEqual((await call(node, "GET", `/streams/user/${encodeURIComponent(did)}`)).status, 404)
  })

  it("a device's keys lie in a file of its owner alone, and are refused where others read them", async () => {
    const folder = temporary("keys")
    const device = deviceWith(node, FileKeyStore.layer(folder))
    await device(Account.create(wanted("kay")))
    const [file] = fs.readdirSync(folder)
    assert.strictEqual(fs.statSync(`${folder}/${file}`).mode & 0o777, 0o600)
    fs.chmodSync(`${folder}/${file}`, 0o644)
    assert.match((await device(Effect.flip(DeviceKeys.read))).message, /chmod 600/)
  })
})
