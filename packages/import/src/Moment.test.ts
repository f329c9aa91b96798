/** Ways to write a moment, and things that are none. */
import { assert, describe, it } from "vitest"
import { momentOf } from "./Moment.ts"

const noon = Date.UTC(2026, 0, 5, 12, 0, 0)

describe("Moment", () => {
  it("D1 every way of writing a moment gives the same one", () => {
    const ways = [
      noon / 1_000,
      noon,
      String(noon / 1_000),
      "2026-01-05T12:00:00Z",
      "2026-01-05T12:00:00.000000Z",
      "2026-01-05T12:00:00.000000+00:00",
      "2026-01-05T13:00:00+01:00",
      "2026-01-05T12:00:00",
      "2026-01-05 12:00:00",
      " 2026-01-05T12:00Z "
    ]
    for (const way of ways) assert.strictEqual(momentOf(way), noon, String(way))
    assert.strictEqual(momentOf("2026-01-05"), Date.UTC(2026, 0, 5))
    assert.strictEqual(momentOf(1_756_000_000.123456), 1_756_000_000_123)
  })

  it("D2 what is no moment is null", () => {
    const none = [
      null,
      undefined,
      "",
      "yesterday",
      "2026-13-45T99:99:99Z",
      -1,
      NaN,
      Infinity,
      1e300,
      "1",
      true,
      {},
      [],
      "2".repeat(100)
    ]
    for (const value of [...none, "0000-00-00", "10:12:16 GMT+0100 (British Summer Time)"]) {
      assert.isNull(momentOf(value), String(value))
    }
  })
})
