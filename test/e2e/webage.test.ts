/** Exports sealed with age in the web client, and opened by the command line's library; and the other way round. */
import * as AgeFile from "@vivim/client/account/AgeFile"
import type * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { opened, run } from "./Movers.ts"
import { temporary } from "./NodeProcess.ts"
import { createAccount, openNode, settings } from "./WebAccount.ts"
import { webExport } from "./WebExport.ts"
import { openWebNode } from "./WebNode.ts"

const web = openWebNode({ env: openNode })
const words = "correct horse battery staple"
const mimeType = "application/octet-stream"

type Bytes = ReadableStream<Uint8Array>
type Age = (
  bytes: Bytes,
  secret: { readonly passphrase: Redacted.Redacted }
) => Effect.Effect<Bytes, AgeFile.AgeRefused>

const piped = async (bytes: Uint8Array, how: Age) => {
  const made = await run(how(new Blob([Buffer.from(bytes)]).stream(), { passphrase: Redacted.make(words) }))
  return Buffer.from(await new Response(made as never).arrayBuffer())
}

const choose = ({ page }: Visitor, name: string, buffer: Buffer) =>
  page.getByLabel("Files to import").setInputFiles({ name, mimeType, buffer })

const imported = ({ page }: Visitor, name: string) =>
  page.locator("li", { hasText: name }).getByRole("img", { name: "Imported" }).first().waitFor()

const isSaid = ({ page }: Visitor, what: string) => page.getByRole("alert").getByText(what).first().waitFor()

const looksRight = async (visitor: Visitor, name: string) => {
  await visitor.page.setViewportSize({ width: 320, height: 700 })
  for (const colorScheme of ["dark", "light"] as const) {
    await visitor.page.emulateMedia({ colorScheme })
    assert.isAtMost(await visitor.overflow(), 0, name)
    assert.deepStrictEqual(await visitor.violations(), [], name)
  }
  await visitor.page.setViewportSize({ width: 1280, height: 800 })
}

it("is sealed by the page for any age program, and opened by the pages that import and move", async () => {
  const visitor = await web.browser.visit()
  const { page } = visitor
  const kit = await createAccount(visitor, "ada")
  const toImport = () => page.getByRole("link", { name: "Import", exact: true }).click()
  await toImport()
  await choose(visitor, "chats.json", Buffer.from(webExport))
  await imported(visitor, "chats.json")
  await settings(visitor, "Account")
  const passphrase = page.getByLabel("Seal with a passphrase")
  await passphrase.fill("too short")
  await page.getByRole("button", { name: "Export everything" }).press("Enter")
  await isSaid(visitor, "fewer than 12")
  await looksRight(visitor, "export")
  await passphrase.fill(words)
  const download = page.waitForEvent("download")
  await page.getByRole("button", { name: "Export everything" }).press("Enter")
  const file = await download
  assert.match(file.suggestedFilename(), /\.zip\.age$/)
  const at = path.join(temporary("webage"), "mine")
  await file.saveAs(at)
  const sealed = fs.readFileSync(at)
  const plain = await piped(sealed, AgeFile.open)
  assert.strictEqual(opened(plain).manifest.counts.conversations, 3)

  await toImport()
  await choose(visitor, "mine.zip.age", await piped(plain, AgeFile.seal))
  const open = async (typed: string) => {
    await page.getByLabel("Passphrase of the file").fill(typed)
    await page.getByRole("button", { name: "Open and import" }).press("Enter")
  }
  await open("another set of words")
  await isSaid(visitor, "does not open with this passphrase")
  await looksRight(visitor, "import")
  await open(words)
  await imported(visitor, "mine.zip")
  await visitor.leave()

  const mover = await web.browser.visit()
  await mover.page.getByRole("button", { name: /^Move an account here/ }).press("Enter")
  const give = async (buffer: Buffer, typed: string) => {
    await mover.page.getByLabel("Export of the account").setInputFiles({ name: "ada.zip.age", mimeType, buffer })
    await mover.page.getByLabel("Passphrase of the file").fill(typed)
    await mover.page.getByLabel("Recovery kit").fill(kit.join("-"))
    await mover.page.getByRole("button", { name: "Read both" }).press("Enter")
  }
  await give(sealed, "another set of words")
  await isSaid(mover, "does not open with this passphrase")
  await looksRight(mover, "move")
  await give(sealed.subarray(0, sealed.length - 500), words)
  await isSaid(mover, "changed or cut off")
  await give(sealed, words)
  await mover.page.getByRole("heading", { name: "The account is here already" }).waitFor()
  await mover.leave()
})
