/** A node and a browser that knows it, for all tests of a file: opened before the first of them, closed after the last. */
import { afterAll, beforeAll } from "vitest"
import { openBrowser } from "./Browser.ts"
import { type NodeProcess, startNode } from "./NodeProcess.ts"

interface WebNode {
  /** Another process takes its place where a test ends it and starts it again. */
  node: NodeProcess
  readonly browser: Awaited<ReturnType<typeof openBrowser>>
}

/** `host` is the name by which the browser knows the node, where that is not its address. */
export const openWebNode = (
  options: Parameters<typeof startNode>[0] = {},
  host = "127.0.0.1"
): WebNode => {
  const open: Partial<{ -readonly [part in keyof WebNode]: WebNode[part] }> = {}
  beforeAll(async () => {
    open.node = await startNode(options)
    open.browser = await openBrowser(open.node.origin.replace("127.0.0.1", host))
  }, 180_000)
  afterAll(async () => {
    await open.browser?.close()
    await open.node?.stop()
  })
  return open as WebNode
}
