/** The web client on a slow machine: what one presses and types before the page is ready is neither lost nor misdirected. */
import type { BrowserContext } from "playwright-core"
import { assert, beforeAll, describe, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { call } from "./NodeProcess.ts"
import { webExport } from "./WebExport.ts"
import { openWebNode } from "./WebNode.ts"

const web = openWebNode()

beforeAll(async () => {
  const visitor = await web.browser.visit({ token: web.node.token() })
  await visitor.page.goto("/import")
  await visitor.page.getByLabel("Files to import").setInputFiles({
    name: "web.json",
    mimeType: "application/json",
    buffer: Buffer.from(webExport)
  })
  await visitor.page.getByRole("img", { name: "Imported" }).waitFor()
  await visitor.leave()
}, 180_000)

/** Holds something back until it is let go. */
const dam = () => {
  let release!: () => void
  const open = new Promise<void>((resolve) => release = resolve)
  return { open, release: () => release() }
}

const enter = (prepare: (context: BrowserContext) => Promise<void>) =>
  web.browser.visit({ token: web.node.token(), prepare })

/** A visitor whose browser does not get these parts of the client until they are released. */
const enterWithout = async (parts: string) => {
  const { open, release } = dam()
  const visitor = await enter((context) =>
    context.route(new RegExp(`/assets/(${parts})-`), (route) => open.then(() => route.continue())).then(() => {})
  )
  return { visitor, page: visitor.page, release }
}

const focused = (visitor: Visitor, selector: string) =>
  visitor.becomes(`document.activeElement?.matches(${JSON.stringify(selector)})`)

/** Keys that come all at once, before the page has drawn what the first of them does. */
const keysAtOnce = ({ page }: Visitor, ...keys: ReadonlyArray<string>) =>
  page.evaluate(
    `for (const key of ${JSON.stringify(keys)}) {
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))
    }`
  )

describe("what is pressed", () => {
  it("stays under the finger while the node's answers come in", async () => {
    const { open, release } = dam()
    const visitor = await enter((context) =>
      context.routeWebSocket("**/rpc", (socket) => {
        const line = socket.connectToServer()
        socket.onMessage((message) => line.send(message))
        line.onMessage((message) => void open.then(() => socket.send(message)))
      })
    )
    const { page } = visitor
    await page.goto("/settings")
    const button = page.getByRole("button", { name: "Sign out" })
    await button.hover()
    const before = await button.boundingBox()
    release()
    await page.getByText(/did:key:z6Mk(?!0000)/).waitFor()
    await page.getByText("embedded PostgreSQL").waitFor()
    assert.deepStrictEqual(await button.boundingBox(), before)
    await page.mouse.down()
    await page.mouse.up()
    await page.getByRole("dialog", { name: "Sign out of this browser?" }).waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("dialog").waitFor({ state: "detached" })
    assert.isTrue(await button.evaluate((element: any) => element.matches(":focus")))
    await visitor.leave()
  })

  it("is what was aimed at, although the list is narrowed between down and up", async () => {
    const visitor = await web.browser.visit({ token: web.node.token() })
    const { page } = visitor
    const last = page.getByRole("list", { name: "Conversations" }).getByRole("link").last()
    await last.waitFor()
    const title = (await last.locator("span.truncate").first().innerText()).trim()
    await last.hover()
    await page.getByPlaceholder("With the words").fill(title)
    await page.mouse.down()
    const since = await page.evaluate<number>("performance.now()")
    // By then the list would long have been asked for again, and answered.
    await visitor.becomes(`performance.now() > ${since + 1_000}`)
    await page.mouse.up()
    await page.getByRole("heading", { level: 1, name: title }).waitFor()
    await visitor.leave()
  })

  it("is the conversation that has the focus, although a newer one came in above it", async () => {
    const visitor = await web.browser.visit({ token: web.node.token() })
    const { page } = visitor
    await page.getByRole("link", { name: "A page full of traps" }).focus()
    const { status } = await call(web.node, "POST", "/conversations", {
      commandId: "019a0000-0000-7000-8000-000000000003",
      documentId: "just-begun",
      title: "Just begun"
    })
    assert.strictEqual(status, 200)
    await page.getByRole("link", { name: "Just begun" }).waitFor()
    await visitor.becomes("document.activeElement.textContent.startsWith('A page full of traps')")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { level: 1, name: "A page full of traps" }).waitFor()
    await visitor.leave()
  })

  it("opens what it opens although another screen is still on its way", async () => {
    const { page, release, visitor } = await enterWithout("SettingsPage")
    await page.getByRole("link", { name: "Majorities in a ledger" }).waitFor()
    await page.getByRole("link", { name: "Settings" }).click()
    await page.keyboard.press("Control+k")
    const dialog = page.getByRole("dialog", { name: "Jump to" })
    await dialog.waitFor()
    await page.keyboard.type("lib")
    release()
    await page.getByRole("heading", { level: 1, name: "Settings", includeHidden: true }).waitFor({ state: "attached" })
    await page.keyboard.type("rary")
    assert.strictEqual(await dialog.getByRole("combobox").inputValue(), "library")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { level: 1, name: "Library" }).waitFor()
    await visitor.leave()
  })
})

describe("what is drawn", () => {
  it("is the same on the slowest machine: code has its colours on the first line, too", async () => {
    const visitor = await web.browser.visit({ token: web.node.token() })
    const { page } = visitor
    await page.getByRole("link", { name: "Majorities in a ledger" }).waitFor()
    const devtools = await visitor.context.newCDPSession(page)
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 8 })
    await page.getByRole("link", { name: "Majorities in a ledger" }).click()
    const code = page.locator("[data-turn=a] pre code")
    await code.locator("span").first().waitFor()
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: 1 })
    const colours = await code.locator("span").evaluateAll((spans: ReadonlyArray<any>) =>
      spans.map(({ style }) => style.color)
    )
    assert.isAbove(new Set(colours).size, 1, colours.join())
    assert.strictEqual(await code.locator("span").first().innerText(), "export")
    await visitor.leave()
  })
})

describe("what is typed", () => {
  it("after the key for searching is in the field of the search screen, Enter included", async () => {
    const { page, release, visitor } = await enterWithout("SearchPage")
    await page.getByRole("link", { name: "Majorities in a ledger" }).waitFor()
    await page.keyboard.press("/")
    await page.keyboard.type("glanterns")
    for (const key of ["Home", "Delete", "End"]) await page.keyboard.press(key)
    await page.keyboard.type(" vote")
    release()
    await page.getByRole("region", { name: "Results" }).locator("mark").nth(1).waitFor()
    assert.strictEqual(await page.getByRole("searchbox").inputValue(), "lanterns vote")
    await focused(visitor, "#search-field")
    await page.keyboard.press("Enter")
    await page.locator("[data-turn=s] mark").first().waitFor()
    await visitor.leave()
  })

  it("for a panel is in its field, and Enter leads to what was typed", async () => {
    const { page, release, visitor } = await enterWithout("Palette")
    await page.getByRole("link", { name: "Majorities in a ledger" }).waitFor()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("witness")
    await page.keyboard.press("Enter")
    release()
    await page.locator("[data-turn=b] mark").waitFor()
    await page.keyboard.press("Control+k")
    await focused(visitor, "dialog input")
    await page.keyboard.press("Escape")
    await visitor.leave()
  })

  it("is given up by Escape, and leaves the keys to the page again", async () => {
    const { page, release, visitor } = await enterWithout("SearchPage")
    await page.getByRole("link", { name: "Majorities in a ledger" }).waitFor()
    await page.keyboard.press("/")
    await page.keyboard.type("oats")
    await page.keyboard.press("Escape")
    release()
    const field = page.getByRole("searchbox")
    await field.waitFor()
    assert.strictEqual(await field.inputValue(), "")
    await visitor.leave()
  })

  it("for a menu and the dialog behind it finds both", async () => {
    const { page, release, visitor } = await enterWithout("ActionMenu|TagsDialog")
    const row = page.getByRole("listitem").filter({ hasText: "A page full of traps" })
    await row.getByRole("button", { name: "Actions" }).focus()
    for (const key of ["Enter", "ArrowDown", "ArrowDown", "Enter"]) await page.keyboard.press(key)
    release()
    await focused(visitor, "dialog input")
    await page.keyboard.type("early")
    await page.keyboard.press("Enter")
    await page.getByRole("dialog").getByText("early").waitFor()
    await page.keyboard.press("Escape")
    await focused(visitor, "li button")
    await visitor.leave()
  })

  it("as a title stays as it is typed, whatever else is learnt of the conversation meanwhile", async () => {
    const visitor = await web.browser.visit({ token: web.node.token() })
    const { page } = visitor
    await page.getByRole("link", { name: "A page full of traps" }).click()
    await page.getByRole("button", { name: "Change the title" }).click()
    await page.keyboard.type("A page full of ")
    const documentId = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1)!)
    const { status } = await call(web.node, "POST", `/conversations/${documentId}/tags`, {
      commandId: "019a0000-0000-7000-8000-000000000002",
      tag: "meanwhile"
    })
    assert.strictEqual(status, 200)
    await page.getByRole("list", { name: "Tags" }).getByText("meanwhile").waitFor()
    await page.keyboard.type("harmless traps")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { level: 1, name: "A page full of harmless traps" }).waitFor()
    await visitor.leave()
  })

  it("goes as far as it was pressed, in a list and among versions", async () => {
    const visitor = await web.browser.visit({ token: web.node.token() })
    const { page } = visitor
    await page.getByRole("link", { name: "Majorities in a ledger" }).waitFor()
    await keysAtOnce(visitor, "j", "j", "j", "k")
    await focused(visitor, "li[data-index='1'] a")
    await page.getByRole("link", { name: "Majorities in a ledger" }).click()
    await page.locator("[data-turn=a] .katex-display").waitFor()
    await page.locator("[data-turn=a]").focus()
    await keysAtOnce(visitor, "]", "[", "]")
    await focused(visitor, "[data-turn=b] [data-way=next]")
    await visitor.leave()
  })
})
