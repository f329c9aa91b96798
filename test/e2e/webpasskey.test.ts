/** Passkeys as people meet them: a real node, a real browser, and the authenticator that browser brings along. */
import { assert, describe, it } from "vitest"
import { plugIn, wipe } from "./Authenticator.ts"
import type { Visitor } from "./Browser.ts"
import { createAccount, giveBack, isIn, kitOn, letIn, nameAccount, openNode, settings } from "./WebAccount.ts"
import { webExport } from "./WebExport.ts"
import { openWebNode } from "./WebNode.ts"

// Passkeys are made for a name: an address is none.
const web = openWebNode({ env: openNode }, "localhost")

const importOne = async ({ page }: Visitor) => {
  await page.getByRole("link", { name: "Import", exact: true }).click()
  await page.getByLabel("Files to import").setInputFiles({
    name: "chats.json",
    mimeType: "application/json",
    buffer: Buffer.from(webExport)
  })
  await page.locator("li", { hasText: "chats.json" }).getByRole("img", { name: "Imported" }).first().waitFor()
}

/** A conversation of the account, in the library and read. */
const isReadable = async ({ page }: Visitor) => {
  await page.getByRole("link", { name: "Library", exact: true }).click()
  await page.getByRole("list", { name: "Conversations" }).getByText("Majorities in a ledger").click()
  await page.getByText("Two majorities").first().waitFor()
}

const signOut = async (visitor: Visitor) => {
  await settings(visitor, "General")
  await visitor.page.getByRole("button", { name: "Sign out" }).click()
  const dialog = visitor.page.getByRole("dialog")
  await dialog.getByRole("button", { name: "Sign out", exact: true }).click()
  await visitor.page.getByRole("heading", { name: "Welcome back" }).waitFor()
}

const passkeys = ({ page }: Visitor) => page.getByRole("list", { name: "Passkeys" }).getByRole("listitem")

const makePasskey = async ({ page }: Visitor, name: string) => {
  await page.getByRole("button", { name: "Make a passkey" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByLabel("What you call it").fill(name)
  await dialog.getByRole("button", { name: "Continue" }).click()
  return dialog
}

const picture = process.env["VIVIM_WEB_PICTURES"]

/** Nothing is wrong with the page as it is, and it fits. */
const isInOrder = async (visitor: Visitor, name: string) => {
  assert.deepStrictEqual(await visitor.violations(), [], name)
  assert.isAtMost(await visitor.overflow(), 0, name)
  if (picture !== undefined) await visitor.page.screenshot({ path: `${picture}/passkey-${name}.png`, fullPage: true })
}

describe("a passkey whose authenticator gives keys", () => {
  it("signs in on an empty browser, opens what is private, and lets the browser in; removed, it opens nothing", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    const authenticator = await plugIn(visitor, true)
    await createAccount(visitor, "ada")
    await importOne(visitor)
    await settings(visitor, "Security")
    const dialog = await makePasskey(visitor, "Laptop")
    await dialog.getByText("opens what is private").waitFor()
    assert.strictEqual(await dialog.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").count(), 10)
    await isInOrder(visitor, "made")
    await dialog.getByRole("button", { name: "I have kept them" }).click()
    await passkeys(visitor).getByText("Signs in and opens what is private").waitFor()
    assert.lengthOf(await authenticator.passkeys(), 1)

    await signOut(visitor)
    await wipe(visitor)
    await page.getByRole("button", { name: /^Continue with a passkey/ }).click()
    await isIn(visitor)
    await isReadable(visitor)
    await page.reload()
    await isIn(visitor)
    await isReadable(visitor)
    await settings(visitor, "Devices")
    await page.getByText("This device", { exact: true }).first().waitFor()
    assert.strictEqual(await page.getByText("Laptop").count(), 1, "the passkey is one of the devices")

    // It goes on by keys of its own, without the passkey; what cannot be taken back asks for that.
    await signOut(visitor)
    await page.getByRole("button", { name: "Sign in as ada" }).click()
    await isIn(visitor)
    await isReadable(visitor)
    await settings(visitor, "Security")
    await page.getByRole("button", { name: "Remove Laptop" }).click()
    await page.getByRole("heading", { name: "Confirm that it is you" }).waitFor()
    await isInOrder(visitor, "step-up")
    await page.getByRole("dialog").getByRole("button", { name: "Confirm" }).click()
    await page.getByText("Removed. It opens nothing any more.").waitFor()
    await settings(visitor, "Devices")
    await page.getByText("This device", { exact: true }).first().waitFor()

    await signOut(visitor)
    await wipe(visitor)
    visitor.expect(/status of 401/)
    await page.getByRole("button", { name: /^Continue with a passkey/ }).click()
    await page.getByRole("alert").getByText("The node does not take this").waitFor()
    await visitor.leave()
  })
})

describe("a passkey whose authenticator gives no keys", () => {
  it("says so, signs in, and leaves what is private closed", async () => {
    const visitor = await web.browser.visit({ width: 320, height: 640, dark: true })
    const { page } = visitor
    await plugIn(visitor, false)
    await isInOrder(visitor, "welcome")
    await createAccount(visitor, "bo")
    await settings(visitor, "Security")
    await page.getByRole("button", { name: "Make a passkey" }).click()
    await isInOrder(visitor, "name")
    await page.keyboard.press("Escape")
    const dialog = await makePasskey(visitor, "Old key")
    await dialog.getByText("its authenticator gives no keys").waitFor()
    await isInOrder(visitor, "no-keys")
    await dialog.getByRole("button", { name: "I have kept them" }).click()
    await passkeys(visitor).getByText("Signs in only").waitFor()
    await isInOrder(visitor, "security")
    await signOut(visitor)
    await wipe(visitor)
    visitor.expect(/status of 423/)
    await page.getByRole("button", { name: /^Continue with a passkey/ }).click()
    await page.getByRole("navigation", { name: "Main" }).waitFor()
    await page.getByRole("button", { name: "Unlock" }).waitFor()
    await settings(visitor, "Security")
    await page.getByRole("list", { name: "Security log" }).getByText("Signed in with a passkey").waitFor()
    await visitor.leave()
  })
})

/** The conversation is taken out of the node's sight. */
const seal = async ({ page }: Visitor) => {
  await page.getByRole("button", { name: "Actions", exact: true }).last().click()
  await page.getByRole("menuitem", { name: "Seal…" }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Seal it" }).click()
  await page.getByText("Sealed. Only your devices open it now.").waitFor()
  await page.reload()
  await page.getByText("Two majorities").first().waitFor()
}

const choosePasskey = async ({ page }: Visitor) => {
  await page.getByRole("radio", { name: "A passkey" }).check()
  await page.getByRole("button", { name: "Make the passkey" }).click()
}

const showPasskey = async ({ page }: Visitor, handle: string) => {
  await page.getByRole("button", { name: /^Recover with a kit or a passkey/ }).click()
  await page.getByText("With a passkey", { exact: true }).click()
  await page.getByLabel("Username").fill(handle)
  await page.getByRole("button", { name: "Show the passkey" }).click()
}

describe("a passkey as the way back", () => {
  it("makes an account, and gives it back to an empty browser, without the devices there were; it does not sign in", async () => {
    const [visitor, stolen] = [await web.browser.visit(), await web.browser.visit()]
    const { page } = visitor
    const authenticator = await plugIn(visitor, true)
    await nameAccount(visitor, "grace")
    await page.getByRole("radio", { name: "A kit on paper" }).waitFor()
    await isInOrder(visitor, "choice")
    await choosePasskey(visitor)
    await page.getByRole("heading", { name: "Your passkey is made" }).waitFor()
    await isInOrder(visitor, "way-back-made")
    await page.getByRole("button", { name: "Create account" }).click()
    await isIn(visitor)
    assert.lengthOf(await authenticator.passkeys(), 1)
    await importOne(visitor)
    await isReadable(visitor)
    await seal(visitor)

    await letIn(visitor, stolen, "grace", "Stolen")
    visitor.expect(/status of 401/)
    stolen.expect(/status of 401/)
    // Whoever has it throws out whom it belongs to.
    await settings(stolen, "Devices")
    await stolen.page.getByRole("button", { name: /^Remove / }).click()
    await stolen.page.getByRole("dialog").getByRole("button", { name: "Remove the device" }).click()
    await page.getByRole("alert").getByText("This session is over").waitFor()
    await wipe(visitor)
    await page.getByRole("button", { name: /^Continue with a passkey/ }).click()
    await page.getByRole("alert").getByText("This passkey does not sign in").waitFor()

    await showPasskey(visitor, "grace")
    await page.getByText("1 device will be removed").waitFor()
    await isInOrder(visitor, "before")
    await page.getByRole("button", { name: "Take the account back" }).click()
    await isIn(visitor)
    await isReadable(visitor)
    await page.getByRole("img", { name: "Sealed" }).first().waitFor()
    await stolen.page.getByRole("alert").getByText("This session is over").waitFor()

    // It stays the way back until a kit takes its place.
    await wipe(visitor)
    await showPasskey(visitor, "grace")
    await page.getByRole("button", { name: "Go on to a kit in its place" }).click()
    const kit = await kitOn(visitor)
    await page.getByRole("button", { name: "I have kept it" }).click()
    await giveBack(visitor, kit)
    await page.getByRole("button", { name: "Take the account back" }).click()
    await isIn(visitor)
    await isReadable(visitor)
    await wipe(visitor)
    await showPasskey(visitor, "grace")
    await page.getByRole("alert").getByText("a kit has taken its place").waitFor()
    await visitor.leave()
    await stolen.leave()
  })

  it("is the same on paper; a passkey that signs in is told from it", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    await plugIn(visitor, true)
    await nameAccount(visitor, "mary")
    await choosePasskey(visitor)
    await page.getByRole("button", { name: "Print its kit as well" }).click()
    const kit = await kitOn(visitor)
    await isInOrder(visitor, "on-paper")
    await page.getByRole("button", { name: "I have kept it" }).click()
    await giveBack(visitor, kit)
    await page.getByRole("button", { name: "Create account" }).click()
    await isIn(visitor)
    await wipe(visitor)
    await page.getByRole("button", { name: /^Recover with a kit or a passkey/ }).click()
    await page.getByLabel("Username").fill("mary")
    await page.getByRole("textbox", { name: "Recovery kit" }).fill(kit.join("-"))
    await page.getByRole("button", { name: "Read the kit" }).click()
    await page.getByText("1 device will be removed").waitFor()
    await visitor.leave()

    const other = await web.browser.visit()
    await plugIn(other, true)
    await createAccount(other, "joan")
    await settings(other, "Security")
    await (await makePasskey(other, "Laptop")).getByText("opens what is private").waitFor()
    await wipe(other)
    await showPasskey(other, "joan")
    await other.page.getByRole("alert").getByText("was not made to bring an account back").waitFor()
    await other.leave()
  })

  it("leaves nothing behind where its authenticator gives no keys, or its owner goes away: by keys alone, on a small screen", async () => {
    const visitor = await web.browser.visit({ width: 320, height: 640, dark: true })
    const { page } = visitor
    const authenticator = await plugIn(visitor, false)
    await nameAccount(visitor, "hedy")
    await page.getByRole("radio", { name: "A kit on paper" }).focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.getByRole("alert").getByText("gives no keys here").waitFor()
    await isInOrder(visitor, "choice-no-keys")
    assert.lengthOf(await authenticator.passkeys(), 0)
    await page.goto("/")

    await authenticator.unplug()
    const better = await plugIn(visitor, true)
    // Whoever is asked for it again calls it off.
    await page.evaluate(`navigator.credentials.get = () => Promise.reject(new DOMException("", "NotAllowedError"))`)
    await nameAccount(visitor, "hedy")
    await choosePasskey(visitor)
    await page.getByRole("alert").getByText("No passkey was given").waitFor()
    assert.lengthOf(await better.passkeys(), 0)
    await page.goto("/")
    await nameAccount(visitor, "hedy")
    await choosePasskey(visitor)
    await page.getByRole("heading", { name: "Your passkey is made" }).waitFor()
    await isInOrder(visitor, "way-back-made-small")
    assert.lengthOf(await better.passkeys(), 1)
    await page.goBack()
    await page.getByRole("button", { name: /^Create account/ }).waitFor()
    assert.lengthOf(await better.passkeys(), 0)
    await nameAccount(visitor, "hedy")
    await choosePasskey(visitor)
    await page.getByRole("heading", { name: "Your passkey is made" }).waitFor()
    await page.goto("/")
    await page.getByRole("button", { name: /^Recover with a kit or a passkey/ }).click()
    await page.getByText("With a passkey", { exact: true }).click()
    await isInOrder(visitor, "recover-small")
    assert.lengthOf(await better.passkeys(), 0)
    await page.goto("/")
    // The name was nobody's all the while.
    await createAccount(visitor, "hedy")
    await visitor.leave()
  })
})
