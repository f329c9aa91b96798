/** The two figures of what is known of an account. */
import { assert, describe, it } from "vitest"
import { type Known, trustScore, verificationLevel } from "./Trust.ts"

const day = 24 * 3_600_000
const nobody: Known = {
  registeredAt: 0,
  isProven: false,
  hasFactor: false,
  hasProvider: false,
  suspensions: 0,
  mayAct: true
}

describe("what is known of an account", () => {
  it("F1 verification counts the key, the second factor and the provider", () => {
    assert.strictEqual(verificationLevel(nobody), 0)
    assert.strictEqual(verificationLevel({ ...nobody, hasFactor: true, hasProvider: true }), 0, "no key, no level")
    assert.strictEqual(verificationLevel({ ...nobody, isProven: true }), 1)
    assert.strictEqual(verificationLevel({ ...nobody, isProven: true, hasFactor: true }), 2)
    assert.strictEqual(verificationLevel({ ...nobody, isProven: true, hasFactor: true, hasProvider: true }), 3)
  })

  it("F2 trust grows with age and verification, halves with suspensions, and is nothing for who may not act", () => {
    const whole = { ...nobody, isProven: true, hasFactor: true, hasProvider: true }
    assert.strictEqual(trustScore(nobody, 0), 0)
    assert.strictEqual(trustScore(nobody, 90 * day), 0.2)
    assert.strictEqual(trustScore(whole, 180 * day), 1)
    assert.strictEqual(trustScore(whole, 10_000 * day), 1)
    assert.strictEqual(trustScore({ ...whole, suspensions: 2 }, 180 * day), 0.25)
    assert.strictEqual(trustScore({ ...whole, mayAct: false }, 180 * day), 0)
    assert.strictEqual(trustScore(nobody, -day), 0)
  })
})
