/** The web client beside others, without its node, without a pointer, on any screen, for any eyes. */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, beforeAll, describe, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { call, temporary } from "./NodeProcess.ts"
import { webExport } from "./WebExport.ts"
import { openWebNode } from "./WebNode.ts"

const fixtures = path.resolve(import.meta.dirname, "../fixtures")

const web = openWebNode()
/** Conversations of the export, by their titles. */
let ids: ReadonlyMap<string, string>

const enter = (options: { width?: number; height?: number; dark?: boolean } = {}): Promise<Visitor> =>
  web.browser.visit({ ...options, token: web.node.token() })

beforeAll(async () => {
  const visitor = await enter()
  const { page } = visitor
  await page.goto("/import")
  const made = path.join(temporary("web"), "web.json")
  fs.writeFileSync(made, webExport)
  const kept = ["exports/chatgpt/chatgpt-export-2026-split.zip", "hostile/thread-900.json"]
  await page.getByLabel("Files to import").setInputFiles([made, ...kept.map((name) => path.join(fixtures, name))])
  await page.getByRole("img", { name: "Imported" }).nth(2).waitFor()
  await visitor.leave()
  const all = (await call(web.node, "GET", "/conversations?limit=100")).body.items
  for (const { documentId, title } of all) {
    if (title === "Voice: shopping list") await call(web.node, "POST", `/conversations/${documentId}/trash`, {})
  }
  const { body } = await call(web.node, "GET", "/conversations?limit=100")
  ids = new Map(body.items.map((one: { title: string; documentId: string }) => [one.title, one.documentId]))
}, 180_000)

/** What a browser says of a node that is not there: of its line, of its files, of its service worker. */
const ofAbsence = /ERR_CONNECTION|WebSocket|Failed to load resource|fetching the script/

const address = (title: string): string => {
  const id = ids.get(title)
  assert.isDefined(id, title)
  return `/c/${id}`
}

describe("beside others", () => {
  it("shows a rename, a tag and an archiving made in another window, without a reload", async () => {
    const [one, other] = [await enter(), await enter()]
    await other.page.getByRole("link", { name: "Naming the cat" }).waitFor()
    await one.page.goto(address("Naming the cat"))
    await one.page.getByRole("button", { name: "Change the title" }).click()
    await one.page.keyboard.type("Naming the lantern")
    await one.page.keyboard.press("Enter")
    await other.page.getByRole("link", { name: "Naming the lantern" }).waitFor()
    await one.page.getByRole("button", { name: "Add tags" }).click()
    await one.page.getByLabel("New tag").fill("#cats")
    await one.page.keyboard.press("Enter")
    await other.page.getByRole("complementary", { name: "Filters" }).getByRole("button", { name: /cats/ }).click()
    await other.page.getByRole("link", { name: "Naming the lantern" }).waitFor()
    await one.page.keyboard.press("Escape")
    await one.page.getByRole("button", { name: "Actions" }).click()
    await one.page.getByRole("menuitem", { name: "Archive" }).click()
    await other.page.getByText("No conversation matches").waitFor()
    await one.page.getByRole("button", { name: "Undo" }).click()
    await other.page.getByRole("link", { name: "Naming the lantern" }).waitFor()
    await one.leave()
    await other.leave()
  })

  it("keeps the row one looks at in its place when a newer one comes in above it", async () => {
    const visitor = await enter({ height: 330 })
    const { page } = visitor
    const row = page.getByRole("link", { name: "Is 2027 prime?" })
    await page.locator("main").hover()
    for (let n = 0; n < 40 && await row.count() === 0; n++) await page.mouse.wheel(0, 200)
    await row.scrollIntoViewIfNeeded()
    await visitor.becomes("document.querySelector('main').scrollTop > 0")
    const before = (await row.boundingBox())!.y
    const title = "Something that was just begun"
    const { body } = await call(web.node, "POST", "/conversations", {
      commandId: "019a0000-0000-7000-8000-000000000001",
      documentId: "just-begun",
      title
    })
    assert.isNumber(body.position, JSON.stringify(body))
    await visitor.becomes(
      `document.querySelector("ul[aria-label=Conversations] li").ariaSetSize === "${ids.size + 1}"`
    )
    assert.approximately((await row.boundingBox())!.y, before, 1)
    await page.getByText(`${ids.size + 1} conversations`, { exact: true }).waitFor()
    await visitor.leave()
  })
})

describe("without its node", () => {
  it("says that it reconnects, keeps what it shows, and goes on by itself", async () => {
    const visitor = await enter()
    const { page } = visitor
    visitor.expect(ofAbsence)
    await page.goto(address("Majorities in a ledger"))
    await page.getByText("Lanterns do not vote.").waitFor()
    await web.node.kill()
    await page.getByText("Reconnecting…").first().waitFor()
    await page.getByText("Lanterns do not vote.").waitFor()
    // Asked for while the node is away, made when it is back.
    await page.getByRole("button", { name: "Change the title" }).click()
    await page.keyboard.type("Renamed in the dark")
    await page.keyboard.press("Enter")
    web.node = await web.node.again()
    await page.getByText("Reconnecting…").first().waitFor({ state: "detached" })
    const other = await enter()
    await other.page.getByRole("link", { name: "Renamed in the dark" }).waitFor()
    await other.leave()
    await visitor.leave()
  })

  it("opens its shell and a deep link from what it kept", async () => {
    const visitor = await enter()
    const { context, page } = visitor
    visitor.expect(ofAbsence)
    await page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
    await visitor.becomes("caches.keys().then((names) => names.length > 0)")
    await page.reload()
    await visitor.becomes("navigator.serviceWorker.controller !== null")
    const port = new URL(web.node.origin).port
    await web.node.stop()
    const tab = await context.newPage()
    await tab.goto(address("A page full of traps"))
    await tab.getByRole("navigation", { name: "Main" }).waitFor()
    await tab.getByText("This node does not answer.").waitFor()
    assert.strictEqual(new URL(tab.url()).port, port)
    web.node = await web.node.again()
    await tab.getByRole("heading", { level: 1, name: "A page full of traps" }).waitFor()
    await visitor.leave()
  })
})

describe("without a pointer", () => {
  it("leads from the first key to a message, its other version, a tag and back", async () => {
    const visitor = await enter()
    const { page } = visitor
    const at = (selector: string) => visitor.becomes(`document.activeElement?.matches(${JSON.stringify(selector)})`)
    await page.getByRole("link", { name: "Is 2027 prime?" }).waitFor()
    await page.keyboard.press("Tab")
    assert.strictEqual(await page.evaluate("document.activeElement.textContent"), "Skip to content")
    await page.keyboard.press("Enter")
    await at("main")
    await page.keyboard.press("j")
    await at("li[data-index='0'] a")
    await page.keyboard.press("j")
    await at("li[data-index='1'] a")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.getByRole("menuitem", { name: "Tags…" }).waitFor()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await at("dialog input")
    await page.keyboard.type("by keys")
    await page.keyboard.press("Enter")
    await page.getByRole("dialog").getByText("by keys").waitFor()
    await page.keyboard.press("Escape")
    await at("li[data-index='1'] button")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("witness")
    await page.getByRole("option", { name: /witness/ }).waitFor()
    await page.keyboard.press("Enter")
    await page.locator("[data-turn=b] mark").waitFor()
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("j")
    await at("[data-turn=b]")
    await page.keyboard.press("[")
    await at("[data-turn=a] [data-way=previous]")
    await page.keyboard.press("?")
    await page.getByRole("dialog", { name: "Keyboard" }).waitFor()
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("l")
    await page.getByRole("heading", { level: 1, name: "Library" }).waitFor()
    await visitor.leave()
  })
})

const screens = (): ReadonlyArray<readonly [string, string]> => [
  ["library", "/"],
  ["library, nothing left", "/?tag=none"],
  ["search", "/search?q=lanterns"],
  ["search, nothing found", "/search?q=zzzzzz"],
  ["conversation", address("Majorities in a ledger")],
  ["traps", address("A page full of traps")],
  ["hidden steps", address("Quarterly totals from the CSV")],
  ["no such conversation", "/c/nobody"],
  ["import", "/import"],
  ["trash", "/trash"],
  ["settings", "/settings"],
  ["nowhere", "/nowhere"]
]

/** Until nothing is on its way any more. */
const settled = async (visitor: Visitor) => {
  await visitor.page.locator("main h1").first().waitFor({ state: "attached" })
  await visitor.becomes("document.querySelector('main .animate-breathe') === null")
  await visitor.becomes("document.querySelector('.formula:not(.is-set):not([title])') === null")
}

describe("for any eyes, on any screen", () => {
  for (const dark of [false, true]) {
    it(`axe finds nothing on any screen, ${dark ? "dark" : "light"}`, async () => {
      const visitor = await enter({ dark })
      for (const [name, at] of screens()) {
        await visitor.page.goto(at)
        await settled(visitor)
        assert.deepStrictEqual(await visitor.violations(), [], name)
      }
      await visitor.page.goto("/import")
      await visitor.page.getByRole("link", { name: "web.json" }).click()
      await visitor.page.getByRole("heading", { name: "Item by item" }).waitFor()
      assert.deepStrictEqual(await visitor.violations(), [], "receipt")
      for (const keys of ["Control+k", "?"]) {
        await visitor.page.keyboard.press(keys)
        await visitor.page.getByRole("dialog").waitFor()
        assert.deepStrictEqual(await visitor.violations(), [], keys)
        await visitor.page.keyboard.press("Escape")
      }
      await visitor.leave()
    })
  }

  // 320 pixels are what is left of 1280 at 400 %; text at twice its size is WCAG 1.4.4.
  for (const [width, text] of [[320, "100%"], [360, "100%"], [720, "200%"]] as const) {
    it(`no screen is wider than its window of ${width} pixels, with text at ${text}`, async () => {
      const visitor = await enter({ width, height: 640 })
      for (const [name, at] of screens()) {
        await visitor.page.goto(at)
        await settled(visitor)
        await visitor.page.evaluate(`document.documentElement.style.fontSize = ${JSON.stringify(text)}`)
        assert.strictEqual(await visitor.overflow(), 0, name)
      }
      await visitor.leave()
    })
  }

  it("opens a conversation of 900 turns with only what is near, and goes to its end and back", async () => {
    const visitor = await enter()
    const { page } = visitor
    await page.goto(address("Title of a"))
    const turns = page.getByRole("feed").getByRole("article")
    await turns.first().locator(".prose p").waitFor()
    assert.isAtLeast(Number(await turns.first().getAttribute("aria-setsize")), 900)
    assert.isBelow(await turns.count(), 60)
    // Far enough: what is measured above, and is lower than was guessed, takes the place along, and near the head the bar goes.
    await page.evaluate("document.querySelector('main').scrollTo(0, 4_000)")
    await page.getByRole("button", { name: "To the end" }).click()
    await visitor.becomes(
      "[...document.querySelectorAll('[role=feed] article')].some((turn) => turn.ariaPosInSet === turn.ariaSetSize && turn.querySelector('.prose p'))"
    )
    assert.isBelow(await turns.count(), 60)
    await page.getByRole("button", { name: "To the beginning" }).click()
    await page.locator("article[aria-posinset='1'] .prose p").waitFor()
    await visitor.leave()
  })
})
