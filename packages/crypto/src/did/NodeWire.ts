/** The wire of `SafeFetch` by Node: names by the system's resolver, bytes by TLS (or as the operator says) to the address that was looked at, certificate and all. */
import * as Effect from "effect/Effect"
import * as dns from "node:dns"
import * as http from "node:http"
import * as https from "node:https"
import * as net from "node:net"
import { type Answer, NotFetched, type Wire } from "./SafeFetch.ts"

const unreachable = (message: string) => new NotFetched({ reason: "unreachable", message })

/** Answers every question for an address with this one: the name is in the certificate, not on the way. */
const pinned = (address: string): net.LookupFunction => (_, options, answer) => {
  const family = net.isIP(address)
  if (options.all === true) answer(null, [{ address, family }])
  else answer(null, address, family)
}

const ask: Wire["ask"] = (url, address, { body, headers, method }, bytesMax) =>
  Effect.async<Answer, NotFetched>((resume) => {
    const by = url.protocol === "http:" ? http.request : https.request
    const request = by(url, { method, lookup: pinned(address), agent: false, headers }, (response) => {
      const chunks: Array<Buffer> = []
      let length = 0
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length <= bytesMax) return
        response.destroy()
        resume(Effect.fail(new NotFetched({ reason: "tooLarge", message: `more than ${bytesMax} bytes` })))
      })
      response.on("end", () =>
        resume(Effect.succeed({
          status: response.statusCode ?? 0,
          contentType: response.headers["content-type"] ?? "",
          location: response.headers.location ?? null,
          body: new Uint8Array(Buffer.concat(chunks))
        })))
      response.on("error", () => resume(Effect.fail(unreachable("the answer broke off"))))
    })
    request.on("error", () => resume(Effect.fail(unreachable("it does not answer"))))
    request.end(body)
    return Effect.sync(() => request.destroy())
  })

const lookup: Wire["lookup"] = (host) =>
  Effect.tryPromise({
    try: () => dns.promises.lookup(host, { all: true, verbatim: true }),
    catch: () => unreachable("no such host")
  }).pipe(Effect.map((found) => found.map(({ address }) => address)))

export const nodeWire: Wire = { lookup, ask }
