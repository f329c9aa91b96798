/** The trash in the web client: a way back that can be reached, what lies there, and what goes for good. */
import { assert, beforeAll, describe, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { call, until } from "./NodeProcess.ts"
import { openWebNode } from "./WebNode.ts"

const titles = Array.from({ length: 12 }, (_, n) => `Lantern ${String.fromCharCode(65 + n)}`)
const idOf = (title: string) => `c-${title.at(-1)!.toLowerCase()}`

const web = openWebNode()

beforeAll(async () => {
  for (const title of titles) {
    assert.strictEqual((await call(web.node, "POST", "/conversations", { documentId: idOf(title), title })).status, 200)
  }
}, 180_000)

const enter = async (at = "/?sort=title", dark = false): Promise<Visitor> => {
  const visitor = await web.browser.visit({ token: web.node.token(), dark })
  await visitor.page.goto(at)
  await visitor.page.locator("main h1").first().waitFor({ state: "attached" })
  return visitor
}
const list = ({ page }: Visitor) => page.locator("main ul[role=list]")
const rows = async (visitor: Visitor) =>
  (await list(visitor).getByRole("link").allInnerTexts()).map((text) => text.split("\n")[0])
const link = (visitor: Visitor, title: string) => list(visitor).getByRole("link", { name: title })
const gone = (visitor: Visitor, title: string) => link(visitor, title).waitFor({ state: "detached" })
const focused = (visitor: Visitor, selector: string) =>
  visitor.becomes(`document.activeElement?.matches(${JSON.stringify(selector)})`)
const pick = async ({ page }: Visitor, title: string, action: string) => {
  await page.getByRole("button", { name: `Actions for ${title}` }).click()
  await page.getByRole("menuitem", { name: action }).click()
}
/** The registry may come to know a moment later than the library. */
const trashHolds = (...ids: ReadonlyArray<string>) =>
  until(
    async () => (await call(web.node, "GET", "/trash")).body.map(({ documentId }: any) => documentId).toSorted().join(),
    (held) => held === ids.join(),
    `the trash holds ${ids.join()}`
  )

describe("moving to the trash", () => {
  it("takes a conversation away at once, and Undo puts it back where it was", async () => {
    const visitor = await enter()
    const { page } = visitor
    await link(visitor, "Lantern L").waitFor()
    assert.deepStrictEqual(await rows(visitor), titles)
    await pick(visitor, "Lantern C", "Move to trash")
    await gone(visitor, "Lantern C")
    assert.strictEqual(await page.getByRole("dialog").count(), 0)
    const notices = page.getByRole("status", { name: "Notices" })
    await notices.getByText("Moved to the trash.").waitFor()
    await trashHolds("c-c")
    await notices.getByRole("button", { name: "Undo" }).click()
    await link(visitor, "Lantern C").waitFor()
    assert.deepStrictEqual(await rows(visitor), titles)
    await notices.getByText("Back where it was.").waitFor()
    await trashHolds()
    assert.isFalse((await call(web.node, "GET", "/conversations/c-c")).body.summary.archived)
    await visitor.leave()
  })

  it("goes and comes back by keys alone, and the focus stays in the list", async () => {
    const visitor = await enter()
    const { page } = visitor
    await link(visitor, "Lantern A").waitFor()
    await page.locator("main").focus()
    await page.keyboard.press("j")
    await focused(visitor, "li[data-index='0'] a")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.getByRole("menuitem", { name: "Move to trash" }).waitFor()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await gone(visitor, "Lantern A")
    await page.getByText("Moved to the trash.").waitFor()
    await focused(visitor, "li[data-index='0'] button")
    await page.keyboard.press("z")
    await link(visitor, "Lantern A").waitFor()
    await trashHolds()
    // What has been taken back is not taken back again.
    await page.keyboard.press("z")
    await page.keyboard.press("g")
    await page.keyboard.press("t")
    await page.getByRole("heading", { name: "The trash is empty" }).waitFor()
    await visitor.leave()
  })

  it("keeps the way back for as long as somebody is on it", async () => {
    const visitor = await enter()
    const { page } = visitor
    await link(visitor, "Lantern D").waitFor()
    await page.clock.install()
    await pick(visitor, "Lantern D", "Move to trash")
    const undo = page.getByRole("button", { name: "Undo" })
    await undo.waitFor()
    await page.clock.fastForward(25_000)
    await undo.focus()
    await page.clock.fastForward(600_000)
    assert.strictEqual(await undo.count(), 1)
    await page.keyboard.press("Tab")
    await page.clock.fastForward(600_000)
    assert.strictEqual(await undo.count(), 1, "its other button has the focus")
    await page.locator("main").focus()
    await page.clock.fastForward(31_000)
    await undo.waitFor({ state: "detached" })
    await page.clock.resume()
    await call(web.node, "DELETE", "/conversations/c-d/trash", {})
    await link(visitor, "Lantern D").waitFor()
    await visitor.leave()
  })

  it("says on the conversation's own page that it lies in the trash, and restores it there", async () => {
    const visitor = await enter("/c/c-e")
    const { page } = visitor
    await page.getByRole("button", { name: "Actions" }).click()
    await page.getByRole("menuitem", { name: "Move to trash" }).click()
    const told = page.getByRole("region", { name: "In the trash" })
    await told.getByText("Goes for good in 30 days").waitFor()
    await told.getByRole("button", { name: "Restore" }).click()
    await told.waitFor({ state: "detached" })
    await trashHolds()
    await visitor.leave()
  })
})

describe("the trash", () => {
  it("shows what other windows put there and take out, without a reload, and hides it everywhere else", async () => {
    const [one, other] = [await enter("/trash"), await enter()]
    await one.page.getByRole("heading", { name: "The trash is empty" }).waitFor()
    await pick(other, "Lantern F", "Move to trash")
    await link(one, "Lantern F").getByText("goes for good in 30 days").waitFor()
    await pick(other, "Lantern G", "Move to trash")
    await link(one, "Lantern G").waitFor()
    assert.deepStrictEqual(await rows(one), ["Lantern G", "Lantern F"])
    await other.page.goto("/?archived=yes")
    await other.page.getByRole("heading", { name: "Nothing is archived" }).waitFor()
    await other.page.goto("/search?q=lantern")
    await other.page.getByRole("region", { name: "Results" }).getByRole("link").nth(9).waitFor()
    assert.strictEqual(await other.page.getByRole("region", { name: "Results" }).getByRole("link").count(), 10)
    await one.page.getByRole("button", { name: "Restore Lantern G" }).click()
    await gone(one, "Lantern G")
    await other.page.getByRole("region", { name: "Results" }).getByRole("link", { name: "Lantern G" }).waitFor()
    await call(web.node, "DELETE", "/conversations/c-f/trash", {})
    await one.page.getByRole("heading", { name: "The trash is empty" }).waitFor()
    // What is over in time goes by itself, before the reader's eyes.
    const seen = link(one, "Lantern F").waitFor()
    await call(web.node, "POST", "/conversations/c-f/trash", { keepMs: 6_000 })
    await seen
    await gone(one, "Lantern F")
    await until(() => call(web.node, "GET", "/conversations/c-f"), ({ status }) => status === 404, "nobody has it")
    await one.leave()
    await other.leave()
  })

  it("deletes one for good when that is confirmed, and only then", async () => {
    const visitor = await enter()
    const { page } = visitor
    await pick(visitor, "Lantern H", "Move to trash")
    await gone(visitor, "Lantern H")
    await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Trash" }).click()
    await pick(visitor, "Lantern H", "Delete for good…")
    const dialog = page.getByRole("dialog", { name: "Delete for good?" })
    await dialog.getByText("nothing brings it back").waitFor()
    await focused(visitor, "dialog button")
    await page.keyboard.press("Enter")
    await dialog.waitFor({ state: "detached" })
    await trashHolds("c-h")
    await pick(visitor, "Lantern H", "Delete for good…")
    await dialog.getByRole("button", { name: "Delete for good" }).click()
    await page.getByRole("heading", { name: "The trash is empty" }).waitFor()
    await page.goto("/c/c-h")
    await page.getByText("There is no such conversation").waitFor()
    await visitor.leave()
  })

  it("is emptied of what is in it when that is confirmed", async () => {
    const visitor = await enter("/trash")
    const { page } = visitor
    for (const id of ["c-i", "c-j", "c-k"]) {
      assert.strictEqual((await call(web.node, "POST", `/conversations/${id}/trash`, {})).status, 200)
    }
    await link(visitor, "Lantern K").waitFor()
    await page.getByText("3 conversations", { exact: true }).waitFor()
    await page.getByRole("button", { name: "Empty the trash…" }).click()
    const dialog = page.getByRole("dialog", { name: "Empty the trash?" })
    await dialog.getByText("3 conversations").waitFor()
    // One is restored meanwhile: the question says so, and it is not meant.
    await call(web.node, "DELETE", "/conversations/c-j/trash", {})
    await dialog.getByText("2 conversations").waitFor()
    await dialog.getByRole("button", { name: "Delete for good" }).click()
    await page.getByText("2 conversations deleted for good.").waitFor()
    await gone(visitor, "Lantern K")
    await trashHolds()
    const stand = async (id: string) => (await call(web.node, "GET", `/conversations/${id}`)).status
    assert.deepStrictEqual(await Promise.all(["c-i", "c-j", "c-k", "c-l"].map(stand)), [404, 200, 404, 200])
    await visitor.leave()
  })

  for (const dark of [false, true]) {
    it(`axe finds nothing in the trash, its dialogs and its notices, ${dark ? "dark" : "light"}`, async () => {
      await call(web.node, "POST", "/conversations/c-l/trash", {})
      const visitor = await enter("/trash", dark)
      const { page } = visitor
      await link(visitor, "Lantern L").waitFor()
      assert.deepStrictEqual(await visitor.violations(), [], "trash")
      await page.getByRole("button", { name: "Empty the trash…" }).click()
      await page.getByRole("dialog").waitFor()
      assert.deepStrictEqual(await visitor.violations(), [], "emptying")
      await page.keyboard.press("Escape")
      await pick(visitor, "Lantern L", "Delete for good…")
      await page.getByRole("dialog").waitFor()
      assert.deepStrictEqual(await visitor.violations(), [], "deleting one")
      await page.keyboard.press("Escape")
      await page.getByRole("button", { name: "Restore Lantern L" }).click()
      await page.getByRole("heading", { name: "The trash is empty" }).waitFor()
      assert.deepStrictEqual(await visitor.violations(), [], "nothing in it")
      await page.goto("/c/c-l")
      await page.getByRole("button", { name: "Actions" }).click()
      await page.getByRole("menuitem", { name: "Move to trash" }).click()
      await page.getByRole("region", { name: "In the trash" }).waitFor()
      await page.getByRole("button", { name: "Undo" }).waitFor()
      assert.deepStrictEqual(await visitor.violations(), [], "a conversation in the trash, and the notice of it")
      await call(web.node, "DELETE", "/conversations/c-l/trash", {})
      await visitor.leave()
    })
  }
})
