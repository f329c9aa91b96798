/** Keys and sessions in browsers over time: accounts of clients before this one, several tabs, and nodes that do not tell the truth. */
import * as Account from "@vivim/client/account/Account"
import * as AccountLog from "@vivim/client/account/AccountLog"
import * as Approval from "@vivim/client/account/Approval"
import * as RotationChain from "@vivim/client/account/RotationChain"
import * as Fork from "@vivim/crypto/did/Fork"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import { DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { build } from "esbuild"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { inSession, newDevice } from "./Devices.ts"
import type { EarlierBrowser } from "./EarlierBrowser.ts"
import { createAccount, giveBack, isIn, kitOn, letIn, openNode, settings } from "./WebAccount.ts"
import { openWebNode } from "./WebNode.ts"

const web = openWebNode({ env: openNode })
let earlier = ""

beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, "EarlierBrowser.ts")],
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false
  })
  earlier = outputFiles[0]!.text
}, 180_000)

/** Something done with the one record of an account in this browser; what `work` answers is stored where `put` is in it. */
const record = <A>({ page }: Visitor, work: string): Promise<A> =>
  page.evaluate<A>(`new Promise((resolve) => {
    const opening = indexedDB.open("vivim", 1)
    opening.onsuccess = () => {
      const store = opening.result.transaction("keys", "readwrite").objectStore("keys")
      store.getAll().onsuccess = ({ target: { result: [record] } }) => {
        store.getAllKeys().onsuccess = ({ target: { result: [name] } }) => {
          const answer = ((record, put) => ${work})(record, (changed) => store.put(changed, name))
          opening.result.close()
          resolve(answer)
        }
      }
    }
  })`)

describe("an account from before the account library", () => {
  it("opens with every key it had, lets a device in, lets it go, and is taken back with the kit of then", async () => {
    const [first, second, third] = [await web.browser.visit(), await web.browser.visit(), await web.browser.visit()]
    await first.page.evaluate(earlier)
    const kit = await first.page.evaluate<Awaited<ReturnType<EarlierBrowser["openAccount"]>>>(
      `vivimEarlier.openAccount("eve")`
    )
    const made = await record<string>(first, "JSON.stringify([record.form, record.account.deviceId])")
    assert.include(made, "null")
    await first.page.reload()
    await isIn(first)
    await settings(first, "Account")
    await first.page.getByText("Served: sealed with your key, open now").waitFor()
    assert.deepStrictEqual(
      await record(first, "[record.form, record.held.device.privateKey.extractable, record.session === null]"),
      [2, false, false]
    )

    await letIn(first, second, "eve", "Tablet")
    await settings(first, "Devices")
    second.expect(/status of 401/)
    await first.page.getByRole("button", { name: "Remove Tablet" }).click()
    await first.page.getByRole("dialog").getByRole("button", { name: "Remove the device" }).click()
    await first.page.getByText("1 device of before").waitFor()

    const { page } = third
    await page.getByRole("button", { name: /Recover with a kit/ }).click()
    await page.getByLabel("Username").fill("eve")
    await page.getByRole("textbox", { name: "Recovery kit" }).fill(kit.join(" "))
    await page.getByRole("button", { name: "Read the kit" }).click()
    await page.getByRole("button", { name: "Go on to the new kit" }).click()
    const fresh = await kitOn(third)
    await page.getByRole("button", { name: "I have kept it" }).click()
    await giveBack(third, fresh)
    first.expect(/status of 401/)
    await page.getByRole("button", { name: "Take the account back" }).click()
    await isIn(third)
    await settings(third, "Account")
    await page.getByText("Served: sealed with your key, open now").waitFor()
    await page.getByText("The account was taken back with the kit").waitFor()
    for (const visitor of [first, second, third]) await visitor.leave()
  })
})

describe("the session of several tabs", () => {
  const expire = (visitor: Visitor) =>
    record(visitor, "put({ ...record, session: { ...record.session, expiresAt: 1 } }) && undefined")

  it("is refreshed by one of them, and an answer that a reload lost is asked for again", async () => {
    const visitor = await web.browser.visit({ prepare: async () => {} })
    await createAccount(visitor, "tabs")
    const refreshed: Array<string> = []
    visitor.context.on("request", (request) => {
      if (request.url().endsWith("/sign-in/refresh")) refreshed.push(request.url())
    })
    const tabs = [visitor.page, await visitor.context.newPage(), await visitor.context.newPage()]
    // Of the same origin, and not the client: nobody refreshes before all tabs do.
    visitor.expect(/Applying inline style/)
    for (const tab of tabs) await tab.goto(`${web.node.origin}/icon-180.png`)
    await expire(visitor)
    await Promise.all(tabs.map((tab) => tab.goto(`${web.node.origin}/settings/devices`)))
    for (const tab of tabs) await tab.getByRole("list", { name: "Devices", exact: true }).waitFor()
    assert.lengthOf(refreshed, 1)

    // The node has answered, and nobody hears it: the page is gone by then.
    for (const tab of tabs.slice(1)) await tab.close()
    await visitor.page.goto(`${web.node.origin}/icon-180.png`)
    await expire(visitor)
    let heard: () => void
    const answered = new Promise<void>((resolve) => heard = resolve)
    await visitor.context.route("**/sign-in/refresh", async (route) => {
      await route.fetch()
      heard()
      await route.abort()
    }, { times: 1 })
    visitor.expect(/ERR_FAILED/)
    await visitor.page.goto(`${web.node.origin}/settings/devices`, { waitUntil: "commit" })
    await answered
    await visitor.page.reload()
    await visitor.page.getByRole("list", { name: "Devices", exact: true }).waitFor()
    await visitor.leave()
  })
})

describe("a node that tells two histories of an account", () => {
  it("is not believed, in a sentence, and the proof of the fork can be saved", async () => {
    const scope = await Effect.runPromise(Scope.make())
    const phone = newDevice(web.node)
    const { did } = await phone(Account.create({ handle: "fay", displayName: "Fay" } as never))
    const calls = await inSession(web.node, phone, scope)
    await phone(Account.secure(calls, { did }, DisplayName.make("Phone")))
    const begun = await phone(AccountLog.read(web.node.origin, did))

    const visitor = await web.browser.visit({ prepare: async () => {} })
    const { page } = visitor
    await page.getByRole("button", { name: /add this device/ }).click()
    await page.getByLabel("Username").fill("fay")
    await page.getByRole("button", { name: "Show the code" }).click()
    await phone(Approval.approve(calls, await page.getByLabel("Or as text").inputValue(), DisplayName.make("Browser")))
    await isIn(visitor)
    await settings(visitor, "Account")
    const history = page.getByRole("list", { name: "Log of the account" })
    await history.getByText("“Browser” was let in").waitFor()

    // The phone's key signs another successor of the first operation, as a node in league with it would have it.
    const rival = await phone(Effect.gen(function*() {
      const { keys } = yield* Account.own
      const turn = yield* RotationChain.turn(keys.rotation, RotationChain.ofDevices(begun.log.head), 3)
      return yield* AccountLog.next(begun, 0, turn!, { aka: ["at:elsewhere"] })
    }))
    const told = [...begun.operations, rival].map((bytes) => Buffer.from(bytes).toString("base64url"))
    await visitor.context.route("**/identity/*/log", (route) => route.fulfill({ json: { did, operations: told } }))
    await page.reload()
    await page.getByRole("alert").getByText("its log was forked").waitFor()
    const saving = page.waitForEvent("download")
    await page.getByRole("button", { name: "Save the proof" }).click()
    const proof = new Uint8Array(fs.readFileSync(await (await saving).path()))
    assert.deepStrictEqual(Fork.judge(proof, { verify: Ed25519.verify }), { did, seq: 1, kind: "equivocation" })
    assert.deepStrictEqual(await visitor.violations(), [])

    // Nothing is stated on a history that is not believed.
    await settings(visitor, "Devices")
    await page.getByRole("button", { name: "Remove Phone" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Remove the device" }).click()
    await page.getByText("its log was forked").first().waitFor()

    await visitor.context.unroute("**/identity/*/log")
    await settings(visitor, "Account")
    await page.reload()
    await history.getByText("“Browser” was let in").waitFor()
    await Effect.runPromise(Scope.close(scope, Exit.void))
    await visitor.leave()
  })
})
