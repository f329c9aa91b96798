/** A node whose owner lets others do something, those others, and how they ask it over REST with nothing but a capability. */
import * as Lent from "@vivim/client/Lent"
import * as Delegation from "@vivim/crypto/capability/Delegation"
import * as Token from "@vivim/crypto/capability/Token"
import * as DidKey from "@vivim/crypto/DidKey"
import * as SigningKey from "@vivim/crypto/SigningKey"
import * as AccountKey from "@vivim/node/AccountKey"
import { folders } from "@vivim/node/Folders"
import * as Effect from "effect/Effect"
import { randomBytes } from "node:crypto"
import * as path from "node:path"
import { assert } from "vitest"
import { call, startNode } from "./NodeProcess.ts"

const file = path.resolve(import.meta.dirname, "../fixtures/exports/chatgpt/chatgpt-export-2026-split.zip")

const stranger = (): AccountKey.AccountKey => {
  const { publicKey, sign } = SigningKey.fromSeed(randomBytes(32))
  return { did: DidKey.fromEd25519(publicKey), sign }
}
/** Two who have no account on the node. */
export const [bo, cy] = [stranger(), stranger()]
export const now = () => Math.floor(Date.now() / 1_000)

/** What is not as usual about a request. */
export interface Over {
  readonly body?: string
  readonly of?: { readonly command: string; readonly resource: string }
  readonly header?: string
}
/** What everybody hears who is refused. */
export const refusal = { _tag: "NotAllowed", message: "this capability does not open this" }
export const isRefused = ({ body, status }: { readonly body: unknown; readonly status: number }) => {
  assert.strictEqual(status, 403, JSON.stringify(body))
  assert.deepStrictEqual(body, refusal as any, "one sentence, whatever the reason")
}

const nodeWithConversations = async () => {
  const node = await startNode()
  assert.strictEqual((await node.vivim("import", file)).code, 0)
  const me = AccountKey.open(folders(node.dataDir, ""), "me")!
  const ids: ReadonlyArray<string> = (await call(node, "GET", "/conversations")).body.items
    .map(({ documentId }: any) => documentId)
  return { node, me, ids, id: ids[0]! }
}

export type Lending = Awaited<ReturnType<typeof startLending>>

/** Starts the node. */
export const startLending = async () => {
  const { id, ids, me, node } = await nodeWithConversations()
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
  const write = (title: string): Over => ({
    body: JSON.stringify({ title }),
    of: { command: "/content/write", resource: `document/${id}` }
  })
  return { node, me, ids, id, mint, pass, headerFor, ask, outline, write }
}
