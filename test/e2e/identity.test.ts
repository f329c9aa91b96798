/**
 * Accounts from afar against a real node: created, a second device let in, one let go, taken back with the kit; and the doors through
 * which anyone sees and proves them.
 */
import { layerWebSocketConstructor } from "@effect/platform-node/NodeSocket"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Account from "@vivim/client/account/Account"
import * as AccountLog from "@vivim/client/account/AccountLog"
import * as Approval from "@vivim/client/account/Approval"
import * as DeviceKeys from "@vivim/client/account/DeviceKeys"
import * as FileKeyStore from "@vivim/client/account/FileKeyStore"
import { KeyStore } from "@vivim/client/account/KeyStore"
import * as MasterKeys from "@vivim/client/account/MasterKeys"
import * as Recovery from "@vivim/client/account/Recovery"
import * as RotationChain from "@vivim/client/account/RotationChain"
import { NodeSession } from "@vivim/client/NodeSession"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import { VivimClient } from "@vivim/client/VivimClient"
import { KeyWrap } from "@vivim/contract/Identity"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as DidDocument from "@vivim/crypto/did/DidDocument"
import * as Fork from "@vivim/crypto/did/Fork"
import * as DidKey from "@vivim/crypto/DidKey"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import { DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { call, type NodeProcess, startNode, temporary, until } from "./NodeProcess.ts"

let node: NodeProcess
beforeAll(async () => {
  node = await startNode()
})
afterAll(() => node.stop())

type Needs = CryptoSuite | KeyStore | HttpClient.HttpClient
type Store = Layer.Layer<KeyStore>

/** A device: what it runs, it runs with its own key store. */
const on = (store: Store) => <A, E>(work: Effect.Effect<A, E, Needs>): Promise<A> =>
  Effect.runPromise(Effect.provide(work, Layer.mergeAll(store, NodeCryptoSuite.layer, FetchHttpClient.layer)))
const newDevice = () => on(FileKeyStore.layer(temporary("keys")))

/** The calls of a session that a device opened with its key, over one WebSocket. */
const signedIn = async (device: ReturnType<typeof newDevice>) => {
  const scope = Effect.runSync(Scope.make())
  scopes.push(scope)
  const signer = await device(Account.signer)
  return Effect.runPromise(
    Effect.gen(function*() {
      const session = yield* NodeSession
      yield* session.signIn(signer)
      const url = `${node.origin.replace("http", "ws")}/rpc`
      const client = yield* Layer.build(Layer.provide(VivimClient.layer({ url, session }), layerWebSocketConstructor))
      return Context.get(client, VivimClient)
    }).pipe(
      Effect.provide(Layer.provide(NodeSession.layer(node.origin), SessionKeeper.layerMemory)),
      Scope.extend(scope)
    )
  )
}
const scopes: Array<Scope.CloseableScope> = []
afterAll(() => Promise.all(scopes.map((scope) => Effect.runPromise(Scope.close(scope, Exit.void)))))

/** What a session would keep at the node for one account, where the session is not the point. */
const session = () => {
  const wraps: Array<KeyWrap> = []
  const names = new Map<string, string>()
  const calls = {
    KeepKeyWraps: (asked: any) =>
      Effect.sync(() => {
        for (const wrap of asked.wraps) wraps.push(new KeyWrap({ ...wrap, generation: asked.generation, keptAt: 0 }))
      }),
    NameDevice: (asked: any) => Effect.sync(() => void names.set(asked.deviceId, asked.name)),
    WatchKeyWraps: () => Stream.make(wraps)
  } as unknown as MasterKeys.SessionCalls
  return { calls, wraps, names }
}

const name = (text: string) => DisplayName.make(text)
const wanted = (handle: string) => ({
  origin: node.origin,
  handle: Handle.make(handle),
  displayName: name("Ada"),
  token: Redacted.make(node.token())
})
const devices = (did: string) => call(node, "GET", `/identities/${did}`).then(({ body }) => body.devices as Array<any>)
const show = (path: string, headers: Record<string, string> = {}) => fetch(`${node.origin}${path}`, { headers })
const json = (answer: Response): Promise<any> => answer.json()
const failure = <A, E extends { readonly _tag: string }>(work: Effect.Effect<A, E, Needs>) => Effect.flip(work)
const hexOf = (key: Redacted.Redacted<Uint8Array>) => Buffer.from(Redacted.value(key)).toString("hex")

describe("accounts from afar", () => {
  it("one is created, lets a second device in, lets the first go, and is taken back with the kit", async () => {
    const [phone, laptop, tablet] = [newDevice(), newDevice(), newDevice()]
    const created = await phone(Account.create(wanted("ada")))
    const calls = await signedIn(phone)
    await phone(Account.secure(calls, created, name("Phone")))
    const { deviceId: phoneId } = await phone(Account.signer)
    assert.deepInclude((await devices(created.did))[0], { deviceId: phoneId, revokedAt: null })

    const shown = await laptop(Approval.request(node.origin))
    assert.deepStrictEqual(await laptop(Approval.request(node.origin)), shown, "it is the same device, asked again")
    const looked = await phone(Approval.look(shown.code))
    assert.strictEqual(looked.words, shown.words)
    const welcome = await phone(Approval.approve(calls, shown.code, name("Laptop")))
    assert.strictEqual(await laptop(Approval.join(welcome)), created.did)
    const fromLaptop = await signedIn(laptop)
    const seen = await Effect.runPromise(Effect.flatten(Stream.runHead(calls.WatchAccount({}))))
    assert.sameMembers(seen.devices.map(({ name }) => name), ["Phone", "Laptop"])
    assert.include(seen.devices.map(({ deviceId }) => deviceId), looked.deviceId)
    const opened = await laptop(Effect.flatMap(Account.own, ({ keys }) => MasterKeys.fetch(fromLaptop, keys)))
    const first = (await phone(Account.own)).keys.masterKeys[0]!
    assert.strictEqual(hexOf(opened.masterKeys[0]!.key), hexOf(first.key))
    assert.isTrue(await laptop(Approval.mayState))

    const told: Array<string> = []
    await laptop(
      Account.revoke(fromLaptop, phoneId, (old, now) => Effect.sync(() => told.push(hexOf(old!.key), hexOf(now.key))))
    )
    assert.strictEqual(told[0], hexOf(first.key))
    const second = (await laptop(Account.own)).keys.masterKeys[1]!
    assert.deepStrictEqual([second.generation, hexOf(second.key)], [2, told[1]])
    // The device is out of its session, gets none anew, and has nothing wrapped to it.
    const tried = () => phone(Effect.exit(Effect.flatMap(Account.own, ({ keys }) => MasterKeys.fetch(calls, keys))))
    await until(
      tried,
      (exit) => Exit.isFailure(exit) && String(exit.cause).includes("NotSignedIn"),
      "its session's end"
    )
    const kept = await Effect.runPromise(Effect.flatten(Stream.runHead(fromLaptop.WatchKeyWraps({}))))
    assert.isFalse(kept.some(({ deviceId }) => deviceId === phoneId))
    await signedIn(phone).then(
      () => assert.fail("it signed in"),
      (error) => assert.include(String(error), "NotSignedIn")
    )
    assert.strictEqual((await phone(failure(Account.alsoKnownAs(["at:phone"]))))._tag, "NotADevice")
    assert.isFalse(await phone(Approval.mayState))

    const history = await tablet(Recovery.history(node.origin, created.did))
    assert.deepInclude(history[0], { seq: 2, removed: [phoneId], voidable: true })
    const lost = { origin: node.origin, did: created.did, kit: created.kit, from: 2 }
    const kit = await tablet(Recovery.recover(lost))
    await tablet(Recovery.unlock(await signedIn(tablet), kit))
    const keys = (await tablet(Account.own)).keys.masterKeys
    assert.deepStrictEqual(keys.map(({ generation }) => generation), [1, 2, 3])
    assert.strictEqual(hexOf(keys[1]!.key), told[1])
    const now = await devices(created.did)
    assert.deepStrictEqual(now.filter(({ revokedAt }) => revokedAt === null).map(({ deviceId }) => deviceId), [
      (await tablet(Account.signer)).deviceId
    ])
    // The same kit again, with another of its keys.
    const again = newDevice()
    await again(Recovery.recover({ origin: node.origin, did: created.did, kit: created.kit }))
    assert.isTrue(await again(Approval.mayState))
  })

  it("is refused what it may not: other handles' looks, codes that are not whole, kits of others, accounts without a token", async () => {
    const [one, other] = [newDevice(), newDevice()]
    const { calls } = session()
    const bill = await one(Account.create(wanted("bill")))
    for (const handle of ["bill", "b.i-l_l", "b1ll", "blil"]) {
      const refusal = await other(failure(Account.create(wanted(handle))))
      assert.deepInclude(refusal, { _tag: "NodeRefused", refusal: "HandleTaken" }, handle)
    }
    assert.deepInclude(await other(failure(Account.create(wanted("adm1n")))), { refusal: "HandleReserved" })
    const { token: _, ...without } = wanted("cy")
    assert.deepInclude(await other(failure(Account.create(without))), { refusal: "NotSignedIn" })

    const { code } = await other(Approval.request(node.origin))
    const harmed = `${code.slice(0, 60)}${code[60] === "A" ? "B" : "A"}${code.slice(61)}`
    for (const bad of [harmed, code.slice(1), code.slice(0, -4), "", "not a code"]) {
      assert.strictEqual((await one(failure(Approval.approve(calls, bad, name("x")))))._tag, "CodeRefused")
    }
    const { kit } = await newDevice()(Account.create(wanted("dora")))
    const lost = { origin: node.origin, did: bill.did, kit }
    assert.strictEqual((await other(failure(Recovery.recover(lost))))._tag, "KitOfAnother")
    const wrong = { ...lost, kit: Redacted.make("00000-".repeat(14).slice(0, -1)) }
    assert.strictEqual((await other(failure(Recovery.recover(wrong))))._tag, "KitUnreadable")
  })

  it("of many who want one handle at the same time one gets it", async () => {
    const handles = ["wanda", "vvanda", "w.anda", "wanda", "wan-da", "wanda"]
    const outcomes = await Promise.all(
      handles.map((handle) => newDevice()(Effect.either(Account.create(wanted(handle)))))
    )
    const refusals = outcomes.flatMap((outcome) => outcome._tag === "Left" ? [outcome.left] : [])
    assert.lengthOf(refusals, handles.length - 1)
    for (const refusal of refusals) assert.deepInclude(refusal, { refusal: "HandleTaken" })
  })

  it("two successors of one operation: the first stays, the proof is the operator's", async () => {
    const [phone, laptop] = [newDevice(), newDevice()]
    const { calls } = session()
    const { did } = await phone(Account.create(wanted("frida")))
    const { code } = await laptop(Approval.request(node.origin))
    await laptop(Approval.join(await phone(Approval.approve(calls, code, name("Laptop")))))
    // Both sign on what they see now.
    const sign = (aka: string) =>
      Effect.gen(function*() {
        const { keys } = yield* Account.own
        const read = yield* AccountLog.read(node.origin, did)
        const turn = yield* RotationChain.turn(keys.rotation, read.log.head, 9)
        return yield* AccountLog.next(read, read.log.chain.length - 1, turn!, { aka: [aka] })
      })
    const operations = [await phone(sign("at:phone")), await laptop(sign("at:laptop"))]
    const bring = (operation: Uint8Array) =>
      call(node, "POST", `/identity/${did}/log`, {
        operation: Buffer.from(operation).toString("base64url"),
        kemKeys: []
      })
    assert.deepInclude(await bring(operations[0]!), { status: 200 })
    const answer = await bring(operations[1]!)
    assert.deepInclude(answer, { status: 409 })
    assert.strictEqual(answer.body.outcome, "forked")
    const { body: forks } = await call(node, "GET", "/forks")
    assert.deepInclude(forks[0], { userId: did, seq: 2, kind: "race" })
    const proof = new Uint8Array(Buffer.from(forks[0].proof, "base64url"))
    assert.deepStrictEqual(Fork.judge(proof, { verify: Ed25519.verify }), { did, seq: 2, kind: "race" })
    const document = await json(await show(`/api/v1/identity/${did}`))
    assert.include(document.alsoKnownAs, "at:phone")
  })
})

describe("the doors of identities", () => {
  it("show documents in their kinds, cheaply again, and say what is not there", async () => {
    const phone = newDevice()
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
    const { did } = await newDevice()(Account.create(wanted("hedy")))
    const { body: events } = await call(node, "GET", `/events?stream=user/${did}`)
    const [registered, stated] = events.flat()
    assert.deepInclude(registered, { type: "user.UserRegistered", owner: did })
    const { operations } = await json(await show(`/api/v1/identity/${did}/log`))
    assert.deepInclude(stated.routing, { seq: 0, operation: operations[0] })
    assert.strictEqual((await call(node, "GET", `/streams/user/${encodeURIComponent(did)}`)).status, 404)
  })

  it("a device's keys lie in a file of its owner alone, and are refused where others read them", async () => {
    const folder = temporary("keys")
    const device = on(FileKeyStore.layer(folder))
    await device(Approval.request(node.origin))
    const fs = await import("node:fs")
    const [file] = fs.readdirSync(folder)
    assert.strictEqual(fs.statSync(`${folder}/${file}`).mode & 0o777, 0o600)
    fs.chmodSync(`${folder}/${file}`, 0o644)
    assert.match((await device(Effect.flip(DeviceKeys.read))).message, /chmod 600/)
  })
})
