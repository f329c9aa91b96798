/** What is sealed to kits and to devices, and what of it opens. */
import { concat } from "@vivim/crypto/Bytes"
import { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as ReferenceCryptoSuite from "@vivim/crypto/ReferenceCryptoSuite"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import * as HandOver from "./HandOver.ts"
import * as Kit from "./Kit.ts"

const did = "did:vivim:a" as Did
const phone = "z6MkPhone" as DeviceId
const hex = (secret: Redacted.Redacted<Uint8Array>) => Encoding.encodeHex(Redacted.value(secret))
const run = <A, E>(work: Effect.Effect<A, E, CryptoSuite>) =>
  Effect.runSync(Effect.provide(work, ReferenceCryptoSuite.layer))

const begun = Effect.gen(function*() {
  const { kemKeyOf, randomBytes } = yield* CryptoSuite
  const kem = yield* kemKeyOf(Redacted.make(yield* randomBytes(32)))
  return { kem, kit: yield* Kit.make, master: yield* KeyHierarchy.newMasterKey }
})

describe("kits", () => {
  it("Q2 a kit from before kits had public keys opens what was sealed to it then", () =>
    run(Effect.gen(function*() {
      const { kit, master } = yield* begun
      const typed = yield* Kit.read(kit.printed)
      const sealed = [
        yield* Kit.wrap(master, did, kit.kem.publicKey),
        yield* KeyHierarchy.wrapForKit(master, did, kit.wrapKey)
      ]
      for (const one of sealed) assert.strictEqual(hex(yield* Kit.unwrap(typed, did, one)), hex(master))
      for (const one of sealed) {
        assert.strictEqual((yield* Effect.flip(Kit.unwrap(yield* Kit.make, did, one)))._tag, "NotOpened")
      }
    })))

  it("Q3 what is sealed beside opens with every kit it was sealed to, and no other; the oldest goes first", () =>
    run(Effect.gen(function*() {
      const { master } = yield* begun
      const kits = yield* Effect.all([Kit.make, Kit.make, Kit.make, Kit.make])
      const sealed = yield* Effect.forEach(kits, ({ kem }) => Kit.wrap(master, did, kem.publicKey))
      const all = sealed.reduce((before, fresh) => Kit.beside(fresh, before))
      const opened = yield* Effect.forEach(kits, (kit) => Effect.either(Kit.unwrap(kit, did, all)))
      assert.deepStrictEqual(opened.map(({ _tag }) => _tag), ["Left", "Right", "Right", "Right"])
      assert.isAtMost(all.length, 4_096, "the node takes it")
      const stranger = yield* Effect.flip(Kit.unwrap(yield* Kit.make, did, all))
      assert.strictEqual(stranger._tag, "NotOpened")
    })))

  it("U1 what is handed over opens on its device alone, and with the kit's key that was handed over", () =>
    run(Effect.gen(function*() {
      const { kem, kit, master } = yield* begun
      const sealed = yield* HandOver.wrap(master, did, phone, kem.publicKey, {
        kit: kit.kem.publicKey,
        since: 0,
        at: null
      })
      const opened = yield* HandOver.unwrap(kem, did, phone, sealed)
      assert.strictEqual(hex(opened.key), hex(master))
      assert.deepStrictEqual(opened.kit, kit.kem.publicKey)
      const other = yield* begun
      const foreign = yield* Effect.flip(HandOver.unwrap(other.kem, did, phone, sealed))
      assert.strictEqual(foreign._tag, "NotOpened")
      const whole = (yield* StrictCbor.decode(sealed)) as object
      const altered = Canonical.encode({ ...whole, kit: other.kit.kem.publicKey })
      assert.strictEqual((yield* Effect.flip(HandOver.unwrap(kem, did, phone, altered)))._tag, "NotOpened")
      const [at, later] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
      const placed = yield* HandOver.wrap(master, did, phone, kem.publicKey, { kit: null, since: 2, at })
      assert.deepInclude(yield* HandOver.unwrap(kem, did, phone, placed), { kit: null, since: 2, at })
      const moved = Canonical.encode({ ...(yield* StrictCbor.decode(placed)) as object, at: later })
      assert.strictEqual((yield* Effect.flip(HandOver.unwrap(kem, did, phone, moved)))._tag, "NotOpened")
    })))

  it("U2 what was wrapped earlier, to a device by its bare name, opens as well", () =>
    run(Effect.gen(function*() {
      const { kem, master } = yield* begun
      const sealed = yield* KeyHierarchy.wrapForDevice(master, { account: did, device: phone }, kem.publicKey)
      const opened = yield* HandOver.unwrap(kem, did, phone, sealed)
      assert.strictEqual(hex(opened.key), hex(master))
      assert.isNull(opened.kit)
      const harmed = concat(sealed.subarray(0, -1), Uint8Array.of(sealed.at(-1)! ^ 1))
      assert.strictEqual((yield* Effect.flip(HandOver.unwrap(kem, did, phone, harmed)))._tag, "NotOpened")
    })))
})
