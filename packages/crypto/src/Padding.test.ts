/** Padding: what comes back, what is refused, and what it costs. */
import * as Option from "effect/Option"
import { assert, describe, it } from "vitest"
import * as Padding from "./Padding.ts"

describe("Padding", () => {
  it("L1 gives back what was padded, and refuses what was not", () => {
    for (const length of [0, 1, 62, 63, 64, 65, 255, 256, 1_000, 65_536]) {
      // Ends as padding would, so that only the mark tells where it ends.
      for (const last of [0, 0x80, 7]) {
        const plain = new Uint8Array(length).fill(last)
        const padded = Padding.pad(plain)
        assert.deepStrictEqual(Option.getOrThrow(Padding.unpad(padded)), plain)
        assert.isTrue(Option.isNone(Padding.unpad(new Uint8Array([...padded, 0]))), "one zero more")
      }
    }
    const padded = Padding.pad(new Uint8Array(10))
    padded[10] = 0
    assert.isTrue(Option.isNone(Padding.unpad(padded)), "no mark")
    assert.isTrue(Option.isNone(Padding.unpad(new Uint8Array(0))))
  })

  it("L2 adds 12 % at most beyond 256 bytes, and leaves few lengths", () => {
    const lengths = new Set<number>()
    for (let length = 0; length < 1_048_576; length++) {
      const padded = Padding.paddedLength(length)
      lengths.add(padded)
      if (padded <= length || (length >= 256 && padded > length * 1.12)) assert.fail(`${length} becomes ${padded}`)
    }
    assert.isBelow(lengths.size, 450)
  })
})
