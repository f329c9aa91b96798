/** What a command says when the node does not hand out what it was asked for. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "vitest"
import * as Download from "./Download.ts"

const backup = { path: "backup", doing: "make a backup", what: "the backup", advice: "Run `vivim audit`." }

/** The bytes of one download, or why there are none. */
const download = async (answer: RequestListener) => {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const bytes = Download.bytesOf({ origin, headers: { authorization: "Bearer x" } }, backup)
  const outcome = await Effect.runPromise(Effect.either(Stream.runCollect(bytes)))
  server.closeAllConnections()
  server.close()
  return outcome._tag === "Right" ? Buffer.concat([...outcome.right]).toString() : outcome.left.message
}

describe("a download", () => {
  it("is the node's bytes, asked for in the session's name", async () =>
    assert.strictEqual(
      await download(({ headers, url }, response) => response.end(`${url} ${headers.authorization}`)),
      "/api/v1/backup Bearer x"
    ))

  it("that is refused, or cannot be, says why", async () => {
    assert.strictEqual(
      await download((_, response) => response.writeHead(403).end(`{"message":"not yours"}`)),
      "The node refuses: not yours."
    )
    assert.strictEqual(
      await download((_, response) => response.writeHead(503).end("?")),
      "The node cannot make a backup: it answers 503 Run `vivim audit`."
    )
  })

  it("that breaks off is no shorter download, and a node that is gone is none", async () => {
    const cut = await download((_, response) => {
      response.writeHead(200, { "content-length": "100" })
      response.write("half", () => response.destroy())
    })
    assert.match(cut, /ended the backup early|connection to the node was lost/)
    assert.match(await download((request) => request.destroy()), /connection to the node was lost/)
  })
})
