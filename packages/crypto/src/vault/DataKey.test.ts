/** A data key: what it seals, how it lies wrapped, and that nothing else opens either. */
import { randomBytes } from "node:crypto"
import { assert, describe, it } from "vitest"
import { DataKey, generationOf } from "./DataKey.ts"

const subject = { owner: "did:key:zAda", stream: "document/d1" }
const [context, plain] = [Buffer.from("ctx"), Buffer.from("steep for 3 minutes")]
const opens = (open: () => Buffer) => {
  try {
    return open().equals(plain)
  } catch {
    return null
  }
}

describe("a data key", () => {
  it("D1 opens what it sealed, whole and unaltered, in its context alone", () => {
    const key = DataKey.random(3)
    const sealed = key.seal(context, plain)
    assert.strictEqual(generationOf(sealed), 3)
    assert.isTrue(opens(() => key.open(context, sealed)))
    assert.notDeepEqual(key.seal(context, plain), sealed)
    assert.isNull(opens(() => key.open(Buffer.from("other"), sealed)))
    assert.isNull(opens(() => DataKey.random(3).open(context, sealed)))
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed)
      altered[at]! ^= 1
      assert.isNull(opens(() => key.open(context, altered)), `byte ${at}`)
      assert.isNull(opens(() => key.open(context, sealed.subarray(0, at))), `cut at ${at}`)
    }
  })

  it("D1 refuses bytes that carry another key's commitment, before they are opened", () => {
    const [one, other] = [DataKey.random(1), DataKey.random(1)]
    const [sealed, foreign] = [one.seal(context, plain), other.seal(context, plain)]
    // The head with the commitment is 37 bytes long.
    const forged = Buffer.concat([foreign.subarray(0, 37), sealed.subarray(37)])
    assert.throws(() => one.open(context, forged), /another key/)
    assert.isNull(opens(() => other.open(context, forged)))
  })

  it("D2 unwraps in its own place alone", () => {
    const wrapping = randomBytes(32)
    const key = DataKey.random(1)
    const wrapped = key.wrap(wrapping, subject)
    assert.isFalse(wrapped.includes(key.raw()))
    assert.isTrue(opens(() => DataKey.unwrap(wrapping, subject, 1, wrapped).open(context, key.seal(context, plain))))
    for (
      const [under, place, generation] of [
        [randomBytes(32), subject, 1],
        [wrapping, { ...subject, stream: "document/d2" }, 1],
        [wrapping, { ...subject, owner: "did:key:zBo" }, 1],
        [wrapping, subject, 2]
      ] as const
    ) assert.throws(() => DataKey.unwrap(under, place, generation, wrapped))
  })

  it("D3 wiped, it does nothing", () => {
    const key = DataKey.random(1)
    const sealed = key.seal(context, plain)
    key.wipe()
    assert.throws(() => key.seal(context, plain), /wiped/)
    assert.throws(() => key.open(context, sealed), /wiped/)
    assert.throws(() => key.raw(), /wiped/)
  })
})
