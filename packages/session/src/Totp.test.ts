/** One-time codes against the clock and the vectors of RFC 6238, and recovery codes. */
import * as OTPAuth from "otpauth"
import { assert, describe, it } from "vitest"
import * as Totp from "./Totp.ts"

describe("a code", () => {
  // RFC 6238, appendix B: the secret of its SHA-1 vectors. Their last six digits are what six digits are.
  const secret = new TextEncoder().encode("12345678901234567890")
  const vectors = [[59, "287082"], [1_111_111_109, "081804"], [1_234_567_890, "005924"], [
    20_000_000_000,
    "353130"
  ]] as const

  it("O1 is of its step, and of the one before or after, and of no other", () => {
    for (const [seconds, code] of vectors) {
      const step = Math.floor(seconds / 30)
      for (const off of [-1, 0, 1]) assert.strictEqual(Totp.stepOf(secret, code, (seconds + off * 30) * 1_000), step)
      for (const off of [-2, 2]) assert.isNull(Totp.stepOf(secret, code, (seconds + off * 30) * 1_000))
    }
    for (const none of ["", "28708", "2870822", "28708a", " 287082", "000000"]) {
      assert.isNull(Totp.stepOf(secret, none, 59_000))
    }
  })

  it("O2 recovery codes are many, long, unlike, and known again however they are typed", () => {
    const codes = Totp.newRecoveryCodes()
    assert.strictEqual(new Set(codes).size, 10)
    for (const code of codes) assert.match(code, /^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/)
    const [code = ""] = codes
    assert.deepStrictEqual(Totp.hashOf(code.toUpperCase().replaceAll("-", " ")), Totp.hashOf(code))
    assert.notDeepEqual(Totp.hashOf(codes[1]!), Totp.hashOf(code))
  })

  it("what an authenticator reads leads to the same codes", () => {
    const read = OTPAuth.URI.parse(Totp.uriOf(secret, "ada")) as OTPAuth.TOTP
    assert.strictEqual(read.generate({ timestamp: 59_000 }), "287082")
  })
})
