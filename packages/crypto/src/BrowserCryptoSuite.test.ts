/** The browser's engine where there is no browser: the platform that lies, and the one that has nothing. Chromium has its own test. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { assert, describe, it } from "vitest"
import * as BrowserCryptoSuite from "./BrowserCryptoSuite.ts"
import { utf8 } from "./Bytes.ts"
import * as Ed25519 from "./Ed25519.ts"
import { probes } from "./Ed25519Probes.ts"
import * as Randomness from "./Randomness.ts"

const platform = globalThis.crypto.subtle
/** The platform, but for some of its doings. */
const butFor = (parts: Record<string, unknown>) =>
  new Proxy(platform, {
    get: (target, name) => {
      const own = parts[String(name)] ?? Reflect.get(target, name)
      return typeof own === "function" ? own.bind(target) : own
    }
  })
const verdicts = (subtle: typeof platform | undefined) =>
  Effect.runPromise(Effect.gen(function*() {
    const { verify } = yield* BrowserCryptoSuite.engine(Randomness.system, subtle)
    return yield* Effect.forEach(probes, ({ message, publicKey, signature }) => verify(publicKey, message, signature))
  }))

describe("BrowserCryptoSuite", () => {
  it("B1 the probes are what the strict profile says", () => {
    const said = probes.map(({ message, publicKey, signature }) => Ed25519.verify(publicKey, message, signature))
    assert.deepStrictEqual(said, probes.map(({ good }) => good))
    assert.includeMembers(said, [true, false])
  })

  it("B1 does without a platform that verifies otherwise, or not at all", async () => {
    const wanted = probes.map(({ good }) => good)
    assert.deepStrictEqual(await verdicts(platform), wanted)
    assert.deepStrictEqual(await verdicts(butFor({ verify: () => Promise.resolve(true) })), wanted)
    assert.deepStrictEqual(await verdicts(butFor({ verify: () => Promise.resolve(false) })), wanted)
    assert.deepStrictEqual(
      await verdicts(butFor({ importKey: () => Promise.reject(new Error("unknown curve")) })),
      wanted
    )
    assert.deepStrictEqual(await verdicts(undefined), wanted)
  })

  it("B2 makes keys that sign and cannot be taken out", async () => {
    const keys = Option.getOrThrow(await Effect.runPromise(BrowserCryptoSuite.newDeviceKeys))
    const signer = await Effect.runPromise(BrowserCryptoSuite.deviceSigner(keys))
    const message = utf8("two cups")
    assert.isTrue(Ed25519.verify(signer.publicKey, message, await Effect.runPromise(signer.sign(message))))
    assert.strictEqual(await platform.exportKey("pkcs8", keys.privateKey).then(() => "taken", () => "kept"), "kept")
  })
})
