/** An account whose node is dead, moved to another one in a real browser with its export and its kit: all of it is readable there. */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { openBrowser, type Visitor } from "./Browser.ts"
import { opened } from "./Movers.ts"
import { type NodeProcess, oftenAsked, startNode, temporary } from "./NodeProcess.ts"
import { createAccount, isIn, openNode, settings } from "./WebAccount.ts"
import { webExport } from "./WebExport.ts"
import { openWebNode } from "./WebNode.ts"

/** Where the account moves to. */
const web = openWebNode({ env: openNode })
let first: NodeProcess | undefined
let closed: NodeProcess | undefined
let file: Buffer
let kit: ReadonlyArray<string>

/** Bo has conversations on a node, takes everything out, and the node dies. */
beforeAll(async () => {
  first = await startNode({ env: openNode })
  const browser = await openBrowser(first.origin)
  const bo = await browser.visit()
  kit = await createAccount(bo, "bo")
  await bo.page.getByRole("link", { name: "Import", exact: true }).click()
  await bo.page.getByLabel("Files to import").setInputFiles({
    name: "chats.json",
    mimeType: "application/json",
    buffer: Buffer.from(webExport)
  })
  await bo.page.locator("li", { hasText: "chats.json" }).getByRole("img", { name: "Imported" }).first().waitFor()
  await settings(bo, "Account")
  const download = bo.page.waitForEvent("download")
  await bo.page.getByRole("button", { name: "Export everything" }).click()
  const at = path.join(temporary("webmoving"), "bo.zip")
  await (await download).saveAs(at)
  file = fs.readFileSync(at)
  await bo.leave()
  await browser.close()
  await first.kill()
}, 180_000)

afterAll(async () => {
  await first?.stop()
  await closed?.stop()
})

const zip = (buffer: Buffer) => ({ name: "bo.zip", mimeType: "application/zip", buffer })

const give = async ({ page }: Visitor, buffer: Buffer, typed: string) => {
  await page.getByLabel("Export of the account").setInputFiles(zip(buffer))
  await page.getByLabel("Recovery kit").fill(typed)
  await page.getByRole("button", { name: "Read both" }).press("Enter")
}

const begin = async (visitor: Visitor) => {
  // That the node has never heard of the account is what is asked first.
  visitor.expect(/status of 404/)
  await visitor.page.getByRole("button", { name: /^Move an account here/ }).press("Enter")
  await visitor.page.getByRole("heading", { name: "Move an account here" }).waitFor()
}

const isSaid = ({ page }: Visitor, what: RegExp) => page.getByRole("alert").getByText(what).first().waitFor()

const looksRight = async (visitor: Visitor, name: string) => {
  for (const colorScheme of ["dark", "light"] as const) {
    await visitor.page.setViewportSize({ width: 320, height: 700 })
    await visitor.page.emulateMedia({ colorScheme })
    assert.isAtMost(await visitor.overflow(), 0, name)
    assert.deepStrictEqual(await visitor.violations(), [], name)
  }
  await visitor.page.setViewportSize({ width: 1280, height: 800 })
}

describe("an account moved by its owner", () => {
  it("is not read with another kit, nor from a file that is none or cut off", async () => {
    const ann = await web.browser.visit()
    const other = await createAccount(ann, "bo")
    const visitor = await web.browser.visit()
    await begin(visitor)
    await looksRight(visitor, "file and kit")
    await visitor.page.getByRole("button", { name: "Read both" }).press("Enter")
    await isSaid(visitor, /Choose the export/)
    await give(visitor, Buffer.from("a zip"), kit.join("-"))
    await isSaid(visitor, /no export of a VIVIM account/)
    await give(visitor, file.subarray(0, file.length - 100), kit.join("-"))
    await isSaid(visitor, /cut off/)
    await give(visitor, file, other.join("-"))
    await isSaid(visitor, /not one of this account/)
    await give(visitor, file, kit.with(4, "00000").join("-"))
    await isSaid(visitor, /Group 5 of 14/)
    await visitor.leave()
    await ann.leave()
  })

  it("is here with its conversations under a name that is free, and stands where it stood when it is begun again", async () => {
    const bo = await web.browser.visit()
    const { page } = bo
    // A refused name is an answer, too.
    bo.expect(/status of 4\d\d/)
    await begin(bo)
    await give(bo, file, kit.join(" ").toLowerCase())
    await page.getByRole("heading", { name: "Before you move it" }).waitFor()
    await looksRight(bo, "before")
    assert.strictEqual(await page.getByLabel("Username").inputValue(), "bo")
    const move = page.getByRole("button", { name: "Move the account here" })
    await move.press("Enter")
    await isSaid(bo, /Another account has this name/)
    assert.strictEqual(await page.getByLabel("Username").getAttribute("aria-invalid"), "true")
    await page.getByLabel("Username").fill("bo.moved")
    // The tab is closed between the node's yes and the import.
    await page.route("**/api/v1/imports*", (route) => route.abort())
    bo.expect(/ERR_FAILED/)
    await move.press("Enter")
    await isIn(bo)
    await page.getByText(/The connection to the node broke/).first().waitFor()
    await page.unroute("**/api/v1/imports*")
    await page.evaluate(`localStorage.clear()`)
    await page.goto("/")
    await begin(bo)
    await give(bo, file, kit.join("-"))
    await page.getByRole("heading", { name: "The account is here already" }).waitFor()
    await looksRight(bo, "here")
    await page.getByRole("button", { name: "Sign in and import" }).press("Enter")
    await isIn(bo)
    const row = page.locator("li", { hasText: "bo.zip" })
    await row.getByRole("img", { name: "Imported" }).first().waitFor()
    assert.strictEqual(new URL(page.url()).pathname, "/import")

    await page.getByRole("link", { name: "Library", exact: true }).click()
    await page.getByRole("list", { name: "Conversations" }).getByText("Majorities in a ledger").click()
    await page.getByText("Lanterns do not vote.").first().waitFor()
    await settings(bo, "Account")
    const download = page.waitForEvent("download")
    await page.getByRole("button", { name: "Export everything" }).click()
    const at = path.join(temporary("webmoved"), "bo.zip")
    await (await download).saveAs(at)
    const [before, after] = [opened(file).manifest, opened(fs.readFileSync(at)).manifest]
    assert.deepStrictEqual([after.did, after.content], [before.did, before.content])
    assert.strictEqual(String(after.handle), "bo.moved")
    await bo.leave()

    const elsewhere = await web.browser.visit()
    await begin(elsewhere)
    await give(elsewhere, file, kit.join("-"))
    await elsewhere.page.getByRole("button", { name: "Recover it with the kit" }).press("Enter")
    await elsewhere.page.getByRole("heading", { name: "Recover your account" }).waitFor()
    await elsewhere.leave()
  })

  it("is told where a node lets nobody in", async () => {
    closed = await startNode({ env: { ...oftenAsked, VIVIM_SIGN_UP: "closed" } })
    const browser = await openBrowser(closed.origin)
    const bo = await browser.visit()
    bo.expect(/status of 403/)
    await begin(bo)
    await give(bo, file, kit.join("-"))
    await bo.page.getByRole("button", { name: "Move the account here" }).press("Enter")
    await isSaid(bo, /by invitation, or not at all/)
    await bo.leave()
    await browser.close()
  })
})
