/** Accounts from afar against a real node: created, a second device let in, one let go, taken back with the kit. */
import * as Account from "@vivim/client/account/Account"
import * as AccountLog from "@vivim/client/account/AccountLog"
import * as Approval from "@vivim/client/account/Approval"
import * as MasterKeys from "@vivim/client/account/MasterKeys"
import * as Recovery from "@vivim/client/account/Recovery"
import * as RotationChain from "@vivim/client/account/RotationChain"
import * as Fork from "@vivim/crypto/did/Fork"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import { DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { type Device, inSession, invitingNode, json, type Needs, newDevice, signedIn, wanted } from "./Devices.ts"
import { call, type NodeProcess, startNode, until } from "./NodeProcess.ts"

let node: NodeProcess
const scope = Effect.runSync(Scope.make())
beforeAll(async () => {
  node = await startNode({ env: invitingNode })
})
afterAll(async () => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  await node.stop()
})

const entered = (device: Device) => signedIn(node, device, scope)
const name = (text: string) => DisplayName.make(text)
const devices = (did: string) => call(node, "GET", `/identities/${did}`).then(({ body }) => body.devices as Array<any>)
const show = (path: string) => fetch(`${node.origin}${path}`)
const failure = <A, E extends { readonly _tag: string }>(work: Effect.Effect<A, E, Needs>) => Effect.flip(work)
const hexOf = (key: Redacted.Redacted<Uint8Array>) => Buffer.from(Redacted.value(key)).toString("hex")

describe("accounts from afar", () => {
  it("one is created, lets a second device in, lets the first go, and is taken back with the kit", async () => {
    const [phone, laptop, tablet] = [newDevice(node), newDevice(node), newDevice(node)]
    const created = await phone(Account.create(wanted("ada")))
    // Its first session came with it.
    const calls = await inSession(node, phone, scope)
    await phone(Account.secure(calls, created, name("Phone")))
    const { deviceId: phoneId } = await phone(Account.signer)
    assert.deepInclude((await devices(created.did))[0], { deviceId: phoneId, revokedAt: null })

    const shown = await laptop(Approval.request(node.origin, "@ada"))
    const again = await laptop(Approval.request(node.origin, created.did))
    assert.strictEqual(again.code, shown.code, "it is the same device, asked again")
    const looked = await phone(Approval.look(shown.code))
    assert.strictEqual(looked.comparison, shown.comparison)
    assert.strictEqual((await laptop(failure(Approval.join())))._tag, "NotADevice")
    await phone(Approval.approve(calls, shown.code, name("Laptop")))
    assert.strictEqual(await laptop(Approval.join()), created.did)
    const fromLaptop = await entered(laptop)
    const seen = await Effect.runPromise(Effect.flatten(Stream.runHead(calls.WatchAccount({}))))
    assert.sameMembers(seen.devices.map(({ name }) => name), ["Phone", "Laptop"])
    assert.include(seen.devices.map(({ deviceId }) => deviceId), looked.deviceId)
    const opened = await laptop(Effect.flatMap(Account.own, ({ keys }) => MasterKeys.fetch(fromLaptop, keys)))
    const first = (await phone(Account.own)).keys.masterKeys[0]!
    assert.strictEqual(hexOf(opened.masterKeys[0]!.key), hexOf(first.key))
    assert.isTrue(await laptop(Account.mayState))

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
    await entered(phone).then(
      () => assert.fail("it signed in"),
      (error) => assert.include(String(error), "NotSignedIn")
    )
    assert.strictEqual((await phone(failure(Account.alsoKnownAs(["at:phone"]))))._tag, "NotADevice")
    assert.isFalse(await phone(Account.mayState))

    const history = await tablet(Recovery.history(node.origin, created.did))
    assert.deepInclude(history[0], { seq: 2, removed: [phoneId], voidable: true })
    const lost = { origin: node.origin, did: created.did, kit: created.kit, from: 2 }
    const kit = await tablet(Recovery.recover(lost))
    await tablet(Recovery.unlock(await entered(tablet), kit, () => Effect.void))
    const keys = (await tablet(Account.own)).keys.masterKeys
    assert.deepStrictEqual(keys.map(({ generation }) => generation), [1, 2, 3])
    assert.strictEqual(hexOf(keys[1]!.key), told[1])
    const now = await devices(created.did)
    assert.deepStrictEqual(now.filter(({ revokedAt }) => revokedAt === null).map(({ deviceId }) => deviceId), [
      (await tablet(Account.signer)).deviceId
    ])
    // The same kit again, with another of its keys.
    const late = newDevice(node)
    await late(Recovery.recover({ origin: node.origin, did: "@ada", kit: created.kit }))
    assert.isTrue(await late(Account.mayState))
  })

  it("is refused what it may not: other handles' looks, codes that are not whole, kits of others, accounts without an invitation", async () => {
    const [one, other] = [newDevice(node), newDevice(node)]
    const bill = await one(Account.create(wanted("bill")))
    const calls = await entered(one)
    for (const handle of ["bill", "b.i-l_l", "b1ll", "blil"]) {
      const refusal = await other(failure(Account.create(wanted(handle))))
      assert.deepInclude(refusal, { _tag: "NodeRefused", refusal: "HandleTaken" }, handle)
    }
    assert.deepInclude(await other(failure(Account.create(wanted("adm1n")))), { refusal: "HandleReserved" })
    const { invitation: _, ...without } = wanted("cy")
    for (const uninvited of [without, { ...without, invitation: Redacted.make("let me in") }]) {
      assert.deepInclude(await other(failure(Account.create(uninvited))), { refusal: "NotAllowed" })
    }

    const { code } = await other(Approval.prepare(node.origin, "@bill"))
    const harmed = `${code.slice(0, 60)}${code[60] === "A" ? "B" : "A"}${code.slice(61)}`
    for (const bad of [harmed, code.slice(1), code.slice(0, -4), "", "not a code"]) {
      assert.strictEqual((await one(failure(Approval.approve(calls, bad, name("x")))))._tag, "CodeRefused")
    }
    const { kit } = await newDevice(node)(Account.create(wanted("dora")))
    const lost = { origin: node.origin, did: bill.did, kit }
    assert.strictEqual((await other(failure(Recovery.recover(lost))))._tag, "KitOfAnother")
    const wrong = { ...lost, kit: Redacted.make("00000-".repeat(14).slice(0, -1)) }
    assert.strictEqual((await other(failure(Recovery.recover(wrong))))._tag, "KitUnreadable")
  })

  it("of many who want one handle at the same time one gets it", async () => {
    const handles = ["wanda", "vvanda", "w.anda", "wanda", "wan-da", "wanda"]
    const outcomes = await Promise.all(
      handles.map((handle) => newDevice(node)(Effect.either(Account.create(wanted(handle)))))
    )
    const refusals = outcomes.flatMap((outcome) => outcome._tag === "Left" ? [outcome.left] : [])
    assert.lengthOf(refusals, handles.length - 1)
    for (const refusal of refusals) assert.deepInclude(refusal, { refusal: "HandleTaken" })
  })

  it("two successors of one operation: the first stays, the proof is the operator's", async () => {
    const [phone, laptop] = [newDevice(node), newDevice(node)]
    const { did } = await phone(Account.create(wanted("frida")))
    const calls = await entered(phone)
    const { code } = await laptop(Approval.request(node.origin, did))
    await phone(Approval.approve(calls, code, name("Laptop")))
    await laptop(Approval.join())
    // Both sign on what they see now.
    const sign = (aka: string) =>
      Effect.gen(function*() {
        const { keys } = yield* Account.own
        const read = yield* AccountLog.read(node.origin, did)
        const turn = yield* RotationChain.turn(keys.rotation, RotationChain.ofDevices(read.log.head), 9)
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
