/**
 * What is sealed, in the web client: a conversation taken out of the node's sight and handed back, read and found by every device of its
 * owner; and an account that seals whatever comes in.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { until } from "../integration/Company.ts"
import { openBrowser, type Visitor } from "./Browser.ts"
import { type NodeProcess, startNode, temporary } from "./NodeProcess.ts"
import { bring, createAccount, isIn, letIn, openNode, settings } from "./WebAccount.ts"

let node: NodeProcess
let browser: Awaited<ReturnType<typeof openBrowser>>
let [first, second] = [] as unknown as [Visitor, Visitor]
const folder = temporary("websealed")

beforeAll(async () => {
  node = await startNode({ env: openNode })
  browser = await openBrowser(node.origin)
  first = await browser.visit()
  second = await browser.visit()
  await createAccount(first, "ada")
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

const library = async ({ page }: Visitor) => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Library", exact: true }).click()
  await page.getByRole("heading", { name: "Library" }).waitFor()
}
const row = ({ page }: Visitor, title: string) => page.getByRole("listitem").filter({ hasText: title })
const sealedRow = (visitor: Visitor, title: string) =>
  row(visitor, title).filter({ has: visitor.page.getByRole("img", { name: "Sealed" }) })
const open = async (visitor: Visitor, title: string) => {
  await library(visitor)
  await visitor.page.getByRole("link", { name: title }).first().click()
  await visitor.page.getByRole("heading", { level: 1, name: title }).waitFor()
}
const act = async ({ page }: Visitor, action: string) => {
  await page.getByRole("button", { name: "Actions", exact: true }).last().click()
  await page.getByRole("menuitem", { name: action }).click()
}
const search = async ({ page }: Visitor, words: string) => {
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Search", exact: true }).click()
  await page.getByRole("searchbox").fill(words)
}
const hits = ({ page }: Visitor) => page.getByRole("region", { name: "Results" }).getByRole("link")

describe("a conversation", () => {
  it("is sealed by this device, and read and found by it after a reload", async () => {
    const { page } = first
    await bring(first, "Notes on sencha", "gyokuro wants sixty degrees")
    await open(first, "Notes on sencha")
    await act(first, "Seal…")
    const dialog = page.getByRole("dialog")
    await dialog.getByText("with a key the node never gets").waitFor()
    assert.deepStrictEqual(await first.violations(), [])
    await dialog.getByRole("button", { name: "Seal it" }).click()
    await page.getByText("Sealed. Only your devices open it now.").waitFor()
    // The page it was on goes on by itself, and others open from it.
    await page.getByRole("img", { name: "Sealed" }).first().waitFor()
    await open(first, "Notes on sencha")
    await page.reload()
    await page.getByRole("heading", { level: 1, name: "Notes on sencha" }).waitFor()
    await page.getByText("gyokuro wants sixty degrees").waitFor()
    await page.getByRole("img", { name: "Sealed" }).first().waitFor()
    assert.deepStrictEqual(await first.violations(), [])
    await page.screenshot({ path: path.join(folder, "sealed-conversation.png") })
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save" }).click()
    ])
    assert.include(fs.readFileSync(await download.path(), "utf8"), "the file of Notes on sencha")
    await search(first, "\"sixty degrees\"")
    await hits(first).filter({ hasText: "Notes on sencha" }).getByRole("img", { name: "Sealed" }).waitFor()
    await page.getByText("1 sealed conversation, searched on this device").waitFor()
    await page.screenshot({ path: path.join(folder, "sealed-search.png") })
    assert.deepStrictEqual(await first.violations(), [])
  })

  it("is opened by another device of the account, which gives it another title", async () => {
    await letIn(first, second, "ada", "Laptop")
    await sealedRow(second, "Notes on sencha").waitFor()
    await open(second, "Notes on sencha")
    await second.page.getByText("gyokuro wants sixty degrees").waitFor()
    await second.page.getByRole("button", { name: "Change the title" }).click()
    await second.page.getByLabel("Title").fill("All about gyokuro")
    await second.page.keyboard.press("Enter")
    await library(first)
    await sealedRow(first, "All about gyokuro").waitFor()
    await search(second, "gyokuro")
    await hits(second).filter({ hasText: "All about gyokuro" }).first().waitFor()
  })

  it("is handed back to the node by its owner, and is as it was", async () => {
    await open(first, "All about gyokuro")
    await act(first, "Let the node read it…")
    await first.page.getByRole("dialog").getByRole("button", { name: "Let the node read it" }).click()
    await first.page.getByText("The node can read it again.").waitFor()
    await first.page.getByText("gyokuro wants sixty degrees").waitFor()
    await first.page.getByRole("img", { name: "Sealed" }).waitFor({ state: "detached" })
    await search(first, "gyokuro")
    await hits(first).filter({ hasText: "All about gyokuro" }).first().waitFor()
    assert.strictEqual(await first.page.getByText("searched on this device").count(), 0)
  })
})

describe("an account that wants all sealed", () => {
  it("seals what is there, with a receipt that adds up, and what is imported after", async () => {
    const { page } = first
    await settings(first, "Account")
    await page.getByText("Sealed", { exact: true }).click()
    await page.getByText("To take the file apart the node reads it once").waitFor()
    assert.deepStrictEqual(await first.violations(), [])
    await page.getByRole("button", { name: "Seal 1 conversation that the node can read" }).click()
    await page.getByText("1 conversation found: 1 sealed, 0 not there any more, 0 could not be, 0 left.").waitFor()
    await page.getByText("0 conversations served, 1 sealed.").waitFor()
    await page.screenshot({ path: path.join(folder, "sealed-setting.png") })
    await page.setViewportSize({ width: 320, height: 640 })
    assert.strictEqual(await first.overflow(), 0)
    await page.emulateMedia({ colorScheme: "dark" })
    assert.deepStrictEqual(await first.violations(), [])
    await page.screenshot({ path: path.join(folder, "sealed-setting-dark.png") })
    await page.emulateMedia({ colorScheme: "light" })
    await page.setViewportSize({ width: 1280, height: 800 })
    await bring(first, "Bread", "sourdough takes a day")
    await library(first)
    await sealedRow(first, "Bread").waitFor()
    await sealedRow(first, "All about gyokuro").waitFor()
    await page.screenshot({ path: path.join(folder, "sealed-library.png") })
    await page.getByRole("searchbox", { name: /words/ }).or(page.getByPlaceholder("With the words")).first().fill(
      "sourdough"
    )
    await page.getByText("2 sealed conversations left out").waitFor()
    await search(first, "sourdough")
    await hits(first).filter({ hasText: "Bread" }).first().waitFor()
  })

  it("leaves nothing of its index in a browser that signs out", async () => {
    const { page } = first
    const records = `new Promise((resolve) => {
      const request = indexedDB.open("vivim-sealed")
      request.onsuccess = () => {
        const db = request.result
        const names = [...db.objectStoreNames]
        if (names.length === 0) return db.close(), resolve(0)
        const count = db.transaction(names[0]).objectStore(names[0]).count()
        count.onsuccess = () => (db.close(), resolve(count.result))
      }
    })`
    assert.isAbove(await page.evaluate<number>(records), 0)
    await settings(first, "General")
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Sign out", exact: true }).click()
    await page.getByRole("heading", { name: "Welcome back" }).waitFor()
    await until(() => page.evaluate<number>(records), (count) => count === 0, "the index is wiped")
    await page.getByRole("button", { name: "Sign in as ada" }).click()
    await isIn(first)
    await library(first)
    await sealedRow(first, "Bread").waitFor()
    await first.leave()
    await second.leave()
  })
})
