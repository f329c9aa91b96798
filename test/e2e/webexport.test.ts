/** Everything taken out of the web client in a real browser, and brought to another account by its import page. */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { opened } from "./Movers.ts"
import { temporary } from "./NodeProcess.ts"
import { createAccount, openNode, settings } from "./WebAccount.ts"
import { webExport } from "./WebExport.ts"
import { openWebNode } from "./WebNode.ts"

const web = openWebNode({ env: openNode })

const bring = async ({ page }: Visitor, name: string, buffer: Buffer) => {
  await page.getByRole("link", { name: "Import", exact: true }).click()
  await page.getByLabel("Files to import").setInputFiles({ name, mimeType: "application/octet-stream", buffer })
  await page.locator("li", { hasText: name }).getByRole("img", { name: "Imported" }).first().waitFor()
}

it("is exported with one press, and imported by another account", async () => {
  const [ada, bo] = [await web.browser.visit(), await web.browser.visit()]
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
  assert.strictEqual(String(manifest.handle), "bo")
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
