/** An account's whole life, device by device, on a node in memory whose clock is in hand. */
import { utf8 } from "@vivim/crypto/Bytes"
import { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import * as Account from "./Account.ts"
import { life, name, origin, secret, two, wanted } from "./AccountLife.ts"
import * as Approval from "./Approval.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as KeysChange from "./KeysChange.ts"
import { KeyStore } from "./KeyStore.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NewAccount from "./NewAccount.ts"
import * as RotationChain from "./RotationChain.ts"

const golden = "c7e4e7960cf66a50869a1231a554969a10147ef4e44369a0be884c162eaeeac0"
const generations = Effect.map(Account.own, ({ keys }) => keys.masterKeys.map(({ generation }) => generation))

describe("an account from afar", () => {
  it("A1 stands with a kit and a first device, and says by what it is known and where it is", () =>
    life((world) =>
      Effect.gen(function*() {
        const { phone } = yield* two(world)
        assert.lengthOf(world.wraps.filter(({ deviceId }) => deviceId === null), 1)
        const { log } = yield* phone(Account.alsoKnownAs(["acct:ada@node.example"]))
        assert.deepStrictEqual(log.head.aka, ["acct:ada@node.example"])
        const pds = { type: "VivimPds", endpoint: origin }
        assert.deepStrictEqual((yield* phone(Account.offer({ pds }))).log.head.services, { pds })
        assert.lengthOf(log.head.recovery, 1)
        assert.sameMembers([...world.names.values()], ["Phone", "Laptop"])
      })
    ))

  it("A2 a device that is let go signs and opens nothing new; those that stay have a new master key", () =>
    life((world) =>
      Effect.gen(function*() {
        const { laptop, phone } = yield* two(world)
        const { deviceId } = yield* phone(Account.signer)
        yield* laptop(Effect.flatMap(Account.own, ({ keys }) => MasterKeys.fetch(world.calls, keys)))
        yield* laptop(Account.revoke(world.calls, deviceId, () => Effect.void))
        assert.deepStrictEqual(yield* laptop(generations), [1, 2])
        const { keys } = yield* phone(Account.own)
        assert.lengthOf((yield* phone(MasterKeys.fetch(world.calls, keys))).masterKeys, 1)
        assert.strictEqual((yield* phone(Effect.flip(Account.alsoKnownAs([]))))._tag, "NotADevice")
        assert.isNull(yield* world.device()(DeviceKeys.read))
      })
    ))

  it("A3 a name that is taken changes the name alone, and an answer that is lost loses no account", () =>
    life((world) =>
      Effect.gen(function*() {
        const phone = world.device()
        const prepared = yield* phone(NewAccount.prepare())
        assert.lengthOf(world.accounts, 0)
        world.trouble.isLocked = true
        const refusal = yield* phone(Effect.flip(NewAccount.open(prepared, wanted)))
        assert.deepInclude(refusal, { _tag: "NodeRefused", refusal: "VaultLocked" })
        world.trouble.isLocked = false
        world.trouble.losesAnswers = true
        assert.strictEqual((yield* phone(NewAccount.open(prepared, wanted))).did, prepared.did)
        assert.isTrue(yield* phone(Account.mayState))
      })
    ))

  it("M1 what a device opens is what was wrapped to it, and no node can put another key in a device's place", () =>
    life((world) =>
      Effect.gen(function*() {
        const { laptop, phone } = yield* two(world)
        const both = [phone, laptop].map((device) =>
          device(Effect.flatMap(Account.own, ({ keys }) => MasterKeys.fetch(world.calls, keys)))
        )
        const [one, other] = yield* Effect.all(both)
        assert.strictEqual(secret(one!.masterKeys[0]!.key), secret(other!.masterKeys[0]!.key))
        for (const [hash] of world.keys) world.keys.set(hash, new Uint8Array(1_216))
        const { deviceId } = yield* phone(Account.signer)
        const revoking = Account.revoke(world.calls, deviceId, () => Effect.void)
        assert.strictEqual((yield* laptop(Effect.flip(revoking)))._tag, "LogNotProven")
      })
    ))

  it("M2 what was sealed under the old master key is told with the new one", () =>
    life((world) =>
      Effect.gen(function*() {
        const { laptop, phone } = yield* two(world)
        const { deviceId } = yield* laptop(Account.signer)
        const told: Array<number> = []
        yield* phone(Account.revoke(world.calls, deviceId, (old, now) =>
          Effect.sync(() =>
            told.push(old!.generation, now.generation)
          )))
        assert.deepStrictEqual(told, [1, 2])
        const left = yield* laptop(Effect.flatMap(Account.own, ({ keys }) =>
          MasterKeys.fetch(world.calls, keys)))
        assert.lengthOf(left.masterKeys, 1)
      })
    ))

  it("M3 what was made and not kept is kept when it is asked for again", () =>
    life((world) =>
      Effect.gen(function*() {
        const phone = world.device()
        const created = yield* phone(Account.create(wanted))
        const { keys } = yield* phone(Account.own)
        const made = yield* phone(MasterKeys.settle(world.calls, keys))
        assert.strictEqual(secret((yield* phone(MasterKeys.settle(world.calls, keys))).key), secret(made.key))
        assert.lengthOf(world.wraps, 2)
        const stranger = world.device()
        const asked = yield* stranger(Approval.request(origin, created.did))
        assert.strictEqual((yield* stranger(Effect.flip(Approval.join())))._tag, "NotADevice")
        assert.strictEqual(
          (yield* stranger(Effect.flip(MasterKeys.settle(world.calls, asked.keys))))._tag,
          "NoMasterKey"
        )
      })
    ))

  it("B1 a code that is not whole is refused; both sides show the same to compare", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, phone } = yield* two(world)
        const tablet = world.device()
        const shown = yield* tablet(Approval.request(origin, created.did))
        assert.deepInclude(yield* tablet(Approval.request(origin, created.did)), { code: shown.code })
        assert.strictEqual((yield* phone(Approval.look(shown.code))).comparison, shown.comparison)
        const harmed = `${shown.code.slice(0, 40)}${shown.code[40] === "B" ? "C" : "B"}${shown.code.slice(41)}`
        const refusal = yield* phone(Effect.flip(Approval.approve(world.calls, harmed, name("x"))))
        assert.strictEqual(refusal._tag, "CodeRefused")
        const elsewhere = yield* phone(
          Effect.flip(Approval.request(origin, (yield* world.device()(Account.create(wanted))).did))
        )
        assert.strictEqual(elsewhere._tag, "NotADevice")
      })
    ))

  it("B2 a device that was let in may let others in; one let in without a turn may not", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop, phone } = yield* two(world)
        const [tablet, watch] = [world.device(), world.device()]
        const { code } = yield* tablet(Approval.request(origin, created.did))
        yield* laptop(Approval.approve(world.calls, code, name("Tablet")))
        // Asked twice, it is done once.
        yield* laptop(Approval.approve(world.calls, code, name("Tablet")))
        yield* tablet(Approval.join())
        assert.isTrue(yield* tablet(Account.mayState))
        const asked = yield* watch(Approval.request(origin, created.did))
        yield* phone(Approval.approve(world.calls, asked.code, name("Watch"), false))
        yield* watch(Approval.join())
        assert.isFalse(yield* watch(Account.mayState))
        const { keys } = yield* watch(Account.own)
        const opened = yield* watch(MasterKeys.settle(world.calls, keys))
        assert.strictEqual(secret(opened.key), secret((yield* phone(Account.own)).keys.masterKeys[0]!.key))
      })
    ))

  it("Q1 no device knows what opens what was sealed to the kit", () =>
    life((world) =>
      Effect.gen(function*() {
        const { laptop, phone } = yield* two(world)
        const { keys } = yield* laptop(
          Effect.flatMap(
            Account.own,
            ({ keys }) => Effect.map(MasterKeys.fetch(world.calls, keys), (keys) => ({ keys }))
          )
        )
        assert.deepStrictEqual(keys.kit, (yield* phone(Account.own)).keys.kit)
        assert.lengthOf(keys.kit!, 1_216)
      })
    ))

  it("L1 a node that shows another log, or a part of one, is found out", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, phone } = yield* two(world)
        const kept = world.accounts.get(created.did)!
        const [first, second] = kept.operations
        kept.operations.splice(0, 2, second!, first!)
        assert.strictEqual((yield* phone(Effect.flip(Account.alsoKnownAs([]))))._tag, "LogNotProven")
        kept.operations.splice(0, 2)
        assert.strictEqual((yield* phone(Effect.flip(Account.alsoKnownAs([]))))._tag, "LogNotProven")
      })
    ))

  it("R1 the keys of a chain differ, and follow from its seed alone", () =>
    life((world) =>
      world.device()(Effect.gen(function*() {
        const seed = (fill: number) => Redacted.make(new Uint8Array(32).fill(fill))
        const hashes = yield* Effect.forEach([[1, 0], [1, 1], [1, 2], [2, 0]] as const, ([fill, n]) =>
          Effect.map(RotationChain.hash(seed(fill), n), Encoding.encodeHex))
        assert.lengthOf(new Set(hashes), 4)
        // Printed kits outlive the program that printed them.
        assert.strictEqual(hashes[1], golden)
      }))
    ))

  it("R2 keys of earlier ways sign once more, and go on as the chain", () =>
    life((world) =>
      world.device()(Effect.gen(function*() {
        const { hkdf, signerOf } = yield* CryptoSuite
        const seed = Redacted.make(new Uint8Array(32).fill(7))
        const key = (n: string) =>
          hkdf({ key: Redacted.value(seed), salt: utf8("vivim/rotation/1"), info: utf8(n), length: 32 })
        const earlier = yield* signerOf(Redacted.make(yield* key("3")))
        for (const { publicKey } of [earlier, yield* signerOf(seed)]) {
          const turn = yield* RotationChain.turn(seed, [Operation.keyHash(publicKey)], 5)
          assert.deepStrictEqual(turn?.signer.publicKey, publicKey)
          assert.deepStrictEqual(turn?.next, yield* RotationChain.hash(seed, 0))
        }
        assert.isNull(yield* RotationChain.turn(seed, [new Uint8Array(32)], 5))
      }))
    ))

  it("Y1 a record is kept whole, and one that is damaged is refused and never said", () =>
    life((world) =>
      world.device()(Effect.gen(function*() {
        const { read, write } = yield* KeyStore
        yield* Account.create(wanted)
        const keys = yield* DeviceKeys.read
        assert.strictEqual(secret((yield* DeviceKeys.read)!.signing!), secret(keys!.signing!))
        const kept = Redacted.value((yield* read("device"))!.secret)
        yield* write("device", Redacted.make(kept.subarray(1)))
        const error = yield* Effect.flip(DeviceKeys.read)
        assert.strictEqual(error.message, "The keys of this device cannot be read: they are damaged.")
        assert.notInclude(JSON.stringify(keys), secret(keys!.signing!))
      }))
    ))

  it("Y2 of two changes at once neither is lost, and what is as it was is not written", () =>
    life((world) =>
      world.device()(Effect.gen(function*() {
        assert.isNull(yield* KeysChange.to((now) => now))
        yield* Account.create(wanted)
        const since = KeysChange.to((now) => ({ ...now, kitSince: now.kitSince + 1 }))
        yield* Effect.all([since, since, KeysChange.to((now) => ({ ...now, kit: null }))], {
          concurrency: "unbounded"
        })
        assert.deepInclude(yield* DeviceKeys.read, { kitSince: 2, kit: null })
      }))
    ))

  it("K1 a store gives back what it was given last, until it is told to forget", () =>
    life((world) =>
      world.device()(Effect.gen(function*() {
        const { read, remove, write } = yield* KeyStore
        for (const byte of [1, 2]) yield* write("a", Redacted.make(Uint8Array.of(byte)))
        assert.strictEqual(secret((yield* read("a"))!.secret), "02")
        assert.isNull(yield* read("b"))
        yield* remove("a")
        assert.isNull(yield* read("a"))
      }))
    ))
})
