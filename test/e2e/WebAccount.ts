/** What people do with accounts in the web client, as far as several tests do it: creating one, letting a device in, looking at a page. */
import * as fs from "node:fs"
import * as path from "node:path"
import * as OTPAuth from "otpauth"
import { exported } from "../integration/Canary.ts"
import type { Visitor } from "./Browser.ts"
import { oftenAsked, temporary } from "./NodeProcess.ts"

/** A node on which anybody may open an account, and tests as often as they like. */
export const openNode = { ...oftenAsked, VIVIM_SIGN_UP: "open" }

/** The screen after signing in is there. */
export const isIn = async ({ page }: Visitor): Promise<void> => {
  await page.getByRole("navigation", { name: "Main" }).waitFor()
  await page.getByRole("heading", { level: 1 }).first().waitFor()
}

/** The kit on the page, group by group. */
export const kitOn = async ({ page }: Visitor): Promise<ReadonlyArray<string>> => {
  const kit = page.getByRole("region", { name: "Recovery kit" })
  await kit.waitFor()
  return await kit.getByRole("listitem").locator(".font-mono").allInnerTexts()
}

/** Types the groups that are asked back, as `typed` has them. */
export const giveBack = async (
  { page }: Visitor,
  kit: ReadonlyArray<string>,
  typed = (group: string) => group.toLowerCase()
): Promise<void> => {
  const asked = page.locator("input[name^=group-]")
  await asked.first().waitFor()
  for (const input of await asked.all()) {
    await input.fill(typed(kit[Number((await input.getAttribute("name"))!.replace("group-", ""))]!))
  }
}

/** Begins an account from the first page on, as far as its name. */
export const nameAccount = async ({ page }: Visitor, handle: string): Promise<void> => {
  await page.getByRole("button", { name: /^Create account/ }).click()
  await page.getByLabel("Username").fill(handle)
  await page.getByRole("button", { name: "Continue" }).click()
}

/** Creates an account from the first page on; answers its kit. */
export const createAccount = async (visitor: Visitor, handle: string): Promise<ReadonlyArray<string>> => {
  const { page } = visitor
  await nameAccount(visitor, handle)
  // Where passkeys are to be had, it is asked which way back it is to be.
  const choice = page.getByRole("button", { name: "Make the kit" })
  await choice.or(page.getByRole("region", { name: "Recovery kit" })).first().waitFor()
  if (await choice.isVisible()) await choice.click()
  const kit = await kitOn(visitor)
  await page.getByRole("button", { name: "I have kept it" }).click()
  await giveBack(visitor, kit)
  await page.getByRole("button", { name: "Create account" }).click()
  await isIn(visitor)
  return kit
}

/** A page of the settings, by its name. */
export const settings = async ({ page }: Visitor, name: string): Promise<void> => {
  await page.getByRole("link", { name: "Settings", exact: true }).click()
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name, exact: true }).click()
}

/** Lets one browser in from another; answers what was compared. */
export const letIn = async (from: Visitor, joining: Visitor, handle: string, name: string): Promise<string> => {
  const { page } = joining
  await page.getByRole("button", { name: /add this device/ }).click()
  await page.getByLabel("Username").fill(`@${handle}`)
  await page.getByRole("button", { name: "Show the code" }).click()
  const code = await page.getByLabel("Or as text").inputValue()
  const comparison = await page.getByText("Comparison code").locator("xpath=following-sibling::*").innerText()
  await settings(from, "Devices")
  await from.page.getByRole("button", { name: "Add a device" }).click()
  const dialog = from.page.getByRole("dialog")
  await dialog.getByLabel("Code of the new device").fill(code)
  await dialog.getByRole("button", { name: "Continue" }).click()
  await dialog.getByText(comparison).waitFor()
  await dialog.getByLabel("Name of the device").fill(name)
  await dialog.getByRole("button", { name: /let it in/ }).click()
  await isIn(joining)
  return comparison
}

/** The code of just now, as an authenticator with this secret shows it; the one `later` steps from now. */
export const codeOf = (secret: string, later = 0): string =>
  new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret.replaceAll(" ", "")) })
    .generate({ timestamp: Date.now() + later * 30_000 })

/** Brings in a conversation of one message with one file; answers when the page says so. */
export const bring = async ({ page }: Visitor, title: string, text: string): Promise<void> => {
  const file = path.join(temporary("bring"), `${title}.zip`)
  fs.writeFileSync(file, exported(title, text, `the file of ${title} `.repeat(50)))
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Import", exact: true }).click()
  await page.locator("input[type=file]").first().setInputFiles(file)
  await page.getByText(`${title}.zip`).first().waitFor()
}
