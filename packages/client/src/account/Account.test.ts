/** An account's whole life, device by device, on a node in memory whose clock is in hand. */
import * as HttpClient from "@effect/platform/HttpClient"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import { DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { assert, describe, it } from "vitest"
import { NodeSession } from "../NodeSession.ts"
import * as Account from "./Account.ts"
import * as Approval from "./Approval.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import { KeyStore } from "./KeyStore.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as NodeExample from "./NodeExample.ts"
import * as Recovery from "./Recovery.ts"
import * as RotationChain from "./RotationChain.ts"

const origin = "https://node.example"
const name = (text: string) => DisplayName.make(text)
const wanted = { handle: Handle.make("ada"), displayName: name("Ada") }
const hour = 3_600_000
const golden = "c7e4e7960cf66a50869a1231a554969a10147ef4e44369a0be884c162eaeeac0"

type Needs = CryptoSuite | KeyStore | HttpClient.HttpClient | NodeSession

const life = <A, E>(
  live: (
    world: ReturnType<typeof NodeExample.make> & {
      readonly device: () => <B, F>(work: Effect.Effect<B, F, Needs>) => Effect.Effect<B, F>
    }
  ) => Effect.Effect<A, E>
) => {
  const world = NodeExample.make()
  const device = () => {
    const store = Effect.runSync(Effect.map(Effect.scoped(Layer.build(KeyStore.layerMemory)), (context) => context))
    return <B, F>(work: Effect.Effect<B, F, Needs>): Effect.Effect<B, F> =>
      Effect.provide(work, ReferenceCryptoSuite.layer).pipe(
        Effect.provide(store),
        Effect.provideService(HttpClient.HttpClient, world.client),
        Effect.provideService(NodeSession, world.session)
      )
  }
  const begin = Effect.zipRight(TestClock.setTime(1_000 * hour), live({ ...world, device }))
  return Effect.runPromise(Effect.provide(begin, TestContext.TestContext))
}

const secret = (key: Redacted.Redacted<Uint8Array>) => Encoding.encodeHex(Redacted.value(key))
const generations = Effect.map(Account.own, ({ keys }) => keys.masterKeys.map(({ generation }) => generation))

/** Ada with a phone and a laptop. */
const two = (world: Parameters<Parameters<typeof life>[0]>[0]) =>
  Effect.gen(function*() {
    const [phone, laptop] = [world.device(), world.device()]
    const created = yield* phone(Account.create(wanted))
    yield* phone(Account.secure(world.calls, created, name("Phone")))
    const { code } = yield* laptop(Approval.request(origin))
    yield* laptop(Approval.join(yield* phone(Approval.approve(world.calls, code, name("Laptop")))))
    return { phone, laptop, created }
  })

describe("an account from afar", () => {
  it("A1 stands with a kit and a first device, and says by what it is known and where it is", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, phone } = yield* two(world)
        assert.lengthOf(created.wraps, 2)
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
        yield* laptop(Account.revoke(world.calls, deviceId))
        assert.deepStrictEqual(yield* laptop(generations), [1, 2])
        const { keys } = yield* phone(Account.own)
        assert.lengthOf((yield* phone(MasterKeys.fetch(world.calls, keys))).masterKeys, 1)
        assert.strictEqual((yield* phone(Effect.flip(Account.alsoKnownAs([]))))._tag, "NotADevice")
        assert.isNull(yield* world.device()(DeviceKeys.read))
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
        assert.strictEqual((yield* laptop(Effect.flip(Account.revoke(world.calls, deviceId))))._tag, "LogNotProven")
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
      })
    ))

  it("B1 a code that is changed anywhere, or is no code, is refused; whole ones show the same words on both sides", () =>
    life((world) =>
      Effect.gen(function*() {
        const { phone } = yield* two(world)
        const shown = yield* world.device()(Approval.request(origin))
        assert.match(shown.words, /^\d{4} \d{4} \d{4}$/)
        assert.strictEqual((yield* phone(Approval.look(shown.code))).words, shown.words)
        for (const at of [0, 5, 40, 200, 1_500, shown.code.length - 4]) {
          const other = shown.code[at] === "B" ? "C" : "B"
          const harmed = shown.code.slice(0, at) + other + shown.code.slice(at + 1)
          const refusal = yield* phone(Effect.flip(Approval.approve(world.calls, harmed, name("x"))))
          assert.strictEqual(refusal._tag, "CodeRefused")
        }
      })
    ))

  it("B2 a device that was let in may let others in; one let in without a turn may not", () =>
    life((world) =>
      Effect.gen(function*() {
        const { laptop, phone } = yield* two(world)
        const [tablet, watch] = [world.device(), world.device()]
        const { code } = yield* tablet(Approval.request(origin))
        yield* laptop(Effect.flatMap(Account.own, ({ keys }) => MasterKeys.fetch(world.calls, keys)))
        yield* tablet(Approval.join(yield* laptop(Approval.approve(world.calls, code, name("Tablet")))))
        assert.isTrue(yield* tablet(Approval.mayState))
        const asked = yield* watch(Approval.request(origin))
        yield* watch(Approval.join(yield* phone(Approval.approve(world.calls, asked.code, name("Watch"), false))))
        assert.isFalse(yield* watch(Approval.mayState))
        const stranger = world.device()
        yield* stranger(Approval.request(origin))
        assert.strictEqual((yield* stranger(Effect.flip(Approval.join("AA"))))._tag, "CodeRefused")
      })
    ))

  it("C1 the kit gives the account to a new device, again and again, and opens its master keys", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop } = yield* two(world)
        const first = yield* laptop(Effect.flatMap(Account.own, ({ keys }) => MasterKeys.fetch(world.calls, keys)))
        for (const generation of [2, 3]) {
          const next = world.device()
          const kit = yield* next(Recovery.recover({ origin, did: created.did, kit: created.kit }))
          yield* next(Recovery.unlock(world.calls, kit))
          const { keys } = yield* next(Account.own)
          assert.strictEqual(secret(keys.masterKeys[0]!.key), secret(first.masterKeys[0]!.key))
          assert.strictEqual(keys.masterKeys.at(-1)?.generation, generation)
        }
        assert.isFalse(yield* laptop(Approval.mayState))
      })
    ))

  it("C2 voids what a thief stated within 72 hours, and cannot any more after", () =>
    life((world) =>
      Effect.gen(function*() {
        const { created, laptop, phone } = yield* two(world)
        const { deviceId } = yield* phone(Account.signer)
        // The laptop is stolen: the phone is thrown out, and the kit with it.
        yield* laptop(Account.state(({ devices }) => ({
          devices: Object.fromEntries(Object.entries(devices).filter(([id]) => id !== deviceId)),
          recovery: []
        })))
        const lost = { origin, did: created.did, kit: created.kit }
        assert.strictEqual((yield* world.device()(Effect.flip(Recovery.recover(lost))))._tag, "KitOfAnother")
        yield* TestClock.adjust("71 hours")
        const [step] = yield* phone(Recovery.history(origin, created.did))
        assert.deepInclude(step, { seq: 2, removed: [deviceId], voidable: true })
        const saved = world.device()
        yield* saved(Recovery.recover({ ...lost, from: 2 }))
        assert.isTrue(yield* saved(Approval.mayState))
        assert.isFalse(yield* laptop(Approval.mayState))

        yield* saved(Account.state(() => ({ recovery: [] })))
        yield* TestClock.adjust("73 hours")
        const late = yield* world.device()(Effect.flip(Recovery.recover({ ...lost, from: 3 })))
        assert.deepInclude(late, { _tag: "NodeRefused", reason: "WindowOver" })
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

  it("Y1 a record is kept whole, and one that is damaged is refused and never said", () =>
    life((world) =>
      world.device()(Effect.gen(function*() {
        const { read, write } = yield* KeyStore
        yield* Account.create(wanted)
        const keys = yield* DeviceKeys.read
        assert.strictEqual(secret((yield* DeviceKeys.read)!.signing), secret(keys!.signing))
        const kept = Redacted.value((yield* read("device"))!)
        yield* write("device", Redacted.make(kept.subarray(1)))
        const error = yield* Effect.flip(DeviceKeys.read)
        assert.strictEqual(error.message, "The keys of this device cannot be read: they are damaged.")
        assert.notInclude(JSON.stringify(keys), secret(keys!.signing))
      }))
    ))

  it("K1 a store gives back what it was given last, until it is told to forget", () =>
    life((world) =>
      world.device()(Effect.gen(function*() {
        const { read, remove, write } = yield* KeyStore
        for (const byte of [1, 2]) yield* write("a", Redacted.make(Uint8Array.of(byte)))
        assert.strictEqual(secret((yield* read("a"))!), "02")
        assert.isNull(yield* read("b"))
        yield* remove("a")
        assert.isNull(yield* read("a"))
      }))
    ))
})
