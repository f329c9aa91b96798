/** What a capability opens, and everything that is tried to make it open more. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { Did } from "@vivim/event-schemas/ids"
import { assert, describe, it } from "vitest"
import * as SigningKey from "../SigningKey.ts"
import * as Delegation from "./Delegation.ts"
import * as Env from "./Env.ts"
import * as Invocation from "./Invocation.ts"
import { by, limits, nonce, type Person, person } from "./Person.ts"
import * as Token from "./Token.ts"
import * as Verifier from "./Verifier.ts"

const [ada, bo, cy, dan] = [person(1), person(2), person(3), person(4)]
const now = 1_800_000_000
const [res, other] = ["document/d1", "document/d2"]
const bounds = { epoch: 1 }
const request: Invocation.Request = { resource: res, call: "ReadMessages", content: Uint8Array.of(1, 2) }
const env = Env.make({ ip: "203.0.113.7", twoFactor: false })

const granted = (audience: Person, more: Partial<Delegation.Granted> = {}): Delegation.Granted => ({
  audience: audience.did,
  command: "/content/share",
  expires: now + 3_600,
  bounds,
  ...more
})
const mint = (audience: Person, more: Partial<Delegation.Granted> = {}, owner = ada) =>
  Delegation.mint(res, granted(audience, more), by(owner))
const pass = (parent: Uint8Array, holder: Person, audience: Person, more: Partial<Delegation.Granted> = {}) =>
  Delegation.delegate(Delegation.read(parent)!, { audience: audience.did, ...more }, by(holder))
const chainOf = (audience = bo, more: Partial<Delegation.Granted> = {}) => {
  const first = mint(bo, more)
  const second = pass(first, bo, cy)
  return audience === bo ? [first] : audience === cy ? [first, second] : [first, second, pass(second, cy, dan)]
}

interface Use {
  readonly command?: string
  readonly request?: Invocation.Request
  readonly expires?: number
  readonly subject?: Person
  readonly proofs?: ReadonlyArray<Uint8Array>
}
const use = (chain: ReadonlyArray<Uint8Array>, holder: Person, more: Use = {}) =>
  Invocation.make({
    subject: (more.subject ?? ada).did,
    command: more.command ?? "/content/read",
    chain: (more.proofs ?? chain).map((one) => Delegation.read(one)!.cid),
    request: more.request ?? request,
    expires: more.expires ?? now + 30
  }, { issuer: holder.did, sign: holder.sign, nonce: nonce() })
const token = (chain: ReadonlyArray<Uint8Array>, holder: Person, more: Use = {}) =>
  `${Token.write(chain)}.${Token.toText(use(chain, holder, more))}`

const open = (
  text: string,
  asked: Partial<Verifier.Asked> = {},
  verifier = Verifier.make({ verify: SigningKey.verify, limits })
) => verifier.use({ token: text, command: "/content/read", request, env, now, ...asked })
const stepOf = (found: ReturnType<typeof open>) => found._tag === "Denied" ? found.step : found._tag
const step = (text: string, asked: Partial<Verifier.Asked> = {}) => stepOf(open(text, asked))

describe("Verifier", () => {
  it("S1 opens what it says to its holder", () => {
    for (const [holder, chain] of [[bo, chainOf(bo)], [cy, chainOf(cy)], [dan, chainOf(dan)]] as const) {
      const found = open(token(chain, holder))
      assert.strictEqual(found._tag, "Opened", JSON.stringify(found))
      if (found._tag === "Denied") continue
      assert.deepStrictEqual(
        [found.owner, found.holder, found.resource, found.epoch, found.chain.length],
        [ada.did, holder.did, res, 1, chain.length]
      )
    }
  })

  it("N1 opens no more than it says, and only the request it was signed for", () => {
    const read = [mint(bo, { command: "/content/read" })]
    assert.strictEqual(step(token(read, bo)), "Opened")
    assert.strictEqual(step(token(read, bo), { command: "/content/write" }), "attenuation")
    assert.strictEqual(
      step(token(read, bo, { command: "/content/write" }), { command: "/content/write" }),
      "attenuation"
    )
    assert.strictEqual(
      step(token(read, bo, { command: "/content/relay" })),
      "attenuation",
      "asked for relaying, used to read"
    )
    const elsewhere = { ...request, resource: other }
    assert.strictEqual(
      step(token(read, bo, { request: elsewhere }), { request: elsewhere }),
      "policy",
      "wrong resource"
    )
    assert.strictEqual(step(token(read, bo), { request: elsewhere }), "policy")
    assert.strictEqual(step(token(read, bo), { request: { ...request, call: "DeleteConversation" } }), "policy")
    assert.strictEqual(step(token(read, bo), { request: { ...request, content: Uint8Array.of(1, 3) } }), "policy")
  })

  it("S1 opens nothing before or after its time", () => {
    assert.strictEqual(step(token(chainOf(cy), cy), { now: now + 3_600 }), "time", "the parent has expired")
    assert.strictEqual(step(token([mint(bo, { notBefore: now + 5 })], bo)), "time")
    assert.strictEqual(step(token([mint(bo, { expires: now + 367 * 86_400 })], bo)), "time", "more than a year")
    assert.strictEqual(step(token(chainOf(), bo, { expires: now })), "time")
    assert.strictEqual(step(token(chainOf(), bo, { expires: now + 61 })), "time", "a use is short")
  })

  it("S2 a chain hangs together, from the owner to who uses it", () => {
    const [first, second, third] = chainOf(dan) as [Uint8Array, Uint8Array, Uint8Array]
    assert.strictEqual(step(token([first, third], dan)), "links", "a link is missing")
    assert.strictEqual(step(token([second, third], dan)), "links", "the owner's is missing")
    assert.strictEqual(step(token([first, second], bo)), "links", "another audience")
    assert.strictEqual(step(token([first, second, third], cy)), "links")
    assert.strictEqual(step(token([mint(bo, {}, cy)], bo)), "links", "another owner")
    assert.strictEqual(step(token([first], bo, { subject: cy })), "links")
    assert.strictEqual(step(token([first, second], cy, { proofs: [first] })), "links")
    assert.strictEqual(step(token([second, first], bo)), "links")
    const forged = Delegation.mint(res, granted(bo), { issuer: ada.did, sign: bo.sign, nonce: nonce() })
    assert.strictEqual(step(token([forged], bo)), "signature")
    const lent = { did: bo.did, sign: cy.sign }
    assert.strictEqual(step(token([first], lent)), "signature", "used with another key")
    assert.strictEqual(step(`${Token.write([first])}`), "form")
    assert.strictEqual(step("a".repeat(16_385)), "size")
    assert.strictEqual(step(`${Token.write([first])}.${"a".repeat(16_385)}`), "size")
  })

  it("V2 one altered byte anywhere, and it opens nothing", () => {
    const chain = chainOf(cy)
    const [text, used] = token(chain, cy).split(".").map((part) => Token.fromText(part)!) as [Uint8Array, Uint8Array]
    const verifier = Verifier.make({ verify: SigningKey.verify, limits })
    const tried = (a: Uint8Array, b: Uint8Array) => stepOf(open(`${Token.toText(a)}.${Token.toText(b)}`, {}, verifier))
    assert.strictEqual(tried(text, used), "Opened")
    const altered = (bytes: Uint8Array, at: number, bit: number) => bytes.map((byte, n) => n === at ? byte ^ bit : byte)
    for (let at = 0; at < text.length; at++) {
      assert.notStrictEqual(tried(altered(text, at, 1 << (at % 8)), used), "Opened")
    }
    for (let at = 0; at < used.length; at++) {
      assert.notStrictEqual(tried(text, altered(used, at, 1 << (at % 8))), "Opened")
    }
    assert.notStrictEqual(tried(Uint8Array.of(...text, 0), used), "Opened", "something behind it")
    assert.notStrictEqual(tried(text.subarray(0, -1), used), "Opened")
    assert.strictEqual(step(`${token(chain, cy)}=`), "form", "padded")
  })

  it("V1 what is not of the one form is refused: another suite, unsorted keys, two ways to write a number", () => {
    const [first] = chainOf()
    const [signature, body] = Canonical.decode(first!) as [Uint8Array, { h: Uint8Array }]
    const form = (...delegation: ReadonlyArray<number>) =>
      step(
        `${Token.toText(Canonical.encode(["v1", [Uint8Array.from(delegation)]]))}.${Token.toText(use([first!], bo))}`
      )
    assert.strictEqual(form(...first!), "Opened")
    const suite = { ...body, h: body.h.map((byte, n) => n === 7 ? 0x55 : byte) }
    assert.strictEqual(form(...Canonical.encode([signature, suite])), "form")
    assert.strictEqual(form(...Canonical.encode([signature, { ...body, more: 1 }])), "form")
    assert.strictEqual(form(...first!, 0), "form")
    assert.strictEqual(form(0x82, 0x59, 0x00, 0x40, ...first!.subarray(3)), "form", "a longer head than is needed")
    const again = Canonical.encode(["v2", [first!]])
    assert.strictEqual(step(`${Token.toText(again)}.${Token.toText(use([first!], bo))}`), "form")
  })

  it("S3 only the verifier says what the surroundings are", () => {
    const at = (...statements: ReadonlyArray<unknown>) => [mint(bo, { statements })]
    const near = at(Env.allowedIps(["203.0.113.0/24"]))
    assert.strictEqual(step(token(near, bo)), "Opened")
    assert.strictEqual(step(token(near, bo), { env: Env.make({ ip: "198.51.100.1", twoFactor: true }) }), "policy")
    assert.strictEqual(step(token(near, bo), { env: Env.make({ ip: null, twoFactor: true }) }), "policy")
    const sure = at(Env.requiresTwoFactor)
    assert.strictEqual(step(token(sure, bo)), "policy")
    assert.strictEqual(step(token(sure, bo), { env: Env.make({ ip: null, twoFactor: true }) }), "Opened")
    // A holder who signs surroundings of his own is refused whatever they say, also where no policy looks.
    for (const name of ["$env", "env", "twoFactor", "$env.twoFactor"]) {
      const holder = { ...bo, sign: bo.sign }
      const chain = at()
      const read = Invocation.read(use(chain, holder))!
      const body = Canonical.decode(read.envelope.signed) as Record<string, any>
      body["ucan/inv@1.0.0"].args[name] = { ip: "203.0.113.7", twoFactor: true }
      const signed = Canonical.encode([bo.sign(Canonical.encode(body)), body])
      assert.strictEqual(step(`${Token.write(chain)}.${Token.toText(signed)}`), "policy", name)
    }
    // Who passes it on may tighten the policy of the one before, never take it off.
    const passed = pass(near[0]!, bo, cy, { statements: [Env.requiresTwoFactor] })
    const far = Env.make({ ip: "198.51.100.1", twoFactor: true })
    assert.strictEqual(step(token([near[0]!, passed], cy), { env: far }), "policy")
    assert.strictEqual(step(token([near[0]!, passed], cy)), "policy")
    assert.strictEqual(
      step(token([near[0]!, passed], cy), { env: Env.make({ ip: "203.0.113.9", twoFactor: true }) }),
      "Opened"
    )
  })

  it("S4 signatures are found out about once, and only what was signed is remembered", () => {
    let verified = 0
    const counting = Verifier.make({
      limits,
      verify: (...given) => {
        verified++
        return SigningKey.verify(...given)
      }
    })
    const chain = chainOf(dan)
    const count = (text: string) => {
      verified = 0
      const found = open(text, {}, counting)
      return [found._tag, verified]
    }
    assert.deepStrictEqual(count(token(chain, dan)), ["Opened", 4])
    assert.deepStrictEqual(count(token(chain, dan)), ["Opened", 1], "only the use is new")
    const forged = Delegation.mint(res, granted(bo), { issuer: ada.did, sign: bo.sign, nonce: nonce() })
    for (let n = 0; n < 2; n++) assert.deepStrictEqual(count(token([forged], bo)), ["Denied", 1])
  })

  it("S4 an owner with devices: one of them signs, and one that was taken away signs nothing any more", () => {
    const owner = { did: Did.make("did:vivim:abcdefghijklmnopqrstuvwxyz234567abcdefgh"), sign: ada.sign }
    const keyOf = (seed: number) => SigningKey.fromSeed(new Uint8Array(32).fill(seed)).publicKey
    let devices = [keyOf(9), keyOf(1)]
    const keysOf = (did: string) => did === owner.did ? devices : []
    const verifier = Verifier.make({ verify: SigningKey.verify, limits })
    const chain = [mint(bo, {}, owner)]
    const tried = () => stepOf(open(token(chain, bo, { subject: owner }), { keysOf }, verifier))
    assert.deepStrictEqual(verifier.strangers(token(chain, bo, { subject: owner })), [owner.did])
    assert.deepStrictEqual(verifier.strangers(token(chainOf(cy), cy)), [], "everybody in it is a key")
    const loose = [mint(bo, {}, owner), mint(cy)]
    assert.deepStrictEqual(verifier.strangers(Token.write(loose)), [], "nobody is asked about what does not hold")
    assert.deepStrictEqual([tried(), tried()], ["Opened", "Opened"])
    devices = [keyOf(9)]
    assert.strictEqual(tried(), "signature")
    devices = [keyOf(1)]
    assert.strictEqual(tried(), "Opened")
    assert.strictEqual(step(token(chain, bo, { subject: owner })), "signature", "nobody knows the owner's devices")
  })

  it("S5 a revoked link closes what hangs on it, and nothing else", () => {
    const chain = chainOf(dan)
    const revoked = new Set<string>()
    const verifier = Verifier.make({ verify: SigningKey.verify, limits, isRevoked: (cid) => revoked.has(cid) })
    const tried = (count: number, holder: Person) => stepOf(open(token(chain.slice(0, count), holder), {}, verifier))
    assert.deepStrictEqual([tried(1, bo), tried(2, cy), tried(3, dan)], ["Opened", "Opened", "Opened"])
    revoked.add(Delegation.read(chain[1]!)!.cid)
    assert.deepStrictEqual([tried(1, bo), tried(2, cy), tried(3, dan)], ["Opened", "revocation", "revocation"])
  })
})

describe("Invocation", () => {
  it("N2 reads only what is an invocation", () => {
    const [first] = chainOf()
    const good = use([first!], bo)
    assert.isNotNull(Invocation.read(good))
    assert.isNull(Invocation.read(first!), "a delegation is none")
    assert.isNull(Delegation.read(good), "nor is it a delegation")
    const body = Canonical.decode(Invocation.read(good)!.envelope.signed) as Record<string, any>
    const { iss, ...less } = body["ucan/inv@1.0.0"]
    for (const payload of [less, { ...less, iss: "bo" }, { ...less, iss, more: 1 }, { ...less, iss, prf: ["x"] }]) {
      assert.isNull(Invocation.read(Canonical.encode([new Uint8Array(64), { ...body, "ucan/inv@1.0.0": payload }])))
    }
  })
})

describe("Token", () => {
  it("T1 exactly one text says one thing", () => {
    for (let length = 0; length < 40; length++) {
      const bytes = Uint8Array.from({ length }, (_, n) => (n * 37 + length) & 255)
      const text = Token.toText(bytes)
      assert.strictEqual(text, Buffer.from(bytes).toString("base64url"))
      assert.deepStrictEqual(Token.fromText(text), bytes)
    }
    for (const bad of ["a", "ab=", "ab==", "a+bc", "a/bc", "a bc", "ab", "\u0161bcd", "abc\n"]) {
      assert.isNull(Token.fromText(bad), bad)
    }
    assert.isNull(Token.read(Token.write([])))
  })
})
