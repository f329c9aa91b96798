/** Everything taken out of the web client in a real browser, and brought to another account by its import page. */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, it } from "vitest"
import { openBrowser, type Visitor } from "./Browser.ts"
import { opened } from "./Movers.ts"
import { type NodeProcess, startNode, temporary } from "./NodeProcess.ts"
import { createAccount, openNode, settings } from "./WebAccount.ts"
import { webExport } from "./WebExport.ts"

let node: NodeProcess
let browser: Awaited<ReturnType<typeof openBrowser>>

beforeAll(async () => {
  node = await startNode({ env: openNode })
  browser = await openBrowser(node.origin)
}, 300_000)

afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

const bring = async ({ page }: Visitor, name: string, buffer: Buffer) => {
  await page.getByRole("link", { name: "Import", exact: true }).click()
  await page.getByLabel("Files to import").setInputFiles({ name, mimeType: "application/octet-stream", buffer })
  await page.locator("li", { hasText: name }).getByRole("img", { name: "Imported" }).first().waitFor()
}

it("is exported with one press, and imported by another account", async () => {
  const [ada, bo] = [await browser.visit(), await browser.visit()]
  await createAccount(ada, "ada")
  await createAccount(bo, "bo")
  await bring(bo, "chats.json", Buffer.from(webExport))
  const taken = async ({ page }: Visitor) => {
    const download = page.waitForEvent("download")
    await page.getByRole("button", { name: "Export everything" }).press("Enter")
    const file = await download
    const at = path.join(temporary("webexport"), "mine.zip")
    await file.saveAs(at)
    await page.getByText(`Saved as ${file.suggestedFilename()}`).waitFor()
    return fs.readFileSync(at)
  }
  await settings(bo, "Account")
  const bytes = await taken(bo)
  const { manifest } = opened(bytes)
  assert.strictEqual<string>(manifest.handle, "bo")
  assert.strictEqual(manifest.counts.conversations, 3)
  assert.deepStrictEqual(await bo.violations(), [])

  await bring(ada, "bo.zip", bytes)
  await settings(ada, "Account")
  await ada.page.setViewportSize({ width: 320, height: 700 })
  await ada.page.emulateMedia({ colorScheme: "dark" })
  assert.isAtMost(await ada.overflow(), 0)
  assert.deepStrictEqual(await ada.violations(), [])
  assert.strictEqual(opened(await taken(ada)).manifest.content, manifest.content)
  await ada.leave()
  await bo.leave()
})
