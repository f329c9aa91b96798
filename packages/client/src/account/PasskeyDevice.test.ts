/** A passkey as a device: what follows from its bytes, and what a browser with nothing else can do with them. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { Did, DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import { NodeSession } from "../NodeSession.ts"
import * as Account from "./Account.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import { KeyStore } from "./KeyStore.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NodeExample from "./NodeExample.ts"
import * as PasskeyDevice from "./PasskeyDevice.ts"

type Needs = CryptoSuite | KeyStore | HttpClient.HttpClient | NodeSession

const origin = "https://node.example"
const name = (text: string) => DisplayName.make(text)
const prf = (byte: number) => Redacted.make(new Uint8Array(32).fill(byte))
const hex = (key: Redacted.Redacted<Uint8Array>) => Encoding.encodeHex(Redacted.value(key))
const masters = ({ masterKeys }: DeviceKeys.DeviceKeys) =>
  masterKeys.map(({ generation, key }) => [generation, hex(key)])

/** A browser, or another device, with a key store of its own. */
const deviceOf = (world: ReturnType<typeof NodeExample.make>) => {
  const store = Effect.runSync(Effect.scoped(Layer.build(KeyStore.layerMemory)))
  return <A, E>(work: Effect.Effect<A, E, Needs>): Effect.Effect<A, E> =>
    Effect.provide(work, ReferenceCryptoSuite.layer).pipe(
      Effect.provide(store),
      Effect.provideService(HttpClient.HttpClient, world.client),
      Effect.provideService(NodeSession, world.session)
    )
}

/** Ada with a phone, and a passkey that it let in. */
const world = Effect.gen(function*() {
  const node = NodeExample.make()
  const phone = deviceOf(node)
  const created = yield* phone(Account.create({ handle: Handle.make("ada"), displayName: name("Ada") }))
  yield* phone(Account.secure(node.calls, created, name("Phone")))
  yield* phone(PasskeyDevice.letIn(node.calls, prf(1), name("Key")))
  return { node, phone, did: created.did, brought: { prf: prf(1), did: created.did, origin } }
})

const refusalOf = <A, E extends { readonly _tag: string }, R>(work: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(work), ({ _tag }) => _tag)

describe("a passkey as a device", () => {
  it("W1 gives the same keys for the same bytes and account, and others for any other, each for one use", () =>
    Effect.runPromise(
      Effect.gen(function*() {
        const [one, two] = [Did.make("did:vivim:one"), Did.make("did:vivim:two")]
        const made = yield* Effect.all([
          PasskeyDevice.keysOf(prf(1), one, origin),
          PasskeyDevice.keysOf(prf(2), one, origin),
          PasskeyDevice.keysOf(prf(1), two, origin)
        ])
        const all = made.flatMap(({ kem, rotation, signing }) => [kem, rotation, signing!].map(hex))
        assert.strictEqual(new Set([...all, hex(prf(1))]).size, 10)
        assert.deepStrictEqual(yield* PasskeyDevice.keysOf(prf(1), one, origin), made[0])
        assert.strictEqual(all[0], "7cef3c6aaf00626b99d38558187d60f0adbec745b815b6533d858712cd185de9")
        assert.strictEqual(
          yield* PasskeyDevice.deviceIdOf(prf(1), one),
          yield* DeviceKeys.deviceIdOf(made[0])
        )
      }).pipe(Effect.provide(ReferenceCryptoSuite.layer))
    ))

  it("W2 opens what was sealed to it on a browser with nothing else, and newer keys too; another passkey or account does not", () =>
    Effect.runPromise(Effect.gen(function*() {
      const { brought, did, node, phone } = yield* world
      const empty = deviceOf(node)
      const own = yield* phone(Account.own)
      const opened = yield* empty(PasskeyDevice.open(node.calls, brought))
      assert.deepStrictEqual(masters(opened), masters(own.keys))
      assert.isNull(yield* empty(DeviceKeys.read), "nothing is kept of it")
      const { log } = yield* phone(Account.state(() => ({})))
      yield* phone(MasterKeys.renew(node.calls, own.keys, log))
      assert.lengthOf(masters(yield* empty(PasskeyDevice.open(node.calls, brought))), 2)
      const other = yield* refusalOf(empty(PasskeyDevice.open(node.calls, { ...brought, prf: prf(2) })))
      assert.strictEqual(other, "NotADevice")
      // What the node keeps for this passkey, handed out to another one, or for another account.
      yield* phone(PasskeyDevice.letIn(node.calls, prf(3), name("Other")))
      const [mine, thief] = yield* phone(
        Effect.all([PasskeyDevice.deviceIdOf(prf(1), did), PasskeyDevice.deviceIdOf(prf(3), did)])
      )
      const sealed = node.wraps.find(({ deviceId }) => deviceId === mine)!
      node.wraps.splice(0, node.wraps.length, { ...sealed, deviceId: thief })
      assert.strictEqual(
        yield* refusalOf(empty(PasskeyDevice.open(node.calls, { ...brought, prf: prf(3) }))),
        "NotOpened"
      )
      const keys = yield* empty(PasskeyDevice.keysOf(prf(1), did, origin))
      node.wraps.splice(0, node.wraps.length, sealed)
      assert.lengthOf(masters(yield* empty(MasterKeys.fetch(node.calls, keys))), 1, "its own is fine")
      const elsewhere = { ...keys, did: Did.make("did:vivim:two") }
      assert.strictEqual(yield* refusalOf(empty(MasterKeys.fetch(node.calls, elsewhere))), "NotOpened")
    })))

  it("W3 lets a browser in that has nothing else, which then signs and opens by itself; a passkey that was let go opens nothing", () =>
    Effect.runPromise(Effect.gen(function*() {
      const { brought, did, node, phone } = yield* world
      const empty = deviceOf(node)
      const passkey = yield* empty(PasskeyDevice.open(node.calls, brought))
      yield* empty(PasskeyDevice.join(node.calls, passkey, name("Library")))
      assert.deepStrictEqual(masters((yield* empty(Account.own)).keys), masters(passkey))
      const device = yield* phone(PasskeyDevice.deviceIdOf(prf(1), did))
      yield* empty(Account.revoke(node.calls, device))
      assert.strictEqual(yield* refusalOf(empty(PasskeyDevice.open(node.calls, brought))), "NotADevice")
      assert.strictEqual(yield* refusalOf(phone(PasskeyDevice.letIn(node.calls, prf(1), name("Key")))), "NodeRefused")
      assert.sameMembers([...node.names.values()], ["Phone", "Key", "Library"])
    })))
})
