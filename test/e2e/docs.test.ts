/** The page that describes the REST face, in a browser that obeys its policy: nothing inside it is held up. */
import { afterAll, assert, beforeAll, it } from "vitest"
import { openBrowser } from "./Browser.ts"
import { type NodeProcess, startNode } from "./NodeProcess.ts"

let node: NodeProcess
let browser: Awaited<ReturnType<typeof openBrowser>>
beforeAll(async () => {
  node = await startNode()
  browser = await openBrowser(node.origin)
})
afterAll(async () => {
  await browser.close()
  await node.stop()
})

it("shows its calls, and its policy allows nothing that is not named", async () => {
  const visitor = await browser.visit()
  const page = await visitor.page.goto("/api/docs")
  assert.notInclude(page!.headers()["content-security-policy"] ?? "", "unsafe")
  await visitor.becomes("document.querySelectorAll('.opblock').length > 50")
  await visitor.leave()
})
