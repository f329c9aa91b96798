/** What the node key has to do with a backup. */
import type { Cipher } from "@vivim/crypto/Cipher"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import type { Handle } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { assert, describe, it } from "vitest"
import * as BackupKey from "./BackupKey.ts"
import { keyBytes, noise, sampleCipher } from "./BackupSample.ts"

const hex = (work: Effect.Effect<Uint8Array>): string => Buffer.from(Effect.runSync(work)).toString("hex")
const others = Array.from({ length: 50 }, (_, i) => fromMasterKey(noise(`other ${i}`, 32)))
const counts = { accounts: 1, events: 2, contents: 3, parts: 4 }
const digest = noise("digest", 32)
const account = { handle: "ada" as Handle, key: Buffer.from("{\"d\":\"the secret of ada\"}") }
const opened = (cipher: Cipher, sealed: Uint8Array) =>
  Effect.runSync(Effect.either(BackupKey.openAccount(cipher, sealed)))

describe("the key of a backup", () => {
  it("Y1 has one mark, another one than any other key, that does not tell the key", () => {
    const mark = hex(BackupKey.markOf(sampleCipher))
    assert.strictEqual(mark, hex(BackupKey.markOf(fromMasterKey(keyBytes))))
    assert.strictEqual(new Set([mark, ...others.map((other) => hex(BackupKey.markOf(other)))]).size, others.length + 1)
    assert.notInclude(mark, keyBytes.toString("hex").slice(0, 8))
  })

  it("Y2 vouches for exactly these figures and this digest, as no other key can", () => {
    const seal = (cipher: Cipher, changed: Partial<typeof counts> = {}, over: Uint8Array = digest) =>
      hex(BackupKey.sealOf(cipher, { ...counts, ...changed }, over))
    const all = [
      seal(sampleCipher),
      ...Object.keys(counts).map((name) => seal(sampleCipher, { [name]: 9 })),
      seal(sampleCipher, {}, noise("another digest", 32)),
      ...others.map((other) => seal(other)),
      // Neither is it a content's name, which every account can ask the node to make.
      hex(Effect.map(Effect.orDie(sampleCipher.addresses("did:key:zAda", digest)), ([name]) => name))
    ]
    assert.strictEqual(seal(sampleCipher), all[0])
    assert.strictEqual(new Set(all).size, all.length)
  })

  it("Y3 opens accounts, and no other key does; nothing of them lies open", () => {
    const sealed = Effect.runSync(BackupKey.sealAccount(sampleCipher, account))
    const back = Either.getOrThrow(opened(sampleCipher, sealed))
    assert.deepStrictEqual({ handle: back!.handle, key: Buffer.from(back!.key).toString() }, {
      handle: account.handle,
      key: account.key.toString()
    })
    for (const word of ["ada", "secret", "handle"]) assert.isFalse(Buffer.from(sealed).includes(word), word)
    for (const other of others) assert.isTrue(Either.isLeft(opened(other, sealed)))
    for (let at = 0; at < sealed.length; at++) {
      assert.isTrue(Either.isLeft(opened(sampleCipher, sealed.map((byte, i) => i === at ? byte ^ 1 : byte))))
    }
  })

  it("Y3 takes nothing for an account that could lead out of its folder", () => {
    for (const handle of ["../ada", "a/b", "", "Ada", "..", "a\u0000"]) {
      const sealed = Effect.runSync(BackupKey.sealAccount(sampleCipher, { ...account, handle: handle as Handle }))
      assert.isNull(Either.getOrThrow(opened(sampleCipher, sealed)), handle)
    }
  })
})
