/** Sessions, second proofs and the end of an account in the web client; and how all pages of accounts look, to axe and in little room. */
import { assert, describe, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { codeOf, createAccount, isIn, kitOn, letIn, openNode, settings } from "./WebAccount.ts"
import { openWebNode } from "./WebNode.ts"

const web = openWebNode({ env: openNode })

const sessions = ({ page }: Visitor) => page.getByRole("list", { name: "Sessions" }).getByRole("listitem")

const isOver = async ({ page }: Visitor) => {
  await page.getByRole("heading", { name: "Welcome back" }).waitFor()
  await page.getByRole("alert").getByText("This session is over").waitFor()
}

describe("sessions", () => {
  it("are listed on every device, and ended from any: one, or all but this", async () => {
    const [first, second] = [await web.browser.visit(), await web.browser.visit()]
    second.expect(/status of 401/)
    await createAccount(first, "ada")
    await letIn(first, second, "ada", "Laptop")
    await settings(first, "Security")
    await sessions(first).nth(1).waitFor()
    await first.page.getByRole("button", { name: "Sign out Chrome on Linux" }).click()
    await isOver(second)
    await sessions(first).nth(1).waitFor({ state: "detached" })
    await second.page.getByRole("button", { name: "Sign in as ada" }).click()
    await isIn(second)
    await first.page.getByRole("button", { name: "Sign out everywhere else" }).click()
    await first.page.getByText("1 other session ended.").waitFor()
    await isOver(second)
    const log = first.page.getByRole("list", { name: "Security log" })
    await log.getByText("Signed out from elsewhere").waitFor()
    assert.strictEqual(await log.getByText("Signed in with a device's key").count(), 3)
    await first.leave()
    await second.leave()
  })
})

describe("showing again who one is", () => {
  it("is asked for by an authenticator once there is one, and what was asked for is done after it", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    await createAccount(visitor, "grace")
    await settings(visitor, "Security")
    await page.getByRole("button", { name: "Set up an authenticator" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByRole("img", { name: "QR code for your authenticator" }).waitFor()
    assert.deepStrictEqual(await visitor.violations(), [])
    const secret = await dialog.locator("p.font-mono").innerText()
    await dialog.getByLabel("Six digits").fill("000000")
    await dialog.getByRole("button", { name: "Confirm" }).click()
    await dialog.getByRole("alert").getByText("not the code of just now").waitFor()
    await dialog.getByLabel("Six digits").fill(codeOf(secret))
    await dialog.getByRole("button", { name: "Confirm" }).click()
    const code = await dialog.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").first().innerText()
    await dialog.getByRole("button", { name: "I have kept them" }).click()
    await page.getByRole("list", { name: "Means" }).getByText("Authenticator").waitFor()
    await page.getByRole("button", { name: "Remove Authenticator" }).click()
    await dialog.getByRole("heading", { name: "Confirm that it is you" }).waitFor()
    assert.deepStrictEqual(await visitor.violations(), [])
    await dialog.getByLabel("Six digits").fill("000000")
    await dialog.getByRole("button", { name: "Confirm" }).click()
    await dialog.getByRole("alert").getByText("not the code of just now").waitFor()
    await dialog.getByText("Recovery code", { exact: true }).click()
    await dialog.getByLabel("One of your recovery codes").fill(code)
    await dialog.getByRole("button", { name: "Confirm" }).click()
    await page.getByText("Removed. It shows nothing any more.").waitFor()
    await page.getByRole("button", { name: "Set up an authenticator" }).waitFor()
    await visitor.leave()
  })

  it("can be declined, and then nothing happens", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    await createAccount(visitor, "joan")
    await settings(visitor, "Security")
    await page.getByRole("button", { name: "Set up an authenticator" }).click()
    const dialog = page.getByRole("dialog")
    const secret = await dialog.locator("p.font-mono").innerText()
    await dialog.getByLabel("Six digits").fill(codeOf(secret))
    await dialog.getByRole("button", { name: "Confirm" }).click()
    await dialog.getByRole("button", { name: "I have kept them" }).click()
    await page.getByRole("button", { name: "Remove Authenticator" }).click()
    await dialog.getByRole("button", { name: "Cancel" }).click()
    await page.getByRole("list", { name: "Means" }).getByText("Authenticator").waitFor()
    await visitor.leave()
  })
})

describe("leaving", () => {
  it("deletes an account once its name was typed, and wipes its keys here", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    await createAccount(visitor, "mary")
    await settings(visitor, "Account")
    await page.getByRole("button", { name: "Delete account" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByLabel("Type mary to confirm").fill("ada")
    await dialog.getByRole("button", { name: "Delete for good" }).click()
    await dialog.getByRole("alert").getByText("not the name").waitFor()
    await dialog.getByLabel("Type mary to confirm").fill("mary")
    await dialog.getByRole("button", { name: "Delete for good" }).click()
    await page.getByRole("button", { name: /^Create account/ }).waitFor()
    visitor.expect(/status of 4/)
    await page.getByRole("button", { name: /Recover with a kit/ }).waitFor()
    assert.notInclude(await page.evaluate<string>("JSON.stringify({ ...localStorage })"), "mary")
    await visitor.leave()
  })
})

/** Every page of accounts, in the order one comes by, with what is to be there before it is looked at. */
const walk = async (visitor: Visitor, handle: string, look: (name: string) => Promise<void>): Promise<void> => {
  const { page } = visitor
  await page.getByRole("button", { name: /^Create account/ }).waitFor()
  await look("welcome")
  await page.getByRole("button", { name: "Sign in with the node's token" }).click()
  await page.getByLabel("Token").waitFor()
  await look("token")
  await page.getByRole("button", { name: "Back" }).click()
  await page.getByRole("button", { name: /Recover with a kit/ }).click()
  await page.getByRole("textbox", { name: "Recovery kit" }).waitFor()
  await look("recover")
  await page.getByRole("button", { name: "Back" }).click()
  await page.getByRole("button", { name: /^Create account/ }).click()
  await page.getByLabel("Username").fill(handle)
  await look("create")
  await page.getByRole("button", { name: "Continue" }).click()
  await kitOn(visitor)
  await look("kit")
  await page.getByRole("button", { name: "I have kept it" }).click()
  await page.locator("input[name^=group-]").first().waitFor()
  await look("kit-check")
  // Going back gives the keys up, as leaving the page would.
  await page.goto("/")
  await createAccount(visitor, handle)
  for (const name of ["General", "Account", "Devices", "Security"]) {
    await settings(visitor, name)
    await page.getByRole("main").locator("section").last().waitFor()
    await page.waitForLoadState("networkidle")
    await look(`settings-${name.toLowerCase()}`)
  }
  await settings(visitor, "Account")
  await page.getByRole("button", { name: "Delete account" }).click()
  await look("delete")
  await page.keyboard.press("Escape")
  await settings(visitor, "Devices")
  await page.getByRole("button", { name: "Add a device" }).click()
  await look("add-a-device")
  await page.keyboard.press("Escape")
  await settings(visitor, "General")
  await page.getByRole("button", { name: "Sign out" }).click()
  await look("sign-out")
  await page.getByRole("dialog").getByRole("button", { name: "Sign out", exact: true }).click()
  await page.getByRole("button", { name: `Sign in as ${handle}` }).waitFor()
  await look("welcome-back")
  await page.getByRole("button", { name: "See all ways in" }).click()
  await page.getByRole("button", { name: /add this device/ }).click()
  await page.getByLabel("Username").fill(handle)
  await look("add-this-device")
  await page.getByRole("button", { name: "Show the code" }).click()
  await page.getByRole("img", { name: "QR code of this device" }).waitFor()
  await look("code")
}

const picture = process.env["VIVIM_WEB_PICTURES"]

describe("pages of accounts", () => {
  for (
    const [name, options] of [
      ["in light", {}],
      ["in the dark", { dark: true }],
      ["at 320 pixels", { width: 320, height: 640 }],
      ["with text at 200 %", { width: 720, height: 640 }]
    ] as const
  ) {
    it(`are in order ${name}`, async () => {
      const visitor = await web.browser.visit(options)
      visitor.page.on("dialog", (dialog) => void dialog.accept())
      if (name.includes("200")) {
        await visitor.page.addInitScript(
          "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
        )
        await visitor.page.reload()
      }
      const handle = name.replaceAll(/[^a-z0-9]+/g, "").slice(0, 20)
      await walk(visitor, handle, async (page) => {
        assert.deepStrictEqual(await visitor.violations(), [], `${page} ${name}`)
        assert.isAtMost(await visitor.overflow(), 0, `${page} ${name}`)
        if (picture !== undefined) {
          await visitor.page.screenshot({ path: `${picture}/${page}-${handle}.png`, fullPage: true })
        }
      })
      await visitor.leave()
    })
  }

  it("can be walked by the keyboard alone, up to the account", async () => {
    const visitor = await web.browser.visit()
    const { page } = visitor
    await page.getByRole("button", { name: /^Create account/ }).focus()
    await page.keyboard.press("Enter")
    await page.getByLabel("Username").waitFor()
    await page.getByLabel("Username").focus()
    await page.keyboard.type("keys")
    await page.keyboard.press("Enter")
    const kit = await kitOn(visitor)
    await page.getByRole("button", { name: "I have kept it" }).focus()
    await page.keyboard.press("Enter")
    const asked = page.locator("input[name^=group-]")
    await asked.first().waitFor()
    assert.isTrue(
      await asked.first().evaluate((input: any) => input.matches(":focus")),
      "the first field has the focus"
    )
    for (const input of await asked.all()) {
      await page.keyboard.type(kit[Number((await input.getAttribute("name"))!.replace("group-", ""))]!)
      await page.keyboard.press("Tab")
    }
    await page.getByRole("button", { name: "Create account" }).focus()
    await page.keyboard.press("Enter")
    await isIn(visitor)
    await visitor.leave()
  })
})
