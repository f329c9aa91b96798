/** Accounts whose keys live in browsers, as people meet them: a real node, and as many real browsers as somebody has devices. */
import { assert, describe, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { createAccount, giveBack, isIn, kitOn, letIn, openNode, settings } from "./WebAccount.ts"
import { webExport } from "./WebExport.ts"
import { openWebNode } from "./WebNode.ts"

const web = openWebNode({ env: openNode })

const conversation = ({ page }: Visitor) =>
  page.getByRole("list", { name: "Conversations" }).getByRole("link").getByText("Majorities in a ledger")

const importOne = async ({ page }: Visitor) => {
  await page.getByRole("link", { name: "Import", exact: true }).click()
  await page.getByLabel("Files to import").setInputFiles({
    name: "chats.json",
    mimeType: "application/json",
    buffer: Buffer.from(webExport)
  })
  await page.locator("li", { hasText: "chats.json" }).getByRole("img", { name: "Imported" }).first().waitFor()
}

const library = ({ page }: Visitor) => page.getByRole("link", { name: "Library", exact: true }).click()

const signOut = async (visitor: Visitor, choice: RegExp, button: string) => {
  await settings(visitor, "General")
  await visitor.page.getByRole("button", { name: "Sign out" }).click()
  const dialog = visitor.page.getByRole("dialog")
  await dialog.getByRole("radio", { name: choice }).check()
  await dialog.getByRole("button", { name: button, exact: true }).click()
}

const keysKept = ({ page }: Visitor): Promise<number> =>
  page.evaluate<number>(`new Promise((resolve) => {
    const opening = indexedDB.open("vivim", 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys")
    opening.onsuccess = () => {
      const counting = opening.result.transaction("keys").objectStore("keys").count()
      counting.onsuccess = () => { opening.result.close(); resolve(counting.result) }
    }
  })`)

describe("an account of one's own", () => {
  it("is created with keys that cannot be read out, and not before the kit was asked back", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    await page.getByRole("button", { name: /^Create account/ }).click()
    await page.getByLabel("Username").fill("Not A Handle!")
    await page.getByRole("button", { name: "Continue" }).click()
    await page.getByRole("alert").getByText("a letter first").waitFor()
    await page.getByLabel("Username").fill("@Ada")
    await page.getByLabel("Your name").fill("Ada Lovelace")
    await page.getByRole("button", { name: "Continue" }).click()
    const kit = await kitOn(visitor)
    await page.getByRole("button", { name: "Copy", exact: true }).click()
    assert.include(await page.evaluate<string>("navigator.clipboard.readText()"), kit.slice(0, 5).join("-"))
    const download = page.waitForEvent("download")
    await page.getByRole("button", { name: "Download" }).click()
    assert.strictEqual((await download).suggestedFilename(), "vivim-recovery-kit-ada.txt")
    await page.getByRole("button", { name: "I have kept it" }).click()
    await giveBack(visitor, kit, () => "00000")
    await page.getByRole("button", { name: "Create account" }).click()
    await page.getByRole("alert").getByText(/Group \d+ is not what the kit says/).first().waitFor()
    assert.strictEqual(await keysKept(visitor), 0)
    await giveBack(visitor, kit, (group) => ` ${group.toLowerCase().replaceAll("0", "o").replaceAll("1", "l")} `)
    await page.getByRole("button", { name: "Create account" }).click()
    await isIn(visitor)
    assert.isFalse(
      await page.evaluate<boolean>(`new Promise((resolve) => {
        const opening = indexedDB.open("vivim", 1)
        opening.onsuccess = () => {
          const reading = opening.result.transaction("keys").objectStore("keys").getAll()
          reading.onsuccess = () => {
            opening.result.close()
            const [{ held, sealing, session }] = reading.result
            resolve([held.device.privateKey, sealing, session.keys.privateKey].some(({ extractable }) => extractable))
          }
        }
      })`),
      "no key can be taken out of the browser"
    )
    assert.notInclude(
      await page.evaluate<string>("JSON.stringify({ ...localStorage })"),
      kit[3]!,
      "nothing of the kit is left in the browser"
    )
    await visitor.leave()
  })

  it("says when a name is taken, keeps the kit, and goes on with another", async () => {
    const visitor = await web.browser.visit()
    // Whether it is this very account that has the name, an answer having been lost, is looked up.
    visitor.expect(/status of 40[49]/)
    const { page } = visitor
    await page.getByRole("button", { name: /^Create account/ }).click()
    await page.getByLabel("Username").fill("ada")
    await page.getByRole("button", { name: "Continue" }).click()
    const kit = await kitOn(visitor)
    await page.getByRole("button", { name: "I have kept it" }).click()
    await giveBack(visitor, kit)
    await page.getByRole("button", { name: "Create account" }).click()
    await page.getByRole("alert").getByText("Another account has this name").waitFor()
    await page.getByLabel("Username").fill("babbage")
    await page.getByRole("button", { name: "Create account" }).click()
    await isIn(visitor)
    await visitor.leave()
  })

  it("imports, signs out with the keys kept, and comes back with one press", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    await createAccount(visitor, "grace")
    await importOne(visitor)
    await library(visitor)
    await conversation(visitor).waitFor()
    await signOut(visitor, /Keep this device's keys/, "Sign out")
    await page.getByRole("heading", { name: "Welcome back" }).waitFor()
    assert.strictEqual(
      await page.getByText("This session is over").count(),
      0,
      "who leaves is not told that they were thrown out"
    )
    await page.reload()
    await page.getByRole("button", { name: "Sign in as grace" }).click()
    await isIn(visitor)
    await library(visitor)
    await conversation(visitor).waitFor()
    await visitor.leave()
  })

  it("is locked by hand, shown as locked instead of as errors, and unlocked with one press", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    await createAccount(visitor, "lock")
    await importOne(visitor)
    await settings(visitor, "Account")
    await page.getByRole("button", { name: "Lock now" }).click()
    await page.getByText("Served: sealed with your key, locked").waitFor()
    await library(visitor)
    await page.getByRole("heading", { name: "Your archive is locked" }).waitFor()
    assert.deepStrictEqual(await visitor.violations(), [])
    await page.getByRole("button", { name: "Unlock" }).click()
    await conversation(visitor).waitFor()
    await visitor.leave()
  })

  it("is wiped from a browser that is left for good", async () => {
    const visitor = await web.browser.visit()
    await createAccount(visitor, "gone")
    assert.strictEqual(await keysKept(visitor), 1)
    await signOut(visitor, /Wipe everything/, "Sign out and wipe")
    await visitor.page.getByRole("button", { name: /^Create account/ }).waitFor()
    assert.strictEqual(await keysKept(visitor), 0)
    assert.notInclude(await visitor.page.evaluate<string>("JSON.stringify({ ...localStorage })"), "gone")
    await visitor.leave()
  })
})

describe("several devices", () => {
  it("lets a second browser in, which goes on by itself; removed, it is signed out at its next call", async () => {
    const [first, second] = [await web.browser.visit(), await web.browser.visit()]
    await createAccount(first, "joan")
    await importOne(first)
    const compared = await letIn(first, second, "joan", "Laptop")
    assert.match(compared, /^[0-9A-Z]{3} [0-9A-Z]{3}$/)
    await library(second)
    await conversation(second).waitFor()
    await settings(first, "Devices")
    const devices = first.page.getByRole("list", { name: "Devices", exact: true })
    await devices.getByText("Laptop").waitFor()
    assert.strictEqual(await devices.getByRole("listitem").count(), 2)
    await settings(first, "Account")
    await first.page.getByRole("list", { name: "Log of the account" }).getByText("“Laptop” was let in").waitFor()
    second.expect(/status of 401/)
    await settings(first, "Devices")
    await first.page.getByRole("button", { name: "Remove Laptop" }).click()
    await first.page.getByRole("dialog").getByRole("button", { name: "Remove the device" }).click()
    await first.page.getByText("1 device of before").waitFor()
    await second.page.getByRole("alert").getByText("This session is over").waitFor()
    await second.page.getByRole("button", { name: "Sign in as joan" }).click()
    await second.page.getByRole("alert").getByText("does not take this device's key").waitFor()
    await first.leave()
    await second.leave()
  })

  it("refuses a code that is none", async () => {
    const visitor = await web.browser.visit()
    await createAccount(visitor, "mary")
    await settings(visitor, "Devices")
    await visitor.page.getByRole("button", { name: "Add a device" }).click()
    const dialog = visitor.page.getByRole("dialog")
    await dialog.getByLabel("Code of the new device").fill("not a code")
    await dialog.getByRole("button", { name: "Continue" }).click()
    await dialog.getByRole("alert").getByText("not the code of a device").waitFor()
    await visitor.leave()
  })

  it("is taken back with the kit in a browser that has nothing, and the kit is used up", async () => {
    const [lost, found] = [await web.browser.visit(), await web.browser.visit()]
    const kit = await createAccount(lost, "hedy")
    await importOne(lost)
    // Nobody is there to unlock for who has lost every device.
    await settings(lost, "Account")
    await lost.page.getByRole("button", { name: "Lock now" }).click()
    await lost.page.getByText("Served: sealed with your key, locked").waitFor()
    const { page } = found
    const type = async (groups: ReadonlyArray<string>) => {
      await page.getByLabel("Username").fill("hedy")
      await page.getByRole("textbox", { name: "Recovery kit" }).fill(groups.join(" ").toLowerCase())
      await page.getByRole("button", { name: "Read the kit" }).click()
    }
    await page.getByRole("button", { name: /Recover with a kit/ }).click()
    await type(kit.with(4, kit[4]!.slice(1) + kit[4]![0]!).map((group, at) => at === 4 ? "ZZZZZ" : group))
    await page.getByRole("alert").getByText("Group 5 of 14 of the recovery kit is mistyped").waitFor()
    await type(kit)
    await page.getByText("within 72 hours").waitFor()
    await page.getByText("1 device will be removed").waitFor()
    await page.getByRole("button", { name: "Go on to the new kit" }).click()
    const fresh = await kitOn(found)
    assert.notDeepEqual(fresh, kit)
    await page.getByRole("button", { name: "I have kept it" }).click()
    await giveBack(found, fresh)
    lost.expect(/status of 401/)
    await page.getByRole("button", { name: "Take the account back" }).click()
    await isIn(found)
    await library(found)
    await conversation(found).waitFor()
    await lost.page.getByRole("alert").getByText("This session is over").waitFor()
    await signOut(found, /Wipe everything/, "Sign out and wipe")
    await page.getByRole("button", { name: /Recover with a kit/ }).click()
    await type(kit)
    await page.getByRole("alert").getByText("not one of this account").waitFor()
    await lost.leave()
    await found.leave()
  })
})
