/** The recovery kit: printed, typed by hands, read again. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { assert, describe, it } from "vitest"
import * as NodeCryptoSuite from "./NodeCryptoSuite.ts"
import * as RecoveryKit from "./RecoveryKit.ts"

const secret = Redacted.make(Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 11) & 255))
const printed = Redacted.value(Either.getOrThrow(RecoveryKit.print(secret)))
const groups = printed.split("-")
const bytesOf = (typed: string) =>
  Either.match(RecoveryKit.read(Redacted.make(typed)), {
    onLeft: ({ message }) => message,
    onRight: (read) => Buffer.from(Redacted.value(read)).toString("hex")
  })
const wanted = Buffer.from(Redacted.value(secret)).toString("hex")
const replaced = (at: number, group: string) => groups.map((own, n) => n === at ? group : own).join("-")
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

describe("RecoveryKit", () => {
  it("Y1 reads what it printed, however it was typed", () => {
    assert.match(printed, /^([0-9A-HJKMNP-TV-Z]{5}-){13}[0-9A-HJKMNP-TV-Z]{5}$/)
    const mistaken = printed.replaceAll("0", "O").replaceAll("1", "l")
    assert.notStrictEqual(mistaken, printed)
    for (
      const typed of [
        printed,
        printed.toLowerCase(),
        groups.join(" "),
        groups.join(""),
        `  ${groups.join("\n")}\n`,
        groups.join(" – "),
        mistaken,
        printed.replaceAll("1", "I").replaceAll("0", "o"),
        printed.replaceAll("-", "").replaceAll(/(.)/g, "$1 ")
      ]
    ) assert.strictEqual(bytesOf(typed), wanted, typed)
    for (let fill = 0; fill < 256; fill++) {
      const other = Redacted.make(new Uint8Array(32).fill(fill))
      const kit = Either.getOrThrow(RecoveryKit.print(other))
      assert.deepStrictEqual(Redacted.value(Either.getOrThrow(RecoveryKit.read(kit))), Redacted.value(other))
    }
    assert.isTrue(Either.isLeft(RecoveryKit.print(Redacted.make(new Uint8Array(31)))))
  })

  it("Y2 names the group with one wrong character, or two that were swapped", () => {
    for (const [at, group] of groups.entries()) {
      const said = `Group ${at + 1} of 14 of the recovery kit is mistyped; compare it with the paper.`
      for (let place = 0; place < 5; place++) {
        for (const character of alphabet + "U*é") {
          const typed = group.slice(0, place) + character + group.slice(place + 1)
          if (typed !== group) assert.strictEqual(bytesOf(replaced(at, typed)), said, typed)
        }
        for (let other = 0; other < place; other++) {
          const characters = [...group]
          ;[characters[place], characters[other]] = [characters[other]!, characters[place]!]
          if (characters.join("") !== group) assert.strictEqual(bytesOf(replaced(at, characters.join(""))), said)
        }
      }
    }
  })

  it("Y2 names groups that changed places, and where characters are missing or too many", () => {
    const swapped = [...groups]
    ;[swapped[3], swapped[7]] = [groups[7]!, groups[3]!]
    assert.match(bytesOf(swapped.join("-")), /^Group 4 .*mistyped/)
    assert.match(bytesOf(replaced(5, groups[5]!.slice(1))), /^Group 6 .*characters are missing/)
    assert.match(bytesOf(replaced(5, `${groups[5]}7`)), /^Group 6 .*too many/)
    assert.match(bytesOf(groups.slice(0, 9).join("-")), /^Group 10 .*characters are missing/)
    assert.match(bytesOf(""), /^Group 1 .*characters are missing/)
    assert.match(bytesOf(`${printed}-00000`), /^The recovery kit is too long/)
    assert.match(bytesOf(groups.join("").slice(1)), /^Group 1 .*mistyped/)
  })

  it("Y2 notices what the groups' own checks let pass, and never repeats what was typed", () => {
    // Two wrong characters that one group's check allows: one in 32 of such.
    let passed = 0
    for (const a of alphabet) {
      for (const b of alphabet) {
        const said = bytesOf(replaced(2, a + b + groups[2]!.slice(2)))
        if (said === wanted) assert.strictEqual(a + b, groups[2]!.slice(0, 2))
        else if (said === "The recovery kit is mistyped; compare it with the paper.") passed++
        else assert.match(said, /^Group 3 /)
        assert.notInclude(said, groups[2]!)
      }
    }
    assert.strictEqual(passed, 31)
  })

  it("Y3 makes two keys of the secret that are not each other's", () => {
    const keys = (from: typeof secret) =>
      Object.values(Effect.runSync(Effect.provide(RecoveryKit.keysOf(from), NodeCryptoSuite.layerTest("kit"))))
        .map((key) => Buffer.from(Redacted.value(key)).toString("hex"))
    const other = Redacted.make(new Uint8Array(32))
    assert.lengthOf(new Set([...keys(secret), ...keys(other), wanted]), 5)
    assert.deepStrictEqual(keys(secret), keys(secret))
  })
})
