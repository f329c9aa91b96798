/** The promises of the small parts all screens share: times and the keys of lists. */
import { assert, describe, it } from "vitest"
import { bytes, counted } from "./Counts.ts"
import { movedBy } from "./ListKeys.ts"
import { dayEnd, daysOfMonth, dayStart, monthName, monthOf, nearDay, nearTime, untilThen } from "./Times.ts"

describe("Times", () => {
  it("D1 a time today is an hour, this year a day, before that a day and a year, none a dash", () => {
    const now = new Date(2026, 10, 20, 15, 30).getTime()
    const said = (...at: [number, number, number, number]) => nearTime(new Date(...at).getTime(), now)
    assert.match(said(2026, 10, 20, 9), /9/)
    assert.notMatch(said(2026, 10, 20, 9), /20|2026/)
    assert.match(said(2026, 10, 19, 9), /19/)
    assert.notMatch(said(2026, 10, 19, 9), /2026/)
    assert.match(said(2025, 10, 20, 9), /2025/)
    assert.strictEqual(nearTime(null, now), "–")
  })

  it("D2 a month and a day name the same days everywhere", () => {
    assert.deepStrictEqual(daysOfMonth("2024-02"), { from: "2024-02-01", to: "2024-02-29" })
    assert.deepStrictEqual(daysOfMonth("2026-12"), { from: "2026-12-01", to: "2026-12-31" })
    assert.strictEqual(monthOf(Date.UTC(2026, 10, 30, 23, 59)), "2026-11")
    assert.match(monthName("2026-01"), /2026/)
    assert.strictEqual(dayEnd("2026-11-20")! - dayStart("2026-11-20")!, 86_400_000 - 1)
    for (const no of [undefined, "", "2026", "20-11-2026", "2026-11-20T10:00", "1969-12-31"]) {
      assert.strictEqual(dayStart(no), undefined)
    }
  })
})

describe("Times near to now", () => {
  it("D3 a day is today or yesterday, an end so many days away, and on its last day an hour", () => {
    const at = (...time: [number, number, number, number]) => new Date(...time).getTime()
    const now = at(2026, 0, 1, 15)
    assert.deepStrictEqual([at(2026, 0, 1, 0), at(2025, 11, 31, 23)].map((time) => nearDay(time, now)), [
      "Today",
      "Yesterday"
    ])
    assert.match(nearDay(at(2025, 11, 30, 23), now), /30.*2025|2025.*30/)
    assert.notMatch(nearDay(at(2026, 3, 5, 9), at(2026, 5, 1, 0)), /2026/)
    const day = 86_400_000
    assert.deepStrictEqual([30 * day - 1, 30 * day, day, 0, -day].map((left) => untilThen(now + left, now)), [
      "in 30 days",
      "in 30 days",
      "in 1 day",
      "now",
      "now"
    ])
    assert.match(untilThen(at(2026, 0, 2, 9), now), /^at \D*9/)
  })
})

describe("Counts", () => {
  it("A1 one is one, more are many, and sizes have the unit that keeps them short", () => {
    assert.strictEqual(counted(1, "branch", "branches"), "1 branch")
    assert.strictEqual(counted(2, "branch", "branches"), "2 branches")
    assert.strictEqual(counted(0, "message"), "0 messages")
    assert.deepStrictEqual([0, 1, 999, 1_000, 155_000_000].map(bytes), [
      "0 bytes",
      "1 bytes",
      "999 bytes",
      "1 KB",
      "155 MB"
    ])
  })
})

describe("ListKeys", () => {
  it("V1 keys go to the next, the one before and the ends, and stop there", () => {
    const from3of5 = (key: string) => movedBy(key, 3, 5)
    assert.deepStrictEqual(["j", "ArrowDown", "k", "ArrowUp", "Home", "End"].map(from3of5), [4, 4, 2, 2, 0, 4])
    assert.strictEqual(movedBy("j", 4, 5), 4)
    assert.strictEqual(movedBy("k", 0, 5), 0)
    assert.strictEqual(movedBy("j", -1, 5), 0, "coming from outside")
    assert.strictEqual(movedBy("j", 0, 5, false), undefined, "letters are turned off")
    assert.strictEqual(movedBy("ArrowDown", 0, 5, false), 1)
  })

  it("V2 page keys go ten at a time, and any other key nowhere", () => {
    assert.strictEqual(movedBy("PageDown", 0, 50), 10)
    assert.strictEqual(movedBy("PageUp", 5, 50), 0)
    assert.strictEqual(movedBy("x", 0, 5), undefined)
    assert.strictEqual(movedBy("j", 0, 0), undefined)
  })
})
