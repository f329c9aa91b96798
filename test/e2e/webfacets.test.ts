/** The counts beside the filters of the library, as people press them. */
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { openBrowser } from "./Browser.ts"
import { call, type NodeProcess, startNode } from "./NodeProcess.ts"

const fixtures = path.resolve(import.meta.dirname, "../fixtures/exports")

let node: NodeProcess
let browser: Awaited<ReturnType<typeof openBrowser>>

beforeAll(async () => {
  node = await startNode()
  browser = await openBrowser(node.origin)
  for (const name of ["chatgpt/chatgpt-export-2026-split.zip", "claude", "generic/transcript.md"]) {
    assert.strictEqual((await node.vivim("import", path.join(fixtures, name))).code, 0)
  }
  const { items } = (await call(node, "GET", "/conversations?limit=100")).body
  const to = (title: string) =>
    `/conversations/${items.find((one: { title: string }) => one.title === title).documentId}`
  await call(node, "POST", `${to("What does the lease say?")}/archive`, {})
  await call(node, "POST", `${to("Voice: shopping list")}/trash`, {})
  for (const title of ["Naming the cat", "Kyoto in November"]) {
    await call(node, "POST", `${to(title)}/tags`, { tag: "home" })
  }
}, 180_000)

afterAll(async () => {
  await browser?.close()
  await node?.stop()
})

describe("the facets", () => {
  it("count what a click on them shows, whatever else is chosen", async () => {
    const visitor = await browser.visit({ token: node.token() })
    const { page } = visitor
    const panel = page.getByRole("complementary", { name: "Filters" })
    const list = page.getByRole("list", { name: "Conversations" })
    const settledPanel = () => visitor.becomes("document.querySelector('aside').ariaBusy === 'false'")
    /** Presses each of the switches that say how many, and compares; but those that would give up what is chosen. */
    const agree = async (but = /^$/) => {
      await settledPanel()
      const switches = panel.getByRole("button", { pressed: false }).filter({ hasText: /\d+$/ })
      const names = await switches.evaluateAll((all: ReadonlyArray<any>) => all.map(({ textContent }) => textContent))
      assert.isNotEmpty(names)
      for (const said of names.filter((said) => !but.test(said))) {
        const [, name, count] = /^#?(.*?)(\d+)$/.exec(said)!
        const button = panel.getByRole("button", { name: name!.trim() })
        await button.click()
        await visitor.becomes(
          `document.querySelector("main p[aria-live]").textContent === "${
            count === "1" ? "1 conversation" : count === "0" ? "" : `${count} conversations`
          }"`
        )
        assert.strictEqual(await button.innerText().then((text) => /\d+$/.exec(text)![0]), count)
        assert.isTrue(await button.evaluate((element: any) => element.matches(":focus")), `${name} keeps the focus`)
        await button.click()
        await panel.getByRole("button", { name: name!.trim(), pressed: false }).waitFor()
        await settledPanel()
      }
    }
    await list.getByRole("link").first().waitFor()
    await panel.getByRole("button", { name: /^Archived/ }).getByText("1", { exact: true }).waitFor()
    await agree()
    await panel.getByRole("button", { name: "ChatGPT" }).click()
    await panel.getByRole("button", { name: "ChatGPT", pressed: true }).waitFor()
    await agree(/Claude|Markdown/)
    await page.goto("/?archived=yes")
    await list.getByRole("link", { name: "What does the lease say?" }).waitFor()
    await panel.getByRole("button", { name: /ChatGPT/ }).getByText("1", { exact: true }).waitFor()
    await agree()
    await visitor.leave()
  })
})
