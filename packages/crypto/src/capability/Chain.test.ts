/** A chain of delegations: no link is more than the one before, however it was made. */
import { assert, describe, it } from "vitest"
import * as Chain from "./Chain.ts"
import * as Delegation from "./Delegation.ts"
import * as Invocation from "./Invocation.ts"
import { by, type Person, sketch } from "./Person.ts"
import * as Rules from "./Rules.ts"

const people = [1, 2, 3, 4].map(sketch) as [Person, Person, Person, Person]
const [ada, bo, cy] = people
const now = 1_800_000_000
const all: Delegation.Granted = {
  audience: bo.did,
  command: "/content/admin",
  expires: now + 100,
  bounds: { epoch: 2, max: 5, depth: 3 }
}
const read = (bytes: Uint8Array) => Delegation.read(bytes)!
const first = read(Delegation.mint("document/d1", all, by(ada)))
const pass = (parent: Delegation.Delegation, more: Partial<Delegation.Granted>, holder = bo) =>
  read(Delegation.delegate(parent, { audience: cy.did, ...more }, by(holder)))

describe("Chain", () => {
  it("C1 what is minted reads back as it was meant", () => {
    const { audience, bounds, command, expires, issuer, subject } = first
    assert.deepStrictEqual(
      { audience, bounds, command, expires, issuer, subject },
      {
        audience: bo.did,
        bounds: all.bounds,
        command: all.command,
        expires: all.expires,
        issuer: ada.did,
        subject: ada.did
      } as any
    )
    assert.strictEqual(Delegation.resourceOf(first), "document/d1")
  })

  it("C2 what is passed on carries every bound, and may tighten it but not widen it", () => {
    const wrong = (more: Partial<Delegation.Granted>, parent = first) =>
      Chain.attenuation([parent, pass(parent, more)], Rules.Vivim)
    assert.deepStrictEqual(pass(first, {}).bounds, { epoch: 2, max: 5, depth: 2 })
    assert.isNull(wrong({}))
    assert.isNull(wrong({ command: "/content/read", expires: now + 1, bounds: { max: 1, depth: 0 } }))
    assert.isNotNull(wrong({ command: "/" }))
    assert.isNotNull(wrong({ expires: now + 101 }))
    assert.isNotNull(wrong({ bounds: { max: 6 } }))
    assert.isNotNull(wrong({ bounds: { depth: 3 } }))
    assert.isNotNull(wrong({ bounds: { epoch: 3 } }))
  })

  it("A2 who may not share passes nothing on, and bounds nobody knows open nothing", () => {
    const wrong = (more: Partial<Delegation.Granted>, parent = first) =>
      Chain.attenuation([parent, pass(parent, more)], Rules.Vivim)
    const reader = read(Delegation.mint("document/d1", { ...all, command: "/content/read" }, by(ada)))
    assert.strictEqual(wrong({}, reader), "/content/read may not be passed on")
    const last = read(Delegation.mint("document/d1", { ...all, bounds: { epoch: 2, depth: 0 } }, by(ada)))
    assert.strictEqual(wrong({ bounds: { depth: 0 } }, last), "it may not be passed on any more")
    const unknown = read(Delegation.mint("document/d1", { ...all, bounds: { epoch: 2, odd: 1 } as any }, by(ada)))
    assert.match(Chain.attenuation([unknown], Rules.Vivim)!, /does not know/)
    const everything = read(Delegation.mint("document/d1", { ...all, bounds: {} }, by(ada)))
    assert.strictEqual(Chain.attenuation([everything], Rules.Vivim), "the owner's names no epoch")
  })

  it("A1 a chain hangs together and is of bounded length", () => {
    const chain: Array<Delegation.Delegation> = [
      read(Delegation.mint("document/d1", { ...all, audience: ada.did, bounds: { epoch: 1 } }, by(ada)))
    ]
    while (chain.length < 9) chain.push(pass(chain.at(-1)!, { audience: ada.did }, ada))
    assert.isNull(Chain.links(chain.slice(0, 8), Rules.Vivim))
    assert.strictEqual(Chain.links(chain, Rules.Vivim), "more than 8 delegations")
    assert.isNotNull(Chain.links([first, pass(first, {}, cy)], Rules.Vivim))
  })

  it("A3 each link has begun and has not ended", () => {
    const later = pass(first, { notBefore: now + 5, expires: now + 50 })
    const at = (when: number) => Chain.time([first, later], Rules.Vivim, when)
    assert.isNull(at(now + 5))
    assert.strictEqual(at(now + 4), "delegation 1 has not begun")
    assert.strictEqual(at(now + 50), "delegation 1 has ended")
    assert.strictEqual(at(now + 100), "delegation 0 has ended")
  })

  it("A4 only the holder of the last link uses a chain", () => {
    const use = Invocation.read(Invocation.make({
      subject: ada.did,
      command: "/content/read",
      chain: [first.cid],
      request: { resource: "document/d1", call: "x", content: new Uint8Array() },
      expires: now + 9
    }, by(bo)))!
    assert.isNull(Chain.use([first], use))
    assert.isNotNull(Chain.use([first, pass(first, {})], use))
  })
})
