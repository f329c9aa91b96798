/** The web client as people meet it: a real node, a real browser, real exports. */
import * as fs from "node:fs"
import * as path from "node:path"
import type { Locator } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { openBrowser, type Visitor } from "./Browser.ts"
import { type NodeProcess, startNode, temporary } from "./NodeProcess.ts"
import { webExport } from "./WebExport.ts"

const fixtures = path.resolve(import.meta.dirname, "../fixtures")
const json = (name: string, text: string) => ({ name, mimeType: "application/json", buffer: Buffer.from(text) })

let node: NodeProcess
let browser: Awaited<ReturnType<typeof openBrowser>>
const enter = (options: { width?: number; height?: number; dark?: boolean } = {}): Promise<Visitor> =>
  browser.visit({ ...options, token: node.token() })

beforeAll(async () => {
  node = await startNode()
  browser = await openBrowser(node.origin)
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

/** The rows of the library, by their titles. */
const titles = ({ page }: Visitor) => page.getByRole("list", { name: "Conversations" }).getByRole("link")

/** Opens a conversation by its title, from anywhere. */
const open = async ({ page }: Visitor, title: string) => {
  await page.getByRole("link", { name: "Library", exact: true }).click()
  await page.getByPlaceholder("With the words").fill(title)
  await page.getByRole("list", { name: "Conversations" }).getByRole("link", { name: title }).click()
  await page.getByRole("heading", { level: 1, name: title }).waitFor()
}

/** Whether any of it is inside of the window. */
const isSeen = async (locator: Locator): Promise<boolean> => {
  const box = await locator.boundingBox()
  const { height } = locator.page().viewportSize()!
  return box !== null && box.y + box.height > 0 && box.y < height
}

const importing = async ({ page }: Visitor, files: Parameters<typeof page.setInputFiles>[1], name: string) => {
  await page.goto("/import")
  await page.getByLabel("Files to import").setInputFiles(files)
  await page.getByRole("img", { name: "Imported" }).and(page.locator(`li:has-text("${name}") *`)).first().waitFor()
}

describe("signing in", () => {
  it("asks for the token in plain words, says when it is wrong, and keeps it out of the address", async () => {
    const visitor = await browser.visit()
    // A wrong token is answered by 401, which the browser tells its console.
    visitor.expect(/status of 401/)
    const { page } = visitor
    await page.getByRole("button", { name: "Sign in with the node's token" }).click()
    await page.getByText("session.token").waitFor()
    assert.deepStrictEqual(await visitor.violations(), [])
    await page.getByLabel("Token").fill("not-the-token")
    await page.getByRole("button", { name: "Open" }).click()
    await page.getByRole("alert").getByText("does not know this token").waitFor()
    await page.getByLabel("Token").fill(`${node.origin}/#token=${node.token()}`)
    await page.getByRole("button", { name: "Open" }).click()
    await page.getByRole("navigation", { name: "Main" }).waitFor()
    await page.reload()
    await page.getByRole("heading", { name: "Bring your conversations home" }).waitFor()
    assert.strictEqual(page.url(), `${node.origin}/`)
    await visitor.leave()
  })

  it("ends a session the node does not know, and says so", async () => {
    const visitor = await browser.visit({ token: "outlived" })
    await visitor.page.getByRole("alert").getByText("does not know this token").waitFor()
    assert.strictEqual(await visitor.page.evaluate("localStorage.getItem(\"vivim.token\")"), null)
    await visitor.leave()
  })

  it("takes the token from the link the node printed, and forgets it on signing out", async () => {
    const visitor = await enter()
    const { page } = visitor
    await page.getByRole("heading", { name: "Bring your conversations home" }).waitFor()
    assert.notInclude(page.url(), "token")
    await page.getByRole("link", { name: "Settings" }).click()
    await page.getByRole("button", { name: "Sign out" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click()
    await page.getByLabel("Token").waitFor()
    assert.strictEqual(await page.evaluate("localStorage.getItem(\"vivim.token\")"), null)
    await visitor.leave()
  })
})

describe("importing, finding, reading", () => {
  it("takes a dropped export in, and accounts for all of it", async () => {
    const visitor = await enter()
    const { page } = visitor
    await page.getByRole("heading", { name: "Bring your conversations home" }).waitFor()
    const file = path.join(temporary("web"), "dropped.json")
    fs.writeFileSync(file, webExport)
    await visitor.drop(file)
    await page.getByRole("link", { name: "dropped.json" }).click()
    await page.getByRole("heading", { name: "Item by item" }).waitFor()
    assert.strictEqual(await page.getByText("Every one accounted for").count(), 2)
    const sums = await page.locator("dl").allInnerTexts()
    for (const sum of sums) {
      const [found, ...parts] = [...sum.matchAll(/\d+/g)].map(Number).toReversed()
      assert.isAbove(found!, 0)
      assert.strictEqual(parts.reduce((total, part) => total + part, 0), found, sum)
    }
    await page.getByRole("button", { name: /Imported 3/ }).click()
    assert.strictEqual(await page.getByRole("list", { name: "Items" }).getByRole("listitem").count(), 3)
    await page.getByRole("link", { name: "Library", exact: true }).click()
    await titles(visitor).getByText("Majorities in a ledger").waitFor()
    assert.strictEqual(await titles(visitor).count(), 3)
    await visitor.leave()
  })

  it("takes a zip and a whole folder in, and says what it refuses", async () => {
    const visitor = await enter()
    const { page } = visitor
    await importing(
      visitor,
      path.join(fixtures, "exports/chatgpt/chatgpt-export-2026-split.zip"),
      "chatgpt-export-2026-split.zip"
    )
    await visitor.drop(path.join(fixtures, "exports/claude"))
    await page.locator("li", { hasText: "claude.zip" }).getByRole("img", { name: "Imported" }).waitFor()
    await page.getByLabel("Folder to import").setInputFiles(path.join(fixtures, "exports/generic"))
    await page.locator("li", { hasText: "generic.zip" }).getByRole("img", { name: "Imported" }).waitFor()
    await page.getByLabel("Files to import").setInputFiles(json("shopping.json", "{\"oats\": 2}"))
    await page.locator("li", { hasText: "shopping.json" }).getByRole("img", { name: "Refused" }).waitFor()
    await page.getByRole("link", { name: "shopping.json" }).click()
    await page.getByText("This was not imported.").waitFor()
    await open(visitor, "Kyoto in November")
    await page.getByText("One day: Arashiyama only.").waitFor()
    await visitor.leave()
  })

  it("finds a message while one types, and opens it with the words marked", async () => {
    const visitor = await enter()
    const { page } = visitor
    await page.getByRole("heading", { level: 1 }).waitFor()
    await page.keyboard.press("/")
    await page.getByRole("searchbox").pressSequentially("lanterns vote")
    const hit = page.getByRole("region", { name: "Results" }).getByRole("link").first()
    await hit.locator("mark").nth(1).waitFor()
    assert.deepStrictEqual(await hit.locator("mark").allInnerTexts(), ["Lanterns", "vote"])
    await page.keyboard.press("Enter")
    await page.locator("[data-turn=s] mark").first().waitFor()
    assert.deepStrictEqual(await page.locator("[data-turn=s] mark").allInnerTexts(), ["Lanterns", "vote"])
    assert.isTrue(await isSeen(page.locator("[data-turn=s]")))
    await visitor.leave()
  })

  it("draws Markdown, code, formulas and tables, and fetches nothing", async () => {
    const visitor = await enter()
    const { page } = visitor
    await open(visitor, "Majorities in a ledger")
    const turn = page.locator("[data-turn=a]")
    await turn.getByRole("heading", { name: "Two majorities" }).waitFor()
    await turn.locator(".katex-display").waitFor()
    await turn.locator("pre span").first().waitFor()
    assert.strictEqual(await turn.locator(".code-head span").innerText(), "TypeScript")
    await turn.getByRole("button", { name: "Copy TypeScript code" }).click()
    assert.include(await page.evaluate<string>("navigator.clipboard.readText()"), "export const quorum")
    assert.strictEqual(await turn.getByRole("table").getByRole("cell", { name: "3" }).count(), 1)
    assert.isTrue(await turn.getByRole("checkbox", { name: "Done" }).isChecked())
    const link = turn.getByRole("link", { name: "the paper" })
    assert.deepStrictEqual([await link.getAttribute("target"), await link.getAttribute("rel")], [
      "_blank",
      "noopener noreferrer nofollow"
    ])
    assert.strictEqual(await turn.getByRole("link", { name: "the chart" }).count(), 0)
    assert.strictEqual(await turn.locator("img").count(), 0)
    await turn.getByText("not fetched from pictures.example").waitFor()
    await open(visitor, "خلاصة قصيرة")
    const rtl = page.locator("[data-turn=a] .prose p")
    assert.strictEqual(await rtl.evaluate((element: any) => element.matches(":dir(rtl)")), true)
    await visitor.leave()
  })

  it("shows pictures the export brought along, from the node", async () => {
    const visitor = await enter()
    await open(visitor, "A lighthouse in fog")
    const picture = visitor.page.getByRole("feed").getByRole("img").first()
    await picture.waitFor()
    assert.match((await picture.getAttribute("src"))!, /^blob:/)
    assert.isAbove(await picture.evaluate((image: any) => image.decode().then(() => image.naturalWidth)), 0)
    await visitor.leave()
  })

  it("turns to another version of an answer and back, and keeps the place", async () => {
    const visitor = await enter({ height: 420 })
    const { page } = visitor
    await open(visitor, "Majorities in a ledger")
    const way = (id: string) => page.locator(`[data-turn=${id}] [data-way=next]`)
    await page.locator("[data-turn=a] .katex-display").waitFor()
    await way("a").scrollIntoViewIfNeeded()
    // Where it is when it is pressed: rows above it may still come to their heights before.
    const pressed = page.evaluate<number>(
      `new Promise((resolve) => addEventListener("pointerdown", ({ target }) =>
        resolve(target.closest("[data-way]").getBoundingClientRect().top), { capture: true, once: true }))`
    )
    await way("a").click()
    const before = await pressed
    await page.locator("[data-turn=b]").getByText("the witness").waitFor()
    assert.strictEqual(await page.locator("[data-turn=s]").count(), 0)
    assert.isTrue(await way("b").evaluate((button: any) => button.matches(":focus")))
    await page.keyboard.press("[")
    await page.locator("[data-turn=r]").waitFor()
    await page.locator("[data-turn=a] .katex-display").waitFor()
    await visitor.becomes(
      `Math.abs(document.querySelector("[data-turn=a] [data-way=next]").getBoundingClientRect().top - ${before}) < 2`
    )
    await page.getByRole("button", { name: "2 branches" }).click()
    await page.getByRole("dialog").getByRole("button", { name: /the witness/ }).click()
    await page.locator("[data-turn=b]").waitFor()
    await visitor.leave()
  })

  it("lets nothing in a conversation run, load or lead anywhere", async () => {
    const visitor = await enter()
    const { page } = visitor
    await open(visitor, "A page full of traps")
    await page.locator("[data-turn=a] .formula.is-set, [data-turn=a] .formula").first().waitFor()
    await page.getByText("not fetched from evil.example").first().waitFor()
    for (const link of await page.locator("[data-turn] .dead-link").all()) await link.click()
    const hrefs = await page.getByRole("feed").getByRole("link").evaluateAll((links: ReadonlyArray<any>) =>
      links.map(({ href }) => href)
    )
    // What looks like an address of the web may lead there, in a window of its own; nothing else leads anywhere.
    for (const href of hrefs) assert.match(href, /^https:\/\/evil\.example\//)
    assert.strictEqual(await page.evaluate("window.pwned"), undefined)
    assert.strictEqual(await page.locator("main script, main iframe, main style, main link, main img").count(), 0)
    await visitor.leave()
  })
})
