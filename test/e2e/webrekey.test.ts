/**
 * New keys in the web client: a device is removed and what it knew opens nothing any more, whatever cuts the exchange off; a new kit takes
 * the old one's place, and takes the account back.
 */
import { assert, describe, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { bring, createAccount, giveBack, isIn, kitOn, letIn, openNode, settings } from "./WebAccount.ts"
import { openWebNode } from "./WebNode.ts"

const web = openWebNode({ env: openNode })
const picture = process.env["VIVIM_WEB_PICTURES"]

/** Each conversation, by its title, is in the library and says what it said. */
const reads = async ({ page }: Visitor, texts: Readonly<Record<string, string>>) => {
  for (const [title, text] of Object.entries(texts)) {
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Library", exact: true }).click()
    // A conversation that is just coming in moves the rows below it: what is pressed then may be another.
    for (const known of Object.keys(texts)) await page.getByRole("link", { name: known }).first().waitFor()
    await page.getByRole("link", { name: title }).first().click()
    await page.getByRole("heading", { level: 1, name: title }).waitFor()
    await page.getByText(text).waitFor()
  }
}
const seal = async (visitor: Visitor, title: string, text: string) => {
  await reads(visitor, { [title]: text })
  const { page } = visitor
  await page.getByRole("button", { name: "Actions", exact: true }).last().click()
  await page.getByRole("menuitem", { name: "Seal…" }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Seal it" }).click()
  await page.getByText("Sealed. Only your devices open it now.").waitFor()
  await page.getByRole("img", { name: "Sealed" }).first().waitFor()
}
/** How a page looks: to axe, in little room and in the dark. */
const look = async (visitor: Visitor, name: string) => {
  const { page } = visitor
  assert.deepStrictEqual(await visitor.violations(), [], name)
  if (picture !== undefined) await page.screenshot({ path: `${picture}/${name}.png` })
  await page.setViewportSize({ width: 320, height: 640 })
  await page.emulateMedia({ colorScheme: "dark" })
  assert.strictEqual(await visitor.overflow(), 0, name)
  assert.deepStrictEqual(await visitor.violations(), [], `${name} in the dark`)
  if (picture !== undefined) await page.screenshot({ path: `${picture}/${name}-dark.png` })
  await page.emulateMedia({ colorScheme: "light" })
  await page.setViewportSize({ width: 1280, height: 800 })
}
const unlocking = "**/api/v1/vault/unlock"
const recover = async ({ page }: Visitor, kit: ReadonlyArray<string>) => {
  await page.getByLabel("Username").fill("ada")
  await page.getByRole("textbox", { name: "Recovery kit" }).fill(kit.join("-"))
  await page.getByRole("button", { name: "Read the kit" }).click()
}

const texts: Record<string, string> = {
  "Notes on sencha": "sencha wants seventy degrees",
  "Notes on gyokuro": "gyokuro wants sixty degrees"
}
let first: Visitor
let kits: Readonly<Record<"old" | "new", ReadonlyArray<string>>>
/** What the device that is removed has handed the node to open the vault, and may keep. */
let kept: string

describe("a device that is removed", () => {
  it("is out of the account though the exchange of its keys is cut off, which is said, and goes on after a reload", async () => {
    first = await web.browser.visit()
    first.expect(/Failed to load resource/)
    const old = await createAccount(first, "ada")
    kits = { old, new: [] }
    for (const [title, text] of Object.entries(texts)) await bring(first, title, text)
    await seal(first, "Notes on gyokuro", texts["Notes on gyokuro"]!)
    const second = await web.browser.visit()
    second.expect(/status of 401/)
    const handed = second.page.waitForRequest(unlocking)
    await letIn(first, second, "ada", "Laptop")
    kept = (await handed).postDataJSON().storeKey
    await reads(second, texts)

    const { page } = first
    await page.route("**/api/v1/vault/rekey", (route) => route.abort())
    await settings(first, "Devices")
    await page.getByRole("button", { name: "Remove Laptop" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByText("Then the keys of your account are exchanged").waitFor()
    await look(first, "remove-device")
    await dialog.getByRole("button", { name: "Remove the device" }).click()
    await second.page.getByRole("heading", { name: "Welcome back" }).waitFor()
    await page.getByRole("alert").getByText("could not be exchanged").waitFor()
    await page.getByRole("button", { name: "Exchange the keys now" }).waitFor()
    await look(first, "not-exchanged")
    await page.unroute("**/api/v1/vault/rekey")
    await page.reload()
    await page.getByRole("status").getByText("The keys of your account were exchanged").waitFor()
    await look(first, "exchanged")
    await second.leave()
  })

  it("knows nothing that opens the vault; the one that stays reads what was and what comes, after a reload too", async () => {
    const { page } = first
    await bring(first, "Notes on bancha", "bancha wants ninety degrees")
    texts["Notes on bancha"] = "bancha wants ninety degrees"
    await reads(first, texts)
    await page.reload()
    await reads(first, texts)
    await settings(first, "General")
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Sign out", exact: true }).click()
    await page.route(unlocking, (route) => route.continue({ postData: JSON.stringify({ storeKey: kept }) }), {
      times: 1
    })
    const answer = page.waitForResponse(unlocking)
    await page.getByRole("button", { name: "Sign in as ada" }).click()
    assert.include(await (await answer).text(), "WrongStoreKey")
    await isIn(first)
    await reads(first, texts)
  })
})

describe("a new recovery kit", () => {
  it("takes the old one's place by its word, once it was kept and its owner has shown who they are", async () => {
    const { page } = first
    await settings(first, "Security")
    await page.getByRole("link", { name: "Print a new recovery kit" }).click()
    await page.getByLabel("Old recovery kit").fill("0000-0000")
    await page.getByRole("button", { name: "Make a new kit" }).click()
    await page.getByRole("alert").filter({ hasText: /kit/i }).first().waitFor()
    await look(first, "new-kit")
    await page.getByText("I have lost it").click()
    await page.getByText("For 72 hours whoever has the old one").waitFor()
    await look(first, "new-kit-lost")
    await page.getByText("I have the old kit").click()
    await page.getByLabel("Old recovery kit").fill(kits.old.join(" "))
    await page.getByRole("button", { name: "Make a new kit" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Confirm" }).click()
    kits = { ...kits, new: await kitOn(first) }
    assert.notDeepEqual(kits.new, kits.old)
    await look(first, "new-kit-sheet")
    await page.getByRole("button", { name: "I have kept it" }).click()
    await giveBack(first, kits.new)
    await page.getByRole("button", { name: "Put it in the place of the old one" }).click()
    await page.getByText("Your new kit holds. Destroy the old one.").waitFor()
    await page.getByRole("status").getByText("The keys of your account were exchanged").waitFor()
    await look(first, "new-kit-done")
    await settings(first, "Account")
    await page.getByText("A new recovery kit took the place of the old one, by the word of the old one").waitFor()
    await reads(first, texts)
  })

  it("takes the account back and opens all of it; the old one does not", async () => {
    const third = await web.browser.visit()
    const { page } = third
    await page.getByRole("button", { name: /Recover with a kit/ }).click()
    await recover(third, kits.old)
    await page.getByRole("alert").getByText("it was used up").waitFor()
    await recover(third, kits.new)
    await page.getByRole("button", { name: "Go on to the new kit" }).click()
    const next = await kitOn(third)
    await page.getByRole("button", { name: "I have kept it" }).click()
    await giveBack(third, next)
    const exchanged = page.waitForResponse("**/api/v1/vault/rekey")
    await page.getByRole("button", { name: "Take the account back" }).click()
    await isIn(third)
    assert.strictEqual((await exchanged).status(), 200, "the devices that left know the keys of before")
    await reads(third, texts)
    await settings(third, "Devices")
    await page.getByText("This is your only one.").waitFor()
    await third.leave()
    await first.leave()
  })
})
