/** Capabilities on a real node: what they open beside sessions, over RPC and REST, and what they do not, whatever is tried. */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as Lent from "@vivim/client/Lent"
import { type Calls, VivimClient } from "@vivim/client/VivimClient"
import * as Delegation from "@vivim/crypto/capability/Delegation"
import * as Env from "@vivim/crypto/capability/Env"
import * as Token from "@vivim/crypto/capability/Token"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as DidKey from "@vivim/crypto/DidKey"
import * as SigningKey from "@vivim/crypto/SigningKey"
import * as AccountKey from "@vivim/node/AccountKey"
import { folders } from "@vivim/node/Folders"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { call, type NodeProcess, startNode, until } from "./NodeProcess.ts"

const file = path.resolve(import.meta.dirname, "../fixtures/exports/chatgpt/chatgpt-export-2026-split.zip")

const stranger = (): AccountKey.AccountKey => {
  const { publicKey, sign } = SigningKey.fromSeed(randomBytes(32))
  return { did: DidKey.fromEd25519(publicKey), sign }
}
const [bo, cy] = [stranger(), stranger()]
const now = () => Math.floor(Date.now() / 1_000)

describe("capabilities", () => {
  let node: NodeProcess
  let me: AccountKey.AccountKey
  let ids: ReadonlyArray<string>
  let id: string

  beforeAll(async () => {
    node = await startNode()
    assert.strictEqual((await node.vivim("import", file)).code, 0)
    me = AccountKey.open(folders(node.dataDir, ""), "me")!
    ids = (await call(node, "GET", "/conversations")).body.items.map(({ documentId }: any) => documentId)
    id = ids[0]!
  })
  afterAll(() => node.stop())

  /** The owner lets somebody do something; answers the chain. */
  const mint = async (more: Partial<Delegation.Granted> = {}, documentId = id) => {
    const { epoch } = (await call(node, "GET", `/conversations/${documentId}/epoch`)).body
    const granted = { audience: bo.did, command: "/content/read", expires: now() + 600, ...more }
    const signed = Delegation.mint(`document/${documentId}`, { ...granted, bounds: { epoch, ...more.bounds } }, {
      issuer: me.did,
      sign: me.sign,
      nonce: randomBytes(16)
    })
    const recorded = await call(node, "POST", "/capabilities", { chain: Token.write([signed]), label: "a test" })
    assert.strictEqual(recorded.status, 200, JSON.stringify(recorded.body))
    return signed
  }
  const pass = (parent: Uint8Array, holder: AccountKey.AccountKey, more: Partial<Delegation.Granted> = {}) =>
    Delegation.delegate(Delegation.read(parent)!, { audience: cy.did, ...more }, {
      issuer: holder.did,
      sign: holder.sign,
      nonce: randomBytes(16)
    })

  interface Over {
    readonly body?: string
    readonly of?: { readonly command: string; readonly resource: string }
    readonly header?: string
  }
  const headerFor = (
    chain: ReadonlyArray<Uint8Array>,
    holder: AccountKey.AccountKey,
    method: string,
    at: string,
    over: Over = {}
  ) =>
    Effect.runPromise(Lent.forRequest(
      { method, address: `/api/v1${at}`, ...over.body === undefined ? {} : { body: over.body } },
      over.of ?? { command: "/content/read", resource: `document/${id}` },
      { ...holder, chain: Token.write(chain) }
    ))
  /** A call over REST by who holds the end of a chain. */
  const ask = async (
    chain: ReadonlyArray<Uint8Array>,
    holder: AccountKey.AccountKey,
    method: string,
    at: string,
    over: Over = {}
  ) => {
    const authorization = over.header ?? await headerFor(chain, holder, method, at, over)
    const response = await fetch(`${node.origin}/api/v1${at}`, {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...over.body === undefined ? {} : { body: over.body }
    })
    const text = await response.text()
    return { status: response.status, body: text === "" ? null : JSON.parse(text) }
  }
  const outline = (chain: ReadonlyArray<Uint8Array>, holder = bo) => ask(chain, holder, "GET", `/conversations/${id}`)
  const refusal = { _tag: "NotAllowed", message: "this capability does not open this" }
  const isRefused = ({ body, status }: { readonly body: unknown; readonly status: number }) => {
    assert.strictEqual(status, 403, JSON.stringify(body))
    assert.deepStrictEqual(body, refusal as any, "one sentence, whatever the reason")
  }
  const write = (title: string): Over => ({
    body: JSON.stringify({ title }),
    of: { command: "/content/write", resource: `document/${id}` }
  })

  it("open a conversation of the owner's to who holds one, and nothing else of it", async () => {
    const chain = [await mint()]
    const own = (await call(node, "GET", `/conversations/${id}`)).body
    const found = await outline(chain)
    assert.strictEqual(found.status, 200, JSON.stringify(found.body))
    assert.deepStrictEqual(found.body, own)
    const body = JSON.stringify({ ids: own.nodes.map((one: any) => one.id).slice(0, 5) })
    const messages = await ask(chain, bo, "POST", `/conversations/${id}/read`, { body })
    assert.deepStrictEqual(
      messages.body,
      (await call(node, "POST", `/conversations/${id}/read`, JSON.parse(body))).body
    )
    assert.isAbove(messages.body.length, 0)
    for (
      const [method, at] of [
        ["GET", "/conversations"],
        ["GET", "/account"],
        ["GET", "/events"],
        ["GET", "/capabilities"],
        ["DELETE", `/conversations/${id}`],
        ["POST", `/conversations/${id}/trash`],
        ["GET", `/conversations/${ids[1]}`],
        ["GET", `/conversations/${ids[1]}/units`]
      ] as const
    ) isRefused(await ask(chain, bo, method, at, method === "GET" ? {} : { body: "{}" }))
    isRefused(await ask(chain, bo, "PATCH", `/conversations/${id}`, write("Mine")))
    assert.strictEqual((await fetch(`${node.origin}/api/v1/conversations/${id}`)).status, 401)
  })

  it("let their holder write where they say so, and the log says through which", async () => {
    const chain = [await mint({ command: "/content/write" })]
    const renamed = await ask(chain, bo, "PATCH", `/conversations/${id}`, write("Named by Bo"))
    assert.strictEqual(renamed.status, 200, JSON.stringify(renamed.body))
    const [event] = (await call(node, "GET", `/events?stream=document/${id}&types=document.ConversationRenamed`)).body
    assert.deepStrictEqual([event.by, event.device], [me.did, Delegation.read(chain[0]!)!.cid])
    const tag = { body: JSON.stringify({ tag: "lent" }), of: write("").of! }
    assert.strictEqual((await ask(chain, bo, "POST", `/conversations/${id}/tags`, tag)).status, 200)
    isRefused(await ask(chain, bo, "POST", `/conversations/${id}/archive`, { body: "{}", of: write("").of! }))
  })

  it("hand out what the conversation holds, and no other file of the owner's", async () => {
    const held: Array<{ readonly of: string; readonly hash: string }> = []
    for (const of of ids) {
      const { nodes } = (await call(node, "GET", `/conversations/${of}`)).body
      const messages = (await call(node, "POST", `/conversations/${of}/read`, {
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
    const chain = [await mint({}, one!.of)]
    const of = { command: "/content/read", resource: `document/${one!.of}` }
    const get = async (hash: string, query = `?of=${one!.of}`) => {
      const at = `/content/${hash}${query}`
      const authorization = await headerFor(chain, bo, "GET", at, { of })
      return (await fetch(`${node.origin}/api/v1${at}`, { headers: { authorization } })).status
    }
    assert.strictEqual(await get(one!.hash), 200)
    assert.strictEqual(await get("a".repeat(64)), 404)
    assert.strictEqual(await get(one!.hash, ""), 403)
    if (other !== undefined) assert.strictEqual(await get(other.hash), 404)
  })

  it("are passed on by who may share, and no further than that", async () => {
    const first = await mint({ command: "/content/share" })
    const second = pass(first, bo, { command: "/content/read" })
    assert.strictEqual((await outline([first, second], cy)).status, 200)
    isRefused(await outline([first, pass(first, bo, { command: "/content/admin" })], cy))
    isRefused(await outline([first, second], bo))
    const reader = await mint()
    isRefused(await outline([reader, pass(reader, bo)], cy))
  })

  it("open nothing to whoever replays a use, alters it, or brings another's", async () => {
    const chain = [await mint()]
    const at = `/conversations/${id}`
    const header = await headerFor(chain, bo, "GET", at)
    assert.strictEqual((await ask(chain, bo, "GET", at, { header })).status, 200)
    isRefused(await ask(chain, bo, "GET", at, { header }))
    isRefused(await ask(chain, cy, "GET", at))
    isRefused(await ask(chain, bo, "GET", `${at}/units`, { header: await headerFor(chain, bo, "GET", at) }))
    isRefused(
      await ask(chain, bo, "GET", `${at}/units?messageId=x`, {
        header: await headerFor(chain, bo, "GET", `${at}/units`)
      })
    )
    const read = { body: JSON.stringify({ ids: [] }) }
    const signed = await headerFor(chain, bo, "POST", `${at}/read`, read)
    isRefused(await ask(chain, bo, "POST", `${at}/read`, { body: JSON.stringify({ ids: ["m1"] }), header: signed }))
    for (const bad of ["x", "x.y", Token.write(chain), `${Token.write(chain)}.`, "a".repeat(5_000)]) {
      isRefused(await ask(chain, bo, "GET", at, { header: `Capability ${bad}` }))
    }
    // Signed by its owner, and yet never recorded here.
    const kept = Delegation.mint(`document/${id}`, {
      audience: bo.did,
      command: "/content/read",
      expires: now() + 60,
      bounds: { epoch: 0 }
    }, {
      issuer: me.did,
      sign: me.sign,
      nonce: randomBytes(16)
    })
    isRefused(await outline([kept]))
    const theirs = Delegation.mint(`document/${id}`, {
      audience: bo.did,
      command: "/content/read",
      expires: now() + 60,
      bounds: { epoch: 0 }
    }, {
      issuer: cy.did,
      sign: cy.sign,
      nonce: randomBytes(16)
    })
    isRefused(await outline([theirs]))
    assert.strictEqual(
      (await call(node, "POST", "/capabilities", { chain: Token.write([theirs]), label: "" })).status,
      409
    )
  })

  it("see where they are used from by what the node sees, not by what is said", async () => {
    const near = [await mint({ statements: [Env.allowedIps(["127.0.0.0/8"])] })]
    const far = [await mint({ statements: [Env.allowedIps(["203.0.113.0/24"])] })]
    const sure = [await mint({ statements: [Env.requiresTwoFactor] })]
    assert.strictEqual((await outline(near)).status, 200)
    isRefused(await outline(far))
    isRefused(await outline(sure))
    const authorization = await headerFor(far, bo, "GET", `/conversations/${id}`)
    const response = await fetch(`${node.origin}/api/v1/conversations/${id}`, {
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
    const first = await mint({ command: "/content/share", bounds: { max: 12 } })
    const second = pass(first, bo, { bounds: { max: 5 } })
    const uses = Array.from({ length: 40 }, (_, n) => n % 2 === 0 ? outline([first]) : outline([first, second], cy))
    const opened = (await Promise.all(uses)).map(({ status }) => status === 200)
    assert.strictEqual(opened.filter((is) => is).length, 12)
    assert.isAtMost(opened.filter((is, n) => is && n % 2 === 1).length, 5)
    const { cid } = Delegation.read(first)!
    const seen = await until(
      async () => (await call(node, "GET", "/capabilities")).body.find((one: any) => one.cid === cid),
      (one) => one?.uses === 12,
      "the owner sees the uses"
    )
    assert.deepInclude(seen, { usesMax: 12, label: "a test", right: "/content/share", revokedAt: null })
    const shown = (await call(node, "GET", `/capabilities/${cid}/uses`)).body
    assert.strictEqual(shown.length, 12)
    assert.match(shown[0].call, /^GET \/api\/v1\/conversations\//)
  })

  it("are taken back at once: by their owner, by who passed them on, and all together", async () => {
    const first = await mint({ command: "/content/share" })
    const second = pass(first, bo, { command: "/content/read" })
    assert.strictEqual((await outline([first, second], cy)).status, 200)
    const revocations = `/conversations/${id}/revocations`
    const take = (chain: ReadonlyArray<Uint8Array>, by: AccountKey.AccountKey, revoked: ReadonlyArray<Uint8Array>) =>
      ask(chain, by, "POST", revocations, {
        body: JSON.stringify({ chain: Token.write(revoked) }),
        of: { command: "/content/relay", resource: `document/${id}` }
      })
    assert.strictEqual((await take([first, second], cy, [first])).status, 409, "not one that Cy passed on")
    assert.strictEqual((await take([first], bo, [first, second])).status, 200)
    isRefused(await outline([first, second], cy))
    assert.strictEqual((await outline([first])).status, 200, "what it hung on stays")
    assert.strictEqual((await call(node, "DELETE", `/capabilities/${Delegation.read(first)!.cid}`, {})).status, 200)
    isRefused(await outline([first]))
    isRefused(await outline([first, second], cy))

    const before = [await mint()]
    assert.strictEqual((await outline(before)).status, 200)
    assert.strictEqual((await call(node, "POST", `/conversations/${id}/epoch`, {})).status, 200)
    isRefused(await outline(before))
    await until(
      async () => (await call(node, "GET", `/conversations/${id}/epoch`)).body.epoch,
      (epoch) => epoch === 1,
      "the epoch is seen"
    )
    assert.strictEqual((await outline([await mint()])).status, 200)
  })

  it("are used over RPC: bound to the call and its payload, from where the line comes, each answer once", async () => {
    const chain = Token.write([await mint({ statements: [Env.allowedIps(["127.0.0.0/8"])] })])
    const far = Token.write([await mint({ statements: [Env.allowedIps(["203.0.113.0/24"])] })])
    const holder = { ...bo, chain }
    const asked = { documentId: id } as any
    const line = VivimClient.layer({
      url: `${node.origin.replace(/^http/, "ws")}/rpc`,
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
    const minted = await node.vivim(
      "capability",
      "mint",
      id,
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
    assert.strictEqual((await outline(signed)).status, 200)
    const listed = await until(
      async () => (await node.vivim("capability", "list")).stdout,
      (text) => text.includes("used 1 of 2 times"),
      "the use is listed"
    )
    assert.include(listed, `${cid}  open`)
    assert.include(listed, "(for Bo)")
    assert.strictEqual((await node.vivim("capability", "revoke", cid)).code, 0)
    assert.strictEqual((await node.vivim("capability", "revoke", cid)).code, 2)
    isRefused(await outline(signed))
    assert.strictEqual((await node.vivim("capability", "mint", id, "--to", "nobody")).code, 2)
    assert.strictEqual((await node.vivim("capability", "mint", id, "--to", bo.did, "--for", "2000 days")).code, 2)
    assert.strictEqual((await node.vivim("capability", "mint", id, "--to", bo.did, "--from", "nowhere")).code, 2)
    assert.notInclude(node.output(), chain, "what was handed over is in no log")
    assert.include(node.output(), "a capability was refused")
  })
})
