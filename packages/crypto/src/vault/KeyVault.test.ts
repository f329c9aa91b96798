/** The vault and the cipher over it, on rows that can be looked into and a clock in hand. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { checkOf } from "./KeyRing.ts"
import { lockedAt, moments } from "./LockedMeanwhile.ts"
import * as VaultCipher from "./VaultCipher.ts"
import {
  ada,
  bo,
  bytes,
  enrolled,
  key,
  node,
  opensAll,
  sealedUnder,
  storeKey,
  subject,
  tagOf,
  world
} from "./VaultExample.ts"

describe("KeyVault", () => {
  it.scoped("V1 is unlocked by the store key it was enrolled with, and by nothing else", () =>
    Effect.gen(function*() {
      const { vault } = yield* world()
      assert.strictEqual(yield* tagOf(vault.unlock(ada, key)), "WrongStoreKey")
      yield* vault.enroll(ada, Redacted.make(checkOf(storeKey)))
      assert.strictEqual(vault.state(ada), "locked")
      for (const wrong of [Buffer.alloc(32, 6), storeKey.subarray(1), Buffer.alloc(0), checkOf(storeKey)]) {
        assert.strictEqual(yield* tagOf(vault.unlock(ada, Redacted.make(wrong))), "WrongStoreKey")
      }
      assert.strictEqual(yield* tagOf(vault.enroll(ada, Redacted.make(Buffer.alloc(32)))), "EnrolmentTaken")
      yield* vault.unlock(ada, key)
      assert.strictEqual(vault.state(ada), "unlocked")
    }))

  it.scoped("V2 seals nothing before its key is durable", () =>
    Effect.gen(function*() {
      const open = yield* Deferred.make<void>()
      const { cipher, rows } = yield* enrolled(({ keep }) => ({
        keep: (rows) => Effect.zipRight(Deferred.await(open), keep(rows))
      }))
      const sealing = yield* Effect.fork(
        Effect.all([1, 2, 3].map(() => cipher.seal(subject, bytes(""), bytes("tea"))), {
          concurrency: "unbounded"
        })
      )
      yield* Effect.yieldNow()
      assert.strictEqual((yield* rows.ofOwner(ada)).length, 0)
      assert.isTrue((yield* Fiber.poll(sealing))._tag === "None")
      yield* Deferred.succeed(open, undefined)
      assert.strictEqual((yield* Fiber.join(sealing)).length, 3)
      // One key for all three: they wait for each other.
      assert.strictEqual((yield* rows.ofOwner(ada)).length, 1)
    }))

  it.scoped("V2 who gives up while a key is made takes nobody along who waits for it", () =>
    Effect.gen(function*() {
      const [asked, open] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const { cipher } = yield* enrolled(({ keep }) => ({
        keep: (rows) =>
          Deferred.succeed(asked, undefined).pipe(Effect.zipRight(Deferred.await(open)), Effect.zipRight(keep(rows)))
      }))
      const seal = Effect.fork(cipher.seal(subject, bytes(""), bytes("tea")))
      const [first, second] = [yield* seal, yield* seal]
      yield* Deferred.await(asked)
      yield* Fiber.interruptFork(first)
      yield* Effect.yieldNow()
      yield* Deferred.succeed(open, undefined)
      const sealed = yield* Fiber.join(second)
      assert.strictEqual(String(yield* cipher.open(subject, bytes(""), sealed)), "tea")
    }))

  it.scoped("V3 locked, opens and seals nothing, also with what was asked for before", () =>
    Effect.gen(function*() {
      const { cipher, vault } = yield* enrolled()
      const sealed = yield* cipher.seal(subject, bytes(""), bytes("tea"))
      const held = yield* vault.sealing(subject)
      yield* vault.lock(ada)
      assert.isTrue(held.isWiped)
      assert.isFalse(cipher.isOpen(ada))
      for (
        const work of [
          cipher.seal(subject, bytes(""), bytes("tea")),
          cipher.open(subject, bytes(""), sealed),
          cipher.addresses(ada, bytes("hash")),
          cipher.keys(subject)
        ]
      ) assert.strictEqual(yield* tagOf(work as Effect.Effect<unknown, { readonly _tag: string }>), "Locked")
      yield* vault.unlock(ada, key)
      assert.strictEqual(String(yield* cipher.open(subject, bytes(""), sealed)), "tea")
    }))

  it.scoped("V3 locked at whatever moment while a key is made, keeps none that the store key does not open", () =>
    Effect.gen(function*() {
      const { cipher, vault } = yield* enrolled()
      for (const moment of moments) {
        const stream = { owner: ada, stream: `document/${moment.steps} ${moment.turns}` }
        yield* lockedAt(vault, vault.sealing(stream), moment)
        yield* vault.unlock(ada, key)
        yield* cipher.seal(stream, bytes(""), bytes("tea"))
      }
    }))

  it.scoped("V3 is locked when nobody asks for anything, and tells so", () =>
    Effect.gen(function*() {
      const { cipher, vault } = yield* enrolled()
      const moves = yield* Effect.fork(Stream.runHead(vault.moves))
      yield* TestClock.adjust("9 minutes")
      yield* cipher.seal(subject, bytes(""), bytes("tea"))
      yield* TestClock.adjust("9 minutes")
      assert.strictEqual(vault.state(ada), "unlocked")
      yield* TestClock.adjust("4 minutes")
      assert.strictEqual(vault.state(ada), "locked")
      assert.deepInclude(yield* Fiber.join(moves), { value: { owner: ada, here: false } })
    }))

  it.scoped("V4 a destroyed key opens nothing, here or in another life, and other keys open all else", () =>
    Effect.gen(function*() {
      const { again, cipher, vault } = yield* enrolled()
      const other = { ...subject, stream: "document/d2" }
      const [sealed, kept] = [
        yield* cipher.seal(subject, bytes(""), bytes("tea")),
        yield* cipher.seal(other, bytes(""), bytes("milk"))
      ]
      assert.strictEqual(yield* vault.rotate(subject), 2)
      const newer = yield* cipher.seal(subject, bytes(""), bytes("sugar"))
      yield* vault.destroy(subject, 1)
      const later = VaultCipher.make(node, yield* Effect.tap(again, (vault) => vault.unlock(ada, key)))
      for (const one of [cipher, later]) {
        assert.strictEqual(yield* tagOf(one.open(subject, bytes(""), sealed)), "Shredded")
        assert.strictEqual(String(yield* one.open(subject, bytes(""), newer)), "sugar")
        assert.strictEqual(String(yield* one.open(other, bytes(""), kept)), "milk")
      }
    }))

  it.scoped("V4 a key that is just being read when it is destroyed does not come back", () =>
    Effect.gen(function*() {
      const [reading, read] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      let held = false
      const { again, cipher } = yield* enrolled(({ ofStream }) => ({
        ofStream: (owner, stream) =>
          Effect.tap(ofStream(owner, stream), () => {
            if (!held) return Effect.void
            held = false
            return Effect.zipRight(Deferred.succeed(reading, undefined), Deferred.await(read))
          })
      }))
      const sealed = yield* cipher.seal(subject, bytes(""), bytes("tea"))
      const later = yield* Effect.tap(again, (vault) => vault.unlock(ada, key))
      held = true
      const opening = yield* Effect.fork(Effect.flip(VaultCipher.make(node, later).open(subject, bytes(""), sealed)))
      yield* Deferred.await(reading)
      yield* later.destroy(subject)
      yield* Deferred.succeed(read, undefined)
      assert.strictEqual((yield* Fiber.join(opening))._tag, "Shredded")
    }))

  it.scoped("V2 opens whatever there is, one key or very many, and draws none that is there already", () =>
    Effect.gen(function*() {
      const { again, cipher, rows } = yield* enrolled()
      const all = yield* sealedUnder(cipher, 80)
      const later = VaultCipher.make(node, yield* Effect.tap(again, (vault) => vault.unlock(ada, key)))
      yield* Effect.forEach(all, ({ subject }) => later.seal(subject, bytes(""), bytes("more")), {
        concurrency: "unbounded"
      })
      yield* opensAll(later, all)
      assert.lengthOf(yield* rows.ofOwner(ada), 80)
    }))

  it.scoped("V5 who has no vault is sealed for by the node, and locking changes nothing", () =>
    Effect.gen(function*() {
      const { cipher, rows, vault } = yield* enrolled()
      const own = { ...subject, owner: bo }
      const sealed = yield* cipher.seal(own, bytes(""), bytes("tea"))
      yield* vault.lock(bo)
      assert.strictEqual(vault.state(bo), "open")
      assert.strictEqual(String(yield* node.open(own, bytes(""), sealed)), "tea")
      assert.strictEqual((yield* rows.ofOwner(bo)).length, 0)
    }))

  it.scoped("V6 who left has no key, and gets none", () =>
    Effect.gen(function*() {
      const { again, cipher, rows, vault } = yield* enrolled()
      const sealed = yield* cipher.seal(subject, bytes(""), bytes("tea"))
      yield* vault.forget(ada)
      assert.strictEqual((yield* rows.ofOwner(ada)).length, 0)
      for (const one of [vault, yield* again]) {
        assert.strictEqual(one.state(ada), "gone")
        assert.strictEqual(yield* tagOf(one.unlock(ada, key)), "WrongStoreKey")
        assert.strictEqual(yield* tagOf(one.enroll(ada, Redacted.make(checkOf(storeKey)))), "EnrolmentTaken")
        const gone = VaultCipher.make(node, one)
        assert.strictEqual(yield* tagOf(gone.open(subject, bytes(""), sealed)), "Shredded")
        assert.strictEqual(yield* tagOf(gone.seal(subject, bytes(""), bytes("tea"))), "Shredded")
      }
    }))
})

describe("VaultCipher", () => {
  it.scoped("C1 what was sealed before there was a vault opens while it is unlocked", () =>
    Effect.gen(function*() {
      const { cipher, vault } = yield* enrolled()
      const before = yield* node.seal(subject, bytes(""), bytes("tea"))
      const [address] = yield* node.addresses(ada, bytes("hash"))
      assert.strictEqual(String(yield* cipher.open(subject, bytes(""), before)), "tea")
      assert.deepStrictEqual((yield* cipher.addresses(ada, bytes("hash")))[1], address)
      assert.deepStrictEqual((yield* cipher.keys(subject))[1], (yield* node.keys(subject))[0])
      yield* vault.lock(ada)
      assert.strictEqual(yield* tagOf(cipher.open(subject, bytes(""), before)), "Locked")
    }))

  it.scoped("C2 the node's key and every row open nothing of who has a vault", () =>
    Effect.gen(function*() {
      const { cipher, rows } = yield* enrolled()
      const sealed = yield* cipher.seal(subject, bytes(""), bytes("tea"))
      assert.strictEqual(yield* tagOf(node.open(subject, bytes(""), sealed)), "PayloadUnreadable")
      const [row] = yield* rows.ofOwner(ada)
      assert.strictEqual(row!.wrapped!.length, 60)
      const [raw] = yield* cipher.keys(subject)
      assert.notDeepEqual(raw, (yield* node.keys(subject))[0])
    }))
})
