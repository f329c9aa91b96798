/** The browser's crypto engine in a real browser: public vectors, hostile signatures, the reference beside it, and keys that stay. */
import { build } from "esbuild"
import * as fs from "node:fs"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { mix } from "../conformance/CryptoDifferential.ts"
import { hasVectors, vectorFile } from "../conformance/CryptoEngines.ts"
import { questions } from "../conformance/CryptoVectors.ts"
import { openBrowser, type Visitor } from "./Browser.ts"
import type { Door } from "./CryptoPage.ts"

const golden = fs.readFileSync(path.resolve(import.meta.dirname, "../fixtures/crypto/suite-v1.json"), "utf8")
const page = `<!doctype html><link rel="icon" href="data:,"><title>crypto</title><script src="/page.js"></script>`

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, "CryptoPage.ts")],
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false
  })
  return outputFiles[0]!.text
}

let server: http.Server
let browser: Awaited<ReturnType<typeof openBrowser>>
let visitor: Visitor
let script = ""

beforeAll(async () => {
  script = await bundle()
  server = http.createServer(({ url = "/" }, response) => {
    const file = /^\/vectors\/(.+)$/.exec(url)?.[1]
    if (file !== undefined && file in questions) fs.createReadStream(vectorFile(file)).pipe(response)
    else if (url === "/page.js") response.setHeader("content-type", "text/javascript").end(script)
    else response.setHeader("content-type", "text/html").end(page)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  browser = await openBrowser(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  visitor = await browser.visit()
}, 180_000)

afterAll(async () => {
  await visitor?.leave()
  await browser?.close()
  server?.close()
})

const called = (door: Door, ...given: ReadonlyArray<unknown>) =>
  visitor.page.evaluate<any>(`vivim.${door}(...${JSON.stringify(given)})`)

describe("the engine of a browser", () => {
  it("needs nothing of Node's", () => assert.notMatch(script, /\brequire\(|from "node:/))

  it("gives the verdict of the strict profile on signatures that verifiers differ on", async () => {
    const { cases, wrong } = await called("forgeries")
    assert.deepStrictEqual(wrong, [])
    assert.isAtLeast(cases, 400)
  })

  // The vectors lie beside the project, not in it.
  it.skipIf(!hasVectors).each(Object.keys(questions))("agrees with %s", async (file) => {
    const { cases, wrong } = await called("vectors", file)
    assert.deepStrictEqual(wrong, [])
    assert.isAtLeast(cases, 1)
  })

  it.each([1, 2, 3])("and the reference agree on 1,000 random inputs of seed %d", async (seed) => {
    const { cases, differing } = await called("differential", 1, seed)
    assert.deepStrictEqual(differing, [])
    assert.deepStrictEqual(cases, mix)
  })

  it("makes and opens the golden examples", async () => {
    assert.deepStrictEqual(await called("make"), JSON.parse(golden))
    assert.deepStrictEqual(await called("lost", JSON.parse(golden)), [])
  })

  it("keeps a key that signs and cannot be taken out", async () => {
    assert.strictEqual(await called("deviceKeys"), "signed and stayed")
  })
})
