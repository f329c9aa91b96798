/** DIDs resolved from keys, logs and hosts; and documents written and read. */
import type { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import * as DidKey from "../DidKey.ts"
import * as NodeEd25519 from "../NodeEd25519.ts"
import * as DidDocument from "./DidDocument.ts"
import * as DidResolver from "./DidResolver.ts"
import * as DidWeb from "./DidWeb.ts"
import * as IdentityLog from "./IdentityLog.ts"
import { device, genesis, holder, next } from "./LogExample.ts"

const [kit, phone, laptop] = [holder("kit"), holder("phone"), holder("laptop")]
const { bytes: first, did } = genesis([kit], phone, 1_000)
const both = next(first, phone, 2_000, { devices: { ...device(phone, 1), ...device(laptop, 0) }, aka: ["at:ada"] })
const closed = next(both, kit, 3_000, { devices: {}, recovery: [] })
const node = DidDocument.ofKey("did:web:node.example", laptop.identity.publicKey)

/** What was looked for, and how often. */
const bench = () => {
  const looked: Array<string> = []
  const logs = new Map<string, ReadonlyArray<Uint8Array>>([[did, [first, both]]])
  const options: DidResolver.Options = {
    verify: NodeEd25519.verify,
    operations: (one: Did) => Effect.sync(() => (looked.push(one), logs.get(one) ?? null)),
    fetchJson: (url) =>
      Effect.suspend(() => (looked.push(url), url.includes("down") ? Effect.fail("down") : Effect.succeed(node))),
    remembered: { max: 2, for: "10 minutes", noFor: "1 minute" }
  }
  return { looked, logs, options }
}
const run = <A, E>(work: Effect.Effect<A, E>) => Effect.runPromise(Effect.provide(work, TestContext.TestContext))
const reason = (answer: Either.Either<unknown, DidResolver.DidNotResolved>) =>
  Either.isLeft(answer) ? answer.left.reason : "resolved"
const syntax = path.resolve(import.meta.dirname, "../../../../../shared/vectors/atproto-interop/syntax")

describe("a resolver", () => {
  it("N1 answers what the DID itself vouches for", () =>
    run(Effect.gen(function*() {
      const { logs, options } = bench()
      const { resolve } = yield* DidResolver.make(options)
      const account = yield* resolve(did)
      const keys = DidDocument.keysOf(account.document, "authentication").map(({ publicKey }) =>
        DidKey.deviceId(publicKey)
      )
      assert.sameMembers(keys, [phone.deviceId, laptop.deviceId])
      assert.lengthOf(account.log!.chain, 2)
      const key = yield* resolve(`did:key:${phone.deviceId}`)
      const [only] = DidDocument.keysOf(key.document, "assertionMethod")
      assert.strictEqual(DidKey.deviceId(only!.publicKey), phone.deviceId)
      assert.deepStrictEqual((yield* resolve("did:web:node.example")).document, node)

      const why = (one: string) => Effect.map(Effect.either(resolve(one)), reason)
      assert.strictEqual(yield* why("did:web:other.example"), "invalid")
      assert.strictEqual(yield* why("did:web:down.example"), "unreachable")
      assert.strictEqual(yield* why(did.replace(/.$/, did.endsWith("a") ? "b" : "a")), "notFound")
      logs.set(did, [both])
      const again = yield* DidResolver.make(options)
      assert.strictEqual(reason(yield* Effect.either(again.resolve(did))), "invalid")
      logs.set(did, [first, both, closed])
      const last = yield* DidResolver.make(options)
      assert.strictEqual(reason(yield* Effect.either(last.resolve(did))), "gone")
    })))

  it("N2 looks once for those who ask at once, remembers for a while, and no more than so many", () =>
    run(Effect.gen(function*() {
      const { logs, looked, options } = bench()
      const { resolve } = yield* DidResolver.make(options)
      yield* Effect.all([resolve(did), resolve(did), resolve(did)], { concurrency: "unbounded" })
      assert.lengthOf(looked, 1)
      yield* TestClock.adjust("11 minutes")
      yield* resolve(did)
      assert.lengthOf(looked, 2)

      const unknown = genesis([], laptop, 5)
      yield* Effect.either(resolve(unknown.did))
      logs.set(unknown.did, [unknown.bytes])
      assert.strictEqual(reason(yield* Effect.either(resolve(unknown.did))), "notFound")
      yield* TestClock.adjust("61 seconds")
      yield* resolve(unknown.did)
      assert.lengthOf(looked, 4)
      for (const host of ["a", "b", "c"]) yield* Effect.either(resolve(`did:web:${host}.example`))
      yield* resolve(unknown.did)
      assert.strictEqual(looked.length, 8, "it was forgotten for others")
    })))

  it("N3 what is of another method, or no DID, is looked for nowhere", () =>
    run(Effect.gen(function*() {
      const { looked, options } = bench()
      const { resolve } = yield* DidResolver.make(options)
      const invalid = fs.existsSync(syntax)
        ? fs.readFileSync(path.join(syntax, "did_syntax_invalid.txt"), "utf8").split("\n")
        : []
      for (
        const one of [
          ...invalid,
          "did:plc:7iza6de2dwap2sbkpav7c6c6",
          "did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N",
          `${did}x`,
          did.toUpperCase(),
          `did:key:${"z".repeat(100_000)}`
        ]
      ) assert.strictEqual(reason(yield* Effect.either(resolve(one))), "unsupported", one.slice(0, 80))
      assert.deepStrictEqual(looked, [])
    })))
})

describe("did:web", () => {
  it("V1 goes from origin to DID to where its document lies", () => {
    assert.strictEqual(DidWeb.ofOrigin("https://node.example"), "did:web:node.example")
    assert.strictEqual(DidWeb.ofOrigin("http://127.0.0.1:4100"), "did:web:127.0.0.1%3A4100")
    assert.strictEqual(DidWeb.documentUrl("did:web:node.example"), "https://node.example/.well-known/did.json")
    assert.strictEqual(DidWeb.documentUrl("did:web:localhost%3A1234"), "https://localhost:1234/.well-known/did.json")
    assert.isNull(DidWeb.ofOrigin("https://[::1]:1"))
    assert.isNull(DidWeb.ofOrigin("node.example"))
    for (
      const did of [
        "did:web:a:users:b",
        "did:web:a/../b",
        "did:web:a%2Fb",
        "did:web:-a",
        "did:web:A.b",
        "did:web:",
        "did:web:a%3A"
      ]
    ) {
      assert.isNull(DidWeb.documentUrl(did), did)
    }
  })
})

describe("a DID document", () => {
  it("W1 says what the log says, with its node among the services unless it names another", () => {
    const { log } = IdentityLog.fold(did, [first, both], { verify: NodeEd25519.verify })
    const document = DidDocument.ofAccount(log!, {
      pds: "https://node.example",
      alsoKnownAs: ["acct:ada@node.example"]
    })
    assert.isTrue(DidDocument.isOf(did, JSON.parse(JSON.stringify(document))))
    assert.deepStrictEqual(document["alsoKnownAs"], ["at:ada", "acct:ada@node.example"])
    assert.deepStrictEqual(document["service"], [
      { id: `${did}#pds`, type: "VivimPds", serviceEndpoint: "https://node.example" }
    ])
    assert.lengthOf(document["keyAgreement"] as ReadonlyArray<unknown>, 2)
    const moved = {
      ...log!,
      head: { ...log!.head, services: { pds: { type: "VivimPds", endpoint: "https://b.example" } } }
    }
    const service = DidDocument.ofAccount(moved, { pds: "https://node.example" })["service"] as ReadonlyArray<any>
    assert.deepStrictEqual(service.map(({ serviceEndpoint }) => serviceEndpoint), ["https://b.example"])
  })

  it("W2 from afar gives Ed25519 Multikeys of its own subject, and nothing else", () => {
    const id = phone.deviceId
    const subject = "did:web:a.example"
    const method = { id: `${subject}#k`, type: "Multikey", controller: subject, publicKeyMultibase: id }
    const keys = (change: object, authentication: unknown = [`${subject}#k`]) =>
      DidDocument.keysOf(
        { id: subject, verificationMethod: [{ ...method, ...change }], authentication },
        "authentication"
      )
    assert.lengthOf(keys({}), 1)
    assert.lengthOf(keys({ id: "#k" }), 1)
    assert.lengthOf(keys({}, ["#k"]), 1)
    assert.lengthOf(keys({}, [method]), 1)
    for (
      const change of [
        { type: "JsonWebKey2020" },
        { controller: "did:web:b.example" },
        { publicKeyMultibase: "zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N" },
        { id: `${subject}#other` }
      ]
    ) assert.lengthOf(keys(change), 0, JSON.stringify(change))
    assert.lengthOf(keys({}, "no list"), 0)
    assert.lengthOf(keys({}, [1, null, {}]), 0)
    assert.isFalse(DidDocument.isOf("did:web:b.example", { id: subject }))
    for (const json of [null, 1, [], { id: 1 }]) assert.isFalse(DidDocument.isOf(subject, json))
  })
})
