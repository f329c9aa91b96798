/** The guard of fetching, against addresses written to deceive it. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as fs from "node:fs"
import * as net from "node:net"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { nodeWire } from "./NodeWire.ts"
import { type Answer, ask, fetchJson, isPublic, type Limits, NotFetched, type Wire } from "./SafeFetch.ts"

const limits: Limits = { bytesMax: 1_000, timeMax: "10 seconds", redirectsMax: 2 }
const good: Answer = {
  status: 200,
  contentType: "application/json; charset=utf-8",
  location: null,
  body: new TextEncoder().encode(`{"a":1}`)
}

/** A wire that notes where it was sent; names are answered from a list, turn by turn. */
const wireOf = (dns: ReadonlyArray<ReadonlyArray<string>>, answers: ReadonlyArray<Partial<Answer>> = [{}]) => {
  const sent: Array<string> = []
  let asked = 0
  let looked = 0
  const wire: Wire = {
    lookup: () => Effect.sync(() => dns[Math.min(looked++, dns.length - 1)] ?? []),
    ask: (_, address) =>
      Effect.sync(() => {
        sent.push(address)
        return { ...good, ...answers[Math.min(asked++, answers.length - 1)] }
      })
  }
  return { wire, sent }
}

const reach = (wire: Wire, url: string, bounds = limits) =>
  Effect.runPromise(Effect.either(fetchJson(wire, bounds, url, "application/did+json, application/json")))

const publicAddress = [["93.184.216.34"]]
const refusal = (answer: Either.Either<unknown, NotFetched>) => Either.isLeft(answer) ? answer.left.reason : "fetched"
const file = path.resolve(import.meta.dirname, "../../../../../shared/vectors/ssrf/urls.json")

describe("SafeFetch", () => {
  // The list of hostile addresses lies beside the repository, and not on every machine.
  it.skipIf(!fs.existsSync(file))("X1 sends no byte to any address of the list of hostile ones", async () => {
    const { allow, deny } = JSON.parse(fs.readFileSync(file, "utf8"))
    for (const { dns = publicAddress, redirect, url } of deny) {
      const { sent, wire } = wireOf(dns, redirect === undefined ? [{}] : [{ status: 302, location: redirect }])
      assert.strictEqual(refusal(await reach(wire, url)), "notAllowed", url)
      // What redirects is asked itself; where it leads is not.
      assert.deepStrictEqual(sent, redirect === undefined ? [] : dns[0], url)
      // The same host by https: it is the address that is refused, not the scheme.
      if (url.startsWith("http://") && !url.includes("example.com")) {
        assert.strictEqual(refusal(await reach(wire, url.replace("http:", "https:"))), "notAllowed", url)
      }
    }
    for (const { dns, url } of allow) {
      const { sent, wire } = wireOf(dns)
      assert.deepStrictEqual(await reach(wire, url), Either.right({ a: 1 }))
      assert.deepStrictEqual(sent, dns[0])
    }
  })

  it("X1 knows public addresses from all others, and no address from a name", () => {
    for (const address of ["1.1.1.1", "93.184.216.34", "2606:2800:220:1::1", "2a00:1450::1"]) {
      assert.isTrue(isPublic(address))
    }
    for (
      const address of [
        "::",
        "::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "fe80::1%eth0",
        "2001:0:1::1",
        "3fff::1",
        "4000::1",
        "example.com",
        ""
      ]
    ) assert.isFalse(isPublic(address), address)
  })

  it("X1 checks every step of a redirect, and takes so many", async () => {
    const step = (location: string) => ({ status: 301, location })
    const round = wireOf(publicAddress, [step("/again")])
    assert.strictEqual(refusal(await reach(round.wire, "https://a.example/")), "badStatus")
    assert.lengthOf(round.sent, 3)
    const fine = wireOf(publicAddress, [step("https://b.example/x"), step("/y"), {}])
    assert.deepStrictEqual(await reach(fine.wire, "https://a.example/"), Either.right({ a: 1 }))
    const inward = wireOf([["93.184.216.34"], ["10.0.0.1"]], [step("https://b.example/")])
    assert.strictEqual(refusal(await reach(inward.wire, "https://a.example/")), "notAllowed")
    assert.lengthOf(inward.sent, 1)
  })

  it("X2 connects to the address it is given, and names the host in the handshake only", async () => {
    const hello = await new Promise<Buffer>((resolve) => {
      const server = net.createServer((socket) =>
        socket.once("data", (bytes) => {
          socket.destroy()
          server.close(() => resolve(bytes))
        })
      )
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as net.AddressInfo
        const url = new URL(`https://pinned.example:${port}/`)
        void Effect.runPromiseExit(nodeWire.ask(url, "127.0.0.1", { method: "GET", headers: {} }, 10))
      })
    })
    assert.include(hello.toString("latin1"), "pinned.example")
  })

  it("X3 takes so many bytes, of the kind asked for, with a good status, in time", async () => {
    const answers = (answer: Partial<Answer>) => reach(wireOf(publicAddress, [answer]).wire, "https://a.example/")
    assert.strictEqual(refusal(await answers({ body: new Uint8Array(1_001) })), "tooLarge")
    assert.strictEqual(refusal(await answers({ contentType: "text/html" })), "notOfKind")
    assert.strictEqual(refusal(await answers({ contentType: "" })), "notOfKind")
    assert.strictEqual(refusal(await answers({ body: Uint8Array.of(0xff) })), "notOfKind")
    assert.strictEqual(refusal(await answers({ status: 404 })), "badStatus")
    assert.strictEqual(refusal(await answers({ status: 302, location: null })), "badStatus")
    assert.strictEqual(refusal(await reach(wireOf([[]]).wire, "https://a.example/")), "unreachable")
    const silent: Wire = { ...wireOf(publicAddress).wire, ask: () => Effect.never }
    assert.strictEqual(
      refusal(await reach(silent, "https://a.example/", { ...limits, timeMax: "10 millis" })),
      "tooLong"
    )
  })

  it("X4 goes to private hosts only where the operator says so, and no further", async () => {
    const there = (url: string, privateToo: boolean, answer: Partial<Answer> = {}) => {
      const { sent, wire } = wireOf([["10.0.0.1"]], [answer])
      const asked = ask(wire, { ...limits, privateToo }, url, { method: "POST", headers: {}, body: "a=1" })
      return Effect.runPromise(Effect.either(asked)).then((got) => [refusal(got), sent.length])
    }
    for (const url of ["https://id.lan/token", "http://127.0.0.1:9000/token", "https://a.example:8443/token"]) {
      assert.deepStrictEqual(await there(url, true), ["fetched", 1], url)
      assert.deepStrictEqual(await there(url, false), ["notAllowed", 0], url)
    }
    assert.deepStrictEqual(await there("file:///etc/passwd", true), ["notAllowed", 0])
    assert.deepStrictEqual(await there("http://ada:secret@127.0.0.1/", true), ["notAllowed", 0])
    assert.deepStrictEqual(await there("https://id.lan/", true, { body: new Uint8Array(1_001) }), ["tooLarge", 1])
    assert.deepStrictEqual(await there("https://id.lan/", true, { status: 302, location: "/x" }), ["fetched", 1])
  })
})
