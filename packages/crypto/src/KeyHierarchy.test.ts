/** The keys of one person, and who can open what was wrapped for whom. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import { utf8 } from "./Bytes.ts"
import { CryptoSuite, type Secret } from "./CryptoSuite.ts"
import * as KeyHierarchy from "./KeyHierarchy.ts"
import * as NodeCryptoSuite from "./NodeCryptoSuite.ts"

const suite = Effect.runSync(Effect.provide(CryptoSuite, NodeCryptoSuite.layerTest("keys")))
const run = <A, E>(effect: Effect.Effect<A, E, CryptoSuite>): A =>
  Effect.runSync(Effect.provideService(effect, CryptoSuite, suite))
const failure = (effect: Effect.Effect<unknown, { readonly _tag: string }, CryptoSuite>) =>
  Either.match(run(Effect.either(effect)), { onLeft: ({ _tag }) => _tag, onRight: () => "passed" })
const secret = (fill: number) => Redacted.make(new Uint8Array(32).fill(fill))
const hex = (key: Secret) => Buffer.from(Redacted.value(key)).toString("hex")
const masterKey = run(KeyHierarchy.newMasterKey)
const laptop = { account: "did:vivim:ada", device: "did:key:laptop" }

describe("KeyHierarchy", () => {
  it("H1 gives each branch a key of its own", () => {
    const branches = (["store", "sealed", "index", "backup"] as const).map((name) =>
      hex(run(KeyHierarchy.branch(masterKey, name)))
    )
    assert.lengthOf(new Set([...branches, hex(masterKey)]), 5)
    assert.strictEqual(hex(run(KeyHierarchy.branch(masterKey, "store"))), branches[0])
    assert.notStrictEqual(hex(run(KeyHierarchy.branch(secret(1), "store"))), branches[0])
    assert.notStrictEqual(hex(run(KeyHierarchy.newMasterKey)), hex(masterKey))
    assert.notInclude(String(masterKey), hex(masterKey))
  })

  it("H2 opens on the device it was wrapped for, for that account", () => {
    const [key, other] = [run(suite.kemKeyOf(secret(2))), run(suite.kemKeyOf(secret(3)))]
    const wrapped = run(KeyHierarchy.wrapForDevice(masterKey, laptop, key.publicKey))
    assert.lengthOf(wrapped, 1_217)
    assert.strictEqual(hex(run(KeyHierarchy.unwrapOnDevice(key, laptop, wrapped))), hex(masterKey))
    assert.strictEqual(failure(KeyHierarchy.unwrapOnDevice(other, laptop, wrapped)), "NotOpened")
    for (const wrong of [{ ...laptop, account: "did:vivim:bo" }, { ...laptop, device: "did:key:phone" }]) {
      assert.strictEqual(failure(KeyHierarchy.unwrapOnDevice(key, wrong, wrapped)), "NotOpened")
    }
    const short = run(KeyHierarchy.wrapForDevice(Redacted.make(utf8("short")), laptop, key.publicKey))
    assert.strictEqual(failure(KeyHierarchy.unwrapOnDevice(key, laptop, short)), "NotOpened")
  })

  it("H2 opens with the kit it was wrapped for, for that account", () => {
    const wrapped = run(KeyHierarchy.wrapForKit(masterKey, laptop.account, secret(4)))
    assert.lengthOf(wrapped, 97)
    assert.strictEqual(hex(run(KeyHierarchy.unwrapWithKit(secret(4), laptop.account, wrapped))), hex(masterKey))
    assert.strictEqual(failure(KeyHierarchy.unwrapWithKit(secret(5), laptop.account, wrapped)), "NotOpened")
    assert.strictEqual(failure(KeyHierarchy.unwrapWithKit(secret(4), "did:vivim:bo", wrapped)), "NotOpened")
  })
})
