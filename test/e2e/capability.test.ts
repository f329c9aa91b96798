/** Capabilities on a real node: what they open beside sessions, over RPC and REST, and what they do not, whatever is tried. */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as Lent from "@vivim/client/Lent"
import { type Calls, VivimClient } from "@vivim/client/VivimClient"
import * as Delegation from "@vivim/crypto/capability/Delegation"
import * as Env from "@vivim/crypto/capability/Env"
import * as Token from "@vivim/crypto/capability/Token"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { AccountKey } from "@vivim/node/AccountKey"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { bo, cy, isRefused, type Lending, now, refusal, startLending } from "./Lending.ts"
import { call, until } from "./NodeProcess.ts"

let w: Lending
beforeAll(async () => {
  w = await startLending()
})
afterAll(() => w.node.stop())

describe("capabilities", () => {
  it("open a conversation of the owner's to who holds one, and nothing else of it", async () => {
    const chain = [await w.mint()]
    const own = (await call(w.node, "GET", `/conversations/${w.id}`)).body
    const found = await w.outline(chain)
    assert.strictEqual(found.status, 200, JSON.stringify(found.body))
    assert.deepStrictEqual(found.body, own)
    const body = JSON.stringify({ ids: own.nodes.map((one: any) => one.id).slice(0, 5) })
    const messages = await w.ask(chain, bo, "POST", `/conversations/${w.id}/read`, { body })
    assert.deepStrictEqual(
      messages.body,
      (await call(w.node, "POST", `/conversations/${w.id}/read`, JSON.parse(body))).body
    )
    assert.isAbove(messages.body.length, 0)
    for (
      const [method, at] of [
        ["GET", "/conversations"],
        ["GET", "/account"],
        ["GET", "/events"],
        ["GET", "/capabilities"],
        ["DELETE", `/conversations/${w.id}`],
        ["POST", `/conversations/${w.id}/trash`],
        ["GET", `/conversations/${w.ids[1]}`],
        ["GET", `/conversations/${w.ids[1]}/units`]
      ] as const
    ) isRefused(await w.ask(chain, bo, method, at, method === "GET" ? {} : { body: "{}" }))
    isRefused(await w.ask(chain, bo, "PATCH", `/conversations/${w.id}`, w.write("Mine")))
    assert.strictEqual((await fetch(`${w.node.origin}/api/v1/conversations/${w.id}`)).status, 401)
  })

  it("let their holder write where they say so, and the log says through which", async () => {
    const chain = [await w.mint({ command: "/content/write" })]
    const renamed = await w.ask(chain, bo, "PATCH", `/conversations/${w.id}`, w.write("Named by Bo"))
    assert.strictEqual(renamed.status, 200, JSON.stringify(renamed.body))
    const [event] =
      (await call(w.node, "GET", `/events?stream=document/${w.id}&types=document.ConversationRenamed`)).body
    assert.deepStrictEqual([event.by, event.device], [w.me.did, Delegation.read(chain[0]!)!.cid])
    const tag = { body: JSON.stringify({ tag: "lent" }), of: w.write("").of! }
    assert.strictEqual((await w.ask(chain, bo, "POST", `/conversations/${w.id}/tags`, tag)).status, 200)
    isRefused(await w.ask(chain, bo, "POST", `/conversations/${w.id}/archive`, { body: "{}", of: w.write("").of! }))
  })

  it("hand out what the conversation holds, and no other file of the owner's", async () => {
    const held: Array<{ readonly of: string; readonly hash: string }> = []
    for (const of of w.ids) {
      const { nodes } = (await call(w.node, "GET", `/conversations/${of}`)).body
      const messages = (await call(w.node, "POST", `/conversations/${of}/read`, {
        ids: nodes.map((one: any) => one.id)
      })).body
      for (const { blocks } of messages) {
        for (const { content } of blocks) {
          if (content) held.push({ of, hash: content.hash })
        }
      }
    }
    const [one] = held
    const other = held.find(({ hash, of }) => of !== one!.of && hash !== one!.hash)
    assert.isDefined(one, "the export holds pictures")
    const chain = [await w.mint({}, one!.of)]
    const of = { command: "/content/read", resource: `document/${one!.of}` }
    const get = async (hash: string, query = `?of=${one!.of}`) => {
      const at = `/content/${hash}${query}`
      const authorization = await w.headerFor(chain, bo, "GET", at, { of })
      return (await fetch(`${w.node.origin}/api/v1${at}`, { headers: { authorization } })).status
    }
    assert.strictEqual(await get(one!.hash), 200)
    assert.strictEqual(await get("a".repeat(64)), 404)
    assert.strictEqual(await get(one!.hash, ""), 403)
    if (other !== undefined) assert.strictEqual(await get(other.hash), 404)
  })

  it("are passed on by who may share, and no further than that", async () => {
    const first = await w.mint({ command: "/content/share" })
    const second = w.pass(first, bo, { command: "/content/read" })
    assert.strictEqual((await w.outline([first, second], cy)).status, 200)
    isRefused(await w.outline([first, w.pass(first, bo, { command: "/content/admin" })], cy))
    isRefused(await w.outline([first, second], bo))
    const reader = await w.mint()
    isRefused(await w.outline([reader, w.pass(reader, bo)], cy))
  })

  it("open nothing to whoever replays a use, alters it, or brings another's", async () => {
    const chain = [await w.mint()]
    const at = `/conversations/${w.id}`
    const header = await w.headerFor(chain, bo, "GET", at)
    assert.strictEqual((await w.ask(chain, bo, "GET", at, { header })).status, 200)
    isRefused(await w.ask(chain, bo, "GET", at, { header }))
    isRefused(await w.ask(chain, cy, "GET", at))
    isRefused(await w.ask(chain, bo, "GET", `${at}/units`, { header: await w.headerFor(chain, bo, "GET", at) }))
    isRefused(
      await w.ask(chain, bo, "GET", `${at}/units?messageId=x`, {
        header: await w.headerFor(chain, bo, "GET", `${at}/units`)
      })
    )
    const read = { body: JSON.stringify({ ids: [] }) }
    const signed = await w.headerFor(chain, bo, "POST", `${at}/read`, read)
    isRefused(await w.ask(chain, bo, "POST", `${at}/read`, { body: JSON.stringify({ ids: ["m1"] }), header: signed }))
    for (const bad of ["x", "x.y", Token.write(chain), `${Token.write(chain)}.`, "a".repeat(5_000)]) {
      isRefused(await w.ask(chain, bo, "GET", at, { header: `Capability ${bad}` }))
    }
    // Signed by its owner, and yet never recorded here.
    const kept = Delegation.mint(`document/${w.id}`, {
      audience: bo.did,
      command: "/content/read",
      expires: now() + 60,
      bounds: { epoch: 0 }
    }, {
      issuer: w.me.did,
      sign: w.me.sign,
      nonce: randomBytes(16)
    })
    isRefused(await w.outline([kept]))
    const theirs = Delegation.mint(`document/${w.id}`, {
      audience: bo.did,
      command: "/content/read",
      expires: now() + 60,
      bounds: { epoch: 0 }
    }, {
      issuer: cy.did,
      sign: cy.sign,
      nonce: randomBytes(16)
    })
    isRefused(await w.outline([theirs]))
    assert.strictEqual(
      (await call(w.node, "POST", "/capabilities", { chain: Token.write([theirs]), label: "" })).status,
      409
    )
  })

  it("see where they are used from by what the node sees, not by what is said", async () => {
    const near = [await w.mint({ statements: [Env.allowedIps(["127.0.0.0/8"])] })]
    const far = [await w.mint({ statements: [Env.allowedIps(["203.0.113.0/24"])] })]
    const sure = [await w.mint({ statements: [Env.requiresTwoFactor] })]
    assert.strictEqual((await w.outline(near)).status, 200)
    isRefused(await w.outline(far))
    isRefused(await w.outline(sure))
    const authorization = await w.headerFor(far, bo, "GET", `/conversations/${w.id}`)
    const response = await fetch(`${w.node.origin}/api/v1/conversations/${w.id}`, {
      headers: {
        authorization,
        "x-forwarded-for": "203.0.113.5",
        "vivim-peer": "203.0.113.5",
        forwarded: "for=203.0.113.5"
      }
    })
    assert.strictEqual(response.status, 403)
  })

  it("are used as often as they may be and never more, however many use them at once", async () => {
    const first = await w.mint({ command: "/content/share", bounds: { max: 12 } })
    const second = w.pass(first, bo, { bounds: { max: 5 } })
    const uses = Array.from({ length: 40 }, (_, n) => n % 2 === 0 ? w.outline([first]) : w.outline([first, second], cy))
    const opened = (await Promise.all(uses)).map(({ status }) => status === 200)
    assert.strictEqual(opened.filter((is) => is).length, 12)
    assert.isAtMost(opened.filter((is, n) => is && n % 2 === 1).length, 5)
    const { cid } = Delegation.read(first)!
    const seen = await until(
      async () => (await call(w.node, "GET", "/capabilities")).body.find((one: any) => one.cid === cid),
      (one) => one?.uses === 12,
      "the owner sees the uses"
    )
    assert.deepInclude(seen, { usesMax: 12, label: "a test", right: "/content/share", revokedAt: null })
    const shown = (await call(w.node, "GET", `/capabilities/${cid}/uses`)).body
    assert.strictEqual(shown.length, 12)
    assert.match(shown[0].call, /^GET \/api\/v1\/conversations\//)
  })

  it("are taken back at once: by their owner, by who passed them on, and all together", async () => {
    const first = await w.mint({ command: "/content/share" })
    const second = w.pass(first, bo, { command: "/content/read" })
    assert.strictEqual((await w.outline([first, second], cy)).status, 200)
    const revocations = `/conversations/${w.id}/revocations`
    const take = (chain: ReadonlyArray<Uint8Array>, by: AccountKey, revoked: ReadonlyArray<Uint8Array>) =>
      w.ask(chain, by, "POST", revocations, {
        body: JSON.stringify({ chain: Token.write(revoked) }),
        of: { command: "/content/relay", resource: `document/${w.id}` }
      })
    assert.strictEqual((await take([first, second], cy, [first])).status, 409, "not one that Cy passed on")
    assert.strictEqual((await take([first], bo, [first, second])).status, 200)
    isRefused(await w.outline([first, second], cy))
    assert.strictEqual((await w.outline([first])).status, 200, "what it hung on stays")
    assert.strictEqual((await call(w.node, "DELETE", `/capabilities/${Delegation.read(first)!.cid}`, {})).status, 200)
    isRefused(await w.outline([first]))
    isRefused(await w.outline([first, second], cy))

    const before = [await w.mint()]
    assert.strictEqual((await w.outline(before)).status, 200)
    assert.strictEqual((await call(w.node, "POST", `/conversations/${w.id}/epoch`, {})).status, 200)
    isRefused(await w.outline(before))
    await until(
      async () => (await call(w.node, "GET", `/conversations/${w.id}/epoch`)).body.epoch,
      (epoch) => epoch === 1,
      "the epoch is seen"
    )
    const shut = [await w.mint({ audience: cy.did })]
    assert.strictEqual((await w.outline(shut, cy)).status, 200)
    assert.strictEqual((await call(w.node, "POST", `/users/${cy.did}/ban`, { reason: "a test" })).status, 200)
    isRefused(await until(() => w.outline(shut, cy), ({ status }) => status === 403, "who is banned is lent nothing"))
  })

  it("are used over RPC: bound to the call and its payload, from where the line comes, each answer once", async () => {
    const chain = Token.write([await w.mint({ statements: [Env.allowedIps(["127.0.0.0/8"])] })])
    const far = Token.write([await w.mint({ statements: [Env.allowedIps(["203.0.113.0/24"])] })])
    const holder = { ...bo, chain }
    const asked = { documentId: w.id } as any
    const line = VivimClient.layer({
      url: `${w.node.origin.replace(/^http/, "ws")}/rpc`,
      token: Redacted.make("none"),
      patience: "2 seconds"
    }).pipe(Layer.provide(NodeSocket.layerWebSocketConstructor))
    await Effect.runPromise(
      Effect.gen(function*() {
        const rpc: Calls = yield* VivimClient
        const headersOf = (tag: string, payload: unknown, by = holder) =>
          Effect.map(Lent.forCall(tag, payload, by), (authorization) => ({ authorization }))
        const headers = yield* headersOf("WatchConversation", asked)
        const answers = yield* Stream.runCollect(Stream.take(rpc.WatchConversation(asked, { headers }), 1))
        assert.strictEqual(answers.length, 1)
        const ids = [...answers][0]!.nodes.slice(0, 2).map((one) => one.id)
        const payload = { documentId: asked.documentId, ids }
        const messages = yield* rpc.ReadMessages(payload, { headers: yield* headersOf("ReadMessages", payload) })
        assert.strictEqual(messages.length, 2)
        const refused = (ask: Effect.Effect<unknown, any>) =>
          Effect.map(Effect.flip(ask), (error) => assert.deepInclude(error, refusal))
        yield* refused(
          rpc.ReadMessages(payload, { headers: yield* headersOf("ReadMessages", { ...payload, ids: [] }) })
        )
        yield* refused(rpc.ReadUnits(asked, { headers: yield* headersOf("WatchConversation", asked) }))
        yield* refused(Stream.runHead(rpc.WatchConversation(asked, { headers })))
        yield* refused(Stream.runHead(rpc.WatchAccount({}, { headers: yield* headersOf("WatchConversation", asked) })))
        yield* refused(
          rpc.ReadMessages(payload, { headers: yield* headersOf("ReadMessages", payload, { ...bo, chain: far }) })
        )
        yield* refused(
          rpc.TagConversation({ ...asked, tag: "x" as any, commandId: yield* CommandIds.next }, { headers })
        )
      }).pipe(Effect.provide(line))
    )
  })

  it("are let, listed and taken back from the command line", async () => {
    const minted = await w.node.vivim(
      "capability",
      "mint",
      w.id,
      "--to",
      bo.did,
      "--uses",
      "2",
      "--label",
      "for Bo",
      "--json"
    )
    assert.strictEqual(minted.code, 0, minted.stderr)
    const { chain, cid } = JSON.parse(minted.stdout)
    const signed = Token.read(chain)!.map(({ envelope }) => envelope.bytes)
    assert.strictEqual((await w.outline(signed)).status, 200)
    const listed = await until(
      async () => (await w.node.vivim("capability", "list")).stdout,
      (text) => text.includes("used 1 of 2 times"),
      "the use is listed"
    )
    assert.include(listed, `${cid}  open`)
    assert.include(listed, "(for Bo)")
    assert.strictEqual((await w.node.vivim("capability", "revoke", cid)).code, 0)
    assert.strictEqual((await w.node.vivim("capability", "revoke", cid)).code, 2)
    isRefused(await w.outline(signed))
    assert.strictEqual((await w.node.vivim("capability", "mint", w.id, "--to", "nobody")).code, 2)
    assert.strictEqual((await w.node.vivim("capability", "mint", w.id, "--to", bo.did, "--for", "2000 days")).code, 2)
    assert.strictEqual((await w.node.vivim("capability", "mint", w.id, "--to", bo.did, "--from", "nowhere")).code, 2)
    assert.notInclude(w.node.output(), chain, "what was handed over is in no log")
    assert.include(w.node.output(), "a capability was refused")
  })
})
