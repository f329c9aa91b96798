/** A passkey as a kit: what follows from its bytes, and that it takes an account back as a kit on paper does. */
import { hex, utf8 } from "@vivim/crypto/Bytes"
import * as RecoveryKit from "@vivim/crypto/RecoveryKit"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { assert, describe, it } from "vitest"
import * as Account from "./Account.ts"
import { life, name, origin, secret, wanted } from "./AccountLife.ts"
import * as Kit from "./Kit.ts"
import * as Moving from "./Moving.ts"
import * as NewAccount from "./NewAccount.ts"
import * as PasskeyDevice from "./PasskeyDevice.ts"
import * as PasskeyKit from "./PasskeyKit.ts"
import * as Recovery from "./Recovery.ts"

const prf = (byte: number) => Redacted.make(new Uint8Array(32).fill(byte))
const handle = (text: string) => utf8(`vivim/kit/1 ${text.padEnd(32)}`)
const printed = ({ printed }: Kit.NewKit) => Redacted.value(printed)
const ofAda = PasskeyKit.kitOf(prf(1), handle("ada"))

/** Ada with a phone, and a passkey that is her account's kit. */
const begun = (world: Parameters<Parameters<typeof life>[0]>[0]) =>
  Effect.gen(function*() {
    const phone = world.device()
    const kit = yield* phone(ofAda)
    const created = yield* phone(
      Effect.flatMap(NewAccount.prepare(kit), (prepared) => NewAccount.open(prepared, wanted))
    )
    const master = yield* phone(Account.secure(world.calls, created, name("Phone")))
    return { phone, kit, master, did: created.did }
  })

describe("a passkey as a kit", () => {
  it("K1 gives the same kit for the same bytes and user handle, and another for any other, and for what it is as a device", () =>
    Effect.runPromise(
      Effect.gen(function*() {
        const kits = yield* Effect.all([
          ofAda,
          PasskeyKit.kitOf(prf(2), handle("ada")),
          PasskeyKit.kitOf(prf(1), handle("bo")),
          Kit.make
        ])
        assert.strictEqual(new Set(kits.map(printed)).size, 4)
        assert.strictEqual(printed(yield* ofAda), printed(kits[0]))
        // As HKDF of Node's own makes it.
        const kept = yield* RecoveryKit.read(kits[0].printed)
        assert.strictEqual(secret(kept), "5cf15d8f76204c317632218978cce44b525cd6d78ce2001da4d02fc164a71c3d")
        const device = yield* PasskeyDevice.keysOf(prf(1), Did.make("did:vivim:one"), origin)
        const own = [kits[0].rotation, kits[0].wrapKey, device.rotation, device.kem, device.signing!, prf(1)]
        assert.strictEqual(new Set(own.map(secret)).size, own.length)
        assert.notStrictEqual(hex(PasskeyKit.prfInput), hex(PasskeyDevice.prfInput))
      }).pipe(Effect.provide(ReferenceCryptoSuite.layer))
    ))

  it("K2 takes the account back from nothing, voids what a thief stated, and stays the way back", () =>
    life((world) =>
      Effect.gen(function*() {
        const { did, master, phone } = yield* begun(world)
        // Whoever stole the phone takes the passkey's key out of the account.
        yield* phone(Account.state(() => ({ recovery: [] })))
        yield* TestClock.adjust("71 hours")
        world.trouble.isLocked = true
        for (const _ of ["once", "again"]) {
          const empty = world.device()
          // Made anew of what the authenticator gives: nothing of it was kept.
          const { printed } = yield* empty(ofAda)
          const kit = yield* empty(Recovery.recover({ origin, did, kit: printed }))
          assert.strictEqual(secret((yield* empty(Recovery.unlock(world.calls, kit))).key), secret(master.key))
          assert.isTrue(yield* empty(Account.mayState))
        }
        assert.isFalse(yield* phone(Account.mayState))
        const stranger = yield* world.device()(PasskeyKit.kitOf(prf(2), handle("ada")))
        const refused = yield* world.device()(Effect.flip(Recovery.find({ origin, did, kit: stranger.printed })))
        assert.strictEqual(refused._tag, "KitOfAnother")
      })
    ))

  it("K2 gives way to a kit that takes its place, and brings the account to another node", () =>
    life((world) =>
      Effect.gen(function*() {
        const { did, kit: { printed } } = yield* begun(world)
        const { operations } = world.accounts.get(did)!
        const identity = { did, operations: [...operations], kemKeys: [...world.keys.values()] }
        const moved = yield* world.device()(Moving.prepare({ identity, kit: printed }))
        assert.strictEqual(moved.did, did)
        assert.lengthOf(moved.after, 1)

        const tablet = world.device()
        const found = yield* tablet(Recovery.find({ origin, did, kit: printed }))
        const paper = yield* tablet(Kit.make)
        yield* tablet(Recovery.take(found, paper))
        yield* tablet(Recovery.unlock(world.calls, found.kit))
        const late = yield* world.device()(Effect.flip(Recovery.find({ origin, did, kit: printed })))
        assert.strictEqual(late._tag, "KitOfAnother")
        const kit = yield* world.device()(Recovery.recover({ origin, did, kit: paper.printed }))
        assert.strictEqual(secret(kit.rotation), secret(paper.rotation))
      })
    ))

  it("K3 has a user handle that tells what it is for, and fits into an authenticator", () =>
    Effect.runPromise(
      Effect.gen(function*() {
        const [one, two] = yield* Effect.all([PasskeyKit.newUserHandle, PasskeyKit.newUserHandle])
        assert.notStrictEqual(hex(one), hex(two))
        assert.isTrue(PasskeyKit.isUserHandle(one))
        assert.isAtMost(one.length, 64)
        for (const other of [one.subarray(1), one.with(0, 0), utf8("did:vivim:one"), new Uint8Array(44)]) {
          assert.isFalse(PasskeyKit.isUserHandle(other))
        }
      }).pipe(Effect.provide(ReferenceCryptoSuite.layer))
    ))
})
