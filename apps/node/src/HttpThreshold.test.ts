/** The threshold on real sockets: with doors, before and after. */
import type { Server } from "node:http"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, assert, describe, it } from "vitest"
import * as HttpThreshold from "./HttpThreshold.ts"

const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

const ask = (server: Server) =>
  new Promise<{ readonly status: number | undefined; readonly text: string; readonly socket: unknown }>(
    (resolve, reject) => {
      const { port } = server.address() as AddressInfo
      http.get({ port, host: "127.0.0.1", agent }, (response) => {
        let text = ""
        response.on("data", (chunk) => text += chunk)
        response.on("end", () => resolve({ status: response.statusCode, text, socket: response.socket }))
      }).on("error", reject)
    }
  )

describe("HttpThreshold", () => {
  let server: Server
  afterEach(() => agent.destroy())

  it("D1 asks to come again while there is no door, also on a connection that a door answered before", async () => {
    server = HttpThreshold.make()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const before = await ask(server)
    assert.deepStrictEqual([before.status, JSON.parse(before.text)._tag], [503, "Unavailable"])

    const door: http.RequestListener = (_, response) => void response.end("a door")
    server.on("request", door)
    const open = await ask(server)
    assert.deepStrictEqual([open.status, open.text], [200, "a door"])

    server.off("request", door)
    const after = await ask(server)
    assert.deepStrictEqual([after.status, JSON.parse(after.text)._tag], [503, "Unavailable"])
    // Nobody holds it any more.
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
})
