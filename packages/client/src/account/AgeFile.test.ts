/** Files sealed with age: in pieces, to a key; what was changed or cut does not pass. */
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { assert, beforeAll, it } from "vitest"
import * as AgeFile from "./AgeFile.ts"

const plain = new TextEncoder().encode("xylophone marmalade ".repeat(20_000))
const stream = (bytes: Uint8Array) => new Blob([Buffer.from(bytes)]).stream() as ReadableStream<Uint8Array>
const whole = async (bytes: ReadableStream<Uint8Array>) =>
  new Uint8Array(await new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer())
const open = (bytes: Uint8Array, identity: string) =>
  Effect.runPromise(AgeFile.open(stream(bytes), { identity: Redacted.make(identity) })).then(whole)

let own = ""
let other = ""
let sealed = new Uint8Array()
beforeAll(async () => {
  ;[own, other] = [await generateX25519Identity(), await generateX25519Identity()]
  const recipient = await identityToRecipient(own)
  sealed = await whole(await Effect.runPromise(AgeFile.seal(stream(plain), { recipient })))
})

it("G1 what is sealed opens with its key to the same bytes, and with no other", async () => {
  assert.isTrue(AgeFile.isSealed(sealed.subarray(0, AgeFile.headBytes)))
  assert.isFalse(AgeFile.isSealed(plain))
  assert.isFalse(AgeFile.isSealed(sealed.subarray(0, 5)))
  assert.notInclude(Buffer.from(sealed).toString("latin1"), "marmalade")
  assert.isTrue(Buffer.from(plain).equals(await open(sealed, own)))
  const refusals = [
    AgeFile.open(stream(sealed), { identity: Redacted.make(other) }),
    AgeFile.open(stream(sealed), { identity: Redacted.make("no key") }),
    AgeFile.seal(stream(plain), { recipient: "nobody" })
  ]
  for (const refusal of refusals) {
    assert.strictEqual((await Effect.runPromise(Effect.flip(refusal)))._tag, "AgeRefused")
  }
})

it("G2 a file that was changed or cut is found out before its end", async () => {
  const changed = Uint8Array.from(sealed)
  changed[changed.length - 70_000]! ^= 1
  for (const harmed of [changed, sealed.subarray(0, -1), sealed.subarray(0, sealed.length - 70_000)]) {
    const end = await open(harmed, own).then(() => "opened", () => "failed")
    assert.strictEqual(end, "failed")
  }
})
