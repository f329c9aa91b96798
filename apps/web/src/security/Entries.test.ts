/** The promises of `Entries.ts`. */
import { assert, describe, it } from "vitest"
import { isAlarming, sentenceOfEntry } from "./Entries.ts"

const entry = (kind: string, means: string | null = null, why: string | null = null) => ({ kind, means, why })

describe("entries of the security log", () => {
  it("E1 tells every kind as a sentence, and what is unknown by its name", () => {
    assert.strictEqual(sentenceOfEntry(entry("SessionOpened", "device")), "Signed in with a device's key")
    assert.strictEqual(
      sentenceOfEntry(entry("SessionEnded", null, "signed-out-everywhere")),
      "Signed out from elsewhere"
    )
    assert.strictEqual(sentenceOfEntry(entry("SessionEnded", null, "of tomorrow")), "Signed out")
    assert.strictEqual(sentenceOfEntry(entry("MeansAdded", "totp")), "Added an authenticator")
    assert.strictEqual(sentenceOfEntry(entry("MeansRemoved", "of tomorrow")), "Removed of tomorrow")
    assert.strictEqual(sentenceOfEntry(entry("OfTomorrow")), "OfTomorrow")
    assert.match(sentenceOfEntry(entry("CounterWentBack", "passkey")), /^Refused a passkey/)
    for (const kind of ["RefreshReused", "CounterWentBack"]) assert.isTrue(isAlarming(entry(kind)))
    assert.isFalse(isAlarming(entry("SessionOpened", "device")))
  })
})
