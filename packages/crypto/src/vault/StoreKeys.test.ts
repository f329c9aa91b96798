/** One store key after another, on rows that can be looked into. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type { KeysUnavailable } from "../Cipher.ts"
import { KeyRing, secretsOf } from "./KeyRing.ts"
import { lockedAt, moments } from "./LockedMeanwhile.ts"
import * as VaultCipher from "./VaultCipher.ts"
import { ada, bytes, enrolled, key, node, opensAll, sealedUnder, storeKey, subject, tagOf } from "./VaultExample.ts"

describe("a store key in the place of another", () => {
  const next = Redacted.make<Uint8Array>(Buffer.alloc(32, 6))
  const quietly = () => Effect.void

  it.scoped("V7 unlocks alone and opens all; the one before opens no door at once, and no key at the end", () =>
    Effect.gen(function*() {
      const { again, cipher, rows, vault } = yield* enrolled()
      const all = yield* sealedUnder(cipher, 5)
      const [address] = yield* cipher.addresses(ada, bytes("hash"))
      assert.strictEqual(yield* tagOf(vault.replace(ada, next, next)), "WrongStoreKey")
      assert.strictEqual(yield* vault.replace(ada, key, next), 2)
      assert.strictEqual(vault.between(ada), 2)
      // Before a single key was wrapped anew, in the same life as in another.
      for (const one of [vault, yield* again]) {
        assert.strictEqual(yield* tagOf(one.unlock(ada, key)), "WrongStoreKey")
        yield* one.unlock(ada, next)
        yield* opensAll(VaultCipher.make(node, one), all)
      }
      const drawn = yield* cipher.seal({ owner: ada, stream: "document/new" }, bytes(""), bytes("tea"))
      const told: Array<string> = []
      yield* vault.rewrap(ada, ({ done, total }) => Effect.sync(() => told.push(`${done}/${total}`)))
      assert.deepStrictEqual(told, ["0/5", "2/5", "4/5", "5/5"])
      assert.isNull(vault.between(ada))
      yield* opensAll(cipher, all)
      // Whatever is there lies under the new one, and the old one opens none of it.
      const lying = yield* rows.ofOwner(ada)
      assert.deepStrictEqual(new Set(lying.map(({ under }) => under)), new Set([2]))
      assert.isNull((yield* rows.enrolmentOf(ada))!.bridge)
      const thief = new KeyRing(secretsOf(storeKey, 2), { owner: ada, generation: 2, bridge: null }, lying, 0)
      for (const { generation, stream } of lying) assert.throws(() => thief.find(stream, generation))
      const later = VaultCipher.make(node, yield* Effect.tap(again, (vault) => vault.unlock(ada, next)))
      yield* opensAll(later, all)
      assert.strictEqual(String(yield* later.open({ owner: ada, stream: "document/new" }, bytes(""), drawn)), "tea")
      // Content is named otherwise from now on, and found by the name it had.
      const [name, ...before] = yield* later.addresses(ada, bytes("hash"))
      assert.notDeepEqual(name, address)
      assert.deepStrictEqual(before[0], address)
    }))

  it.scoped("V7 asked again is answered as if it were the first time; in the middle of another it ends that one first", () =>
    Effect.gen(function*() {
      const { cipher, vault } = yield* enrolled()
      const all = yield* sealedUnder(cipher, 3)
      const third = Redacted.make<Uint8Array>(Buffer.alloc(32, 7))
      assert.strictEqual(yield* vault.replace(ada, key, next), 2)
      assert.strictEqual(yield* vault.replace(ada, key, next), 2)
      assert.strictEqual(yield* vault.replace(ada, next, third), 3)
      yield* vault.rewrap(ada, quietly)
      yield* opensAll(cipher, all)
      yield* vault.lock(ada)
      assert.strictEqual(yield* tagOf(vault.replace(ada, next, key)), "WrongStoreKey")
      assert.strictEqual(yield* vault.replace(ada, third, key), 4)
      yield* opensAll(cipher, all)
      assert.lengthOf(yield* vault.addresses(ada), 4)
    }))

  it.scoped("V7 cut off after any piece, each key is under one of two that both open, and the rest follows", () =>
    Effect.gen(function*() {
      for (const pieces of [0, 1, 2]) {
        let left = pieces
        const { again, cipher, rows, vault } = yield* enrolled(({ rewrap }) => ({
          rewrap: (rows) => left-- > 0 ? rewrap(rows) : Effect.never
        }))
        const all = yield* sealedUnder(cipher, 6)
        yield* vault.replace(ada, key, next)
        yield* Effect.raceFirst(vault.rewrap(ada, quietly), Effect.repeatN(Effect.yieldNow(), 200))
        const unders = (yield* rows.ofOwner(ada)).filter(({ stream }) => stream !== "address").map(({ under }) => under)
        assert.strictEqual(unders.filter((under) => under === 2).length, pieces * 2)
        left = 9
        const life = yield* again
        assert.strictEqual(yield* tagOf(life.unlock(ada, key)), "WrongStoreKey")
        yield* life.unlock(ada, next)
        yield* opensAll(VaultCipher.make(node, life), all)
        yield* life.rewrap(ada, quietly)
        yield* opensAll(VaultCipher.make(node, life), all)
        assert.isNull(life.between(ada))
      }
    }))

  it.scoped("V7 locked at whatever moment of it, all opens with the one key there is then", () =>
    Effect.gen(function*() {
      for (const moment of moments) {
        const { again, cipher, vault } = yield* enrolled()
        const all = yield* sealedUnder(cipher, 1)
        yield* lockedAt(vault, vault.replace(ada, key, next), moment)
        const life = yield* again
        yield* Effect.catchTag(life.unlock(ada, next), "WrongStoreKey", () => life.unlock(ada, key))
        yield* opensAll(VaultCipher.make(node, life), all)
      }
    }))

  it.scoped("V7 what is destroyed meanwhile stays destroyed", () =>
    Effect.gen(function*() {
      let destroy: Effect.Effect<void, KeysUnavailable> = Effect.void
      const { again, cipher, vault } = yield* enrolled(({ rewrap }) => ({
        rewrap: (rows) => Effect.zipRight(destroy, rewrap(rows))
      }))
      destroy = vault.destroy(subject)
      const sealed = yield* cipher.seal(subject, bytes(""), bytes("tea"))
      yield* vault.replace(ada, key, next)
      yield* vault.rewrap(ada, quietly)
      const later = yield* Effect.tap(again, (vault) => vault.unlock(ada, next))
      for (const one of [cipher, VaultCipher.make(node, later)]) {
        assert.strictEqual(yield* tagOf(one.open(subject, bytes(""), sealed)), "Shredded")
      }
    }))

  it.scoped("V7 what is sealed while it is replaced gets a key of the new one; another process is locked", () =>
    Effect.gen(function*() {
      const replacing = yield* Deferred.make<void>()
      const { again, cipher, rows, vault } = yield* enrolled(({ replace }) => ({
        replace: (next, rows) => Effect.zipLeft(replace(next, rows), Deferred.await(replacing))
      }))
      const other = yield* Effect.tap(again, (vault) => vault.unlock(ada, key))
      const fiber = yield* Effect.fork(vault.replace(ada, key, next))
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      const seal = yield* Effect.fork(cipher.seal(subject, bytes(""), bytes("tea")))
      yield* Effect.repeatN(Effect.yieldNow(), 50)
      yield* Deferred.succeed(replacing, undefined)
      yield* Fiber.join(fiber)
      const sealed = yield* Fiber.join(seal)
      assert.deepStrictEqual((yield* rows.ofStream(ada, subject.stream)).map(({ under }) => under), [2])
      assert.strictEqual(yield* tagOf(VaultCipher.make(node, other).open(subject, bytes(""), sealed)), "Locked")
      assert.strictEqual(other.state(ada), "locked")
    }))
})
