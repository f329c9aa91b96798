/** The signing key: held to RFC 8032's own examples, to forgeries, and to what may lie at its file's place. */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import { fromSeed, open, verify } from "./SigningKey.ts"

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"))
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const flipped = (bytes: Uint8Array, bit: number) => {
  const copy = new Uint8Array(bytes)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

/** RFC 8032, 7.1, TEST 3. */
const seed = hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
const publicKey = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
const signature = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"

const vectors = path.resolve(import.meta.dirname, "../../../../shared/vectors/wycheproof/ed25519_test.json")

describe("an Ed25519 key", () => {
  it("K1 signs as RFC 8032 says", () => {
    const key = fromSeed(seed)
    assert.strictEqual(toHex(key.publicKey), publicKey)
    assert.strictEqual(toHex(key.sign(hex("af82"))), signature)
    assert.isTrue(verify(key.publicKey, hex("af82"), hex(signature)))
  })

  it("K1 verifies nothing else: not one bit of the message, the key or the signature may differ", () => {
    const message = hex("af82")
    for (let bit = 0; bit < 512; bit++) assert.isFalse(verify(hex(publicKey), message, flipped(hex(signature), bit)))
    for (let bit = 0; bit < 256; bit++) assert.isFalse(verify(flipped(hex(publicKey), bit), message, hex(signature)))
    for (let bit = 0; bit < 16; bit++) assert.isFalse(verify(hex(publicKey), flipped(message, bit), hex(signature)))
    assert.isFalse(verify(hex(publicKey), message, hex(signature).subarray(1)))
    assert.isFalse(verify(hex("00"), message, hex(signature)))
  })

  it("K1 refuses a signature whose S was not reduced", () => {
    const order = 2n ** 252n + 27742317777372353535851937790883648493n
    const given = hex(signature)
    const reversed = toHex(given.slice(32).toReversed())
    const reflected = (BigInt(`0x${reversed}`) + order).toString(16).padStart(64, "0")
    given.set(hex(reflected).toReversed(), 32)
    assert.isFalse(verify(hex(publicKey), hex("af82"), given))
  })

  // The vectors lie beside the project, not in it.
  it.skipIf(!fs.existsSync(vectors))("K1 agrees with Wycheproof on every signature", () => {
    const { testGroups } = JSON.parse(fs.readFileSync(vectors, "utf8"))
    let seen = 0
    for (const { publicKey, tests } of testGroups) {
      for (const { comment, msg, result, sig, tcId } of tests) {
        seen++
        assert.strictEqual(verify(hex(publicKey.pk), hex(msg), hex(sig)), result === "valid", `${tcId} ${comment}`)
      }
    }
    assert.isAtLeast(seen, 100)
  })
})

describe("the file of a signing key", () => {
  let folder = ""
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-key-"))
  })
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))
  const outcome = (file: string, mayCreate: boolean) =>
    Effect.runPromise(Effect.match(open(file, mayCreate), {
      onFailure: ({ message }) => message,
      onSuccess: (key) => toHex(key.publicKey)
    }))

  it("K2 is made once, for its owner alone, and read ever after", async () => {
    const file = path.join(folder, "deep", "audit.key")
    const both = await Promise.all([outcome(file, true), outcome(file, true)])
    assert.match(both[0], /^[0-9a-f]{64}$/)
    assert.strictEqual(both[0], both[1])
    assert.strictEqual(await outcome(file, false), both[0])
    assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
    assert.deepStrictEqual(fs.readdirSync(path.dirname(file)), ["audit.key"])
  })

  // Windows has other ways to say who may read.
  it.skipIf(process.platform === "win32")("K2 is refused when others can read it", async () => {
    const file = path.join(folder, "audit.key")
    await outcome(file, true)
    fs.chmodSync(file, 0o640)
    assert.match(await outcome(file, true), /others can read it; run: chmod 600 /)
  })

  it("K2 is refused when it holds something else, and left as it is", async () => {
    const file = path.join(folder, "audit.key")
    fs.writeFileSync(file, "no key", { mode: 0o600 })
    assert.match(await outcome(file, true), /holds no Ed25519 key/)
    assert.strictEqual(fs.readFileSync(file, "utf8"), "no key")
  })

  it("K3 is not made where something was signed", async () => {
    const file = path.join(folder, "audit.key")
    assert.match(await outcome(file, false), /is missing, and things were signed/)
    assert.isFalse(fs.existsSync(file))
  })
})
