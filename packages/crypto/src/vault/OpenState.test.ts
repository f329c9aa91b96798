/** Unlockings and lockings in every order: what is known in the end, and what may be held. */
import * as fc from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { hear, type Heard, isOpen, mayHold, nothing, type OpenState } from "./OpenState.ts"

/** Few numbers, so that what is said of one vault meets. */
const heard: fc.Arbitrary<Heard> = fc.record({
  _tag: fc.constantFrom("Given" as const, "Locked" as const),
  number: fc.integer({ min: 1, max: 6 })
})
const all = (said: ReadonlyArray<Heard>): OpenState => said.reduce(hear, nothing)
const newest = (said: ReadonlyArray<Heard>, tag: Heard["_tag"]) =>
  Math.max(0, ...said.filter(({ _tag }) => _tag === tag).map(({ number }) => number))

const shuffled = fc.array(heard, { maxLength: 12 }).chain((said) =>
  fc.tuple(
    fc.constant(said),
    fc.shuffledSubarray([...said, ...said], { minLength: said.length * 2, maxLength: said.length * 2 })
  )
)

describe("what is known of a vault", () => {
  it("O1 is the same in the end, in whatever order and however often it is heard", () => {
    fc.assert(fc.property(shuffled, ([said, again]) => assert.deepStrictEqual(all(again), all(said))))
  })

  it("O2 a locking wins over every older unlocking, whenever that is brought", () => {
    fc.assert(fc.property(shuffled, heard, ([, said], late) => {
      const before = all([...said, { _tag: "Locked", number: 6 }])
      assert.isFalse(isOpen(before))
      const after = hear(before, { ...late, _tag: "Given" })
      assert.isFalse(isOpen(after))
      assert.isFalse(mayHold(after, late.number))
    }))
  })

  it("O3 is open when an unlocking began after the last locking, and only then", () => {
    fc.assert(fc.property(shuffled, ([, said]) => {
      assert.strictEqual(isOpen(all(said)), newest(said, "Given") > newest(said, "Locked"))
    }))
    assert.isTrue(isOpen(hear(all([{ _tag: "Given", number: 1 }, { _tag: "Locked", number: 2 }]), {
      _tag: "Given",
      number: 3
    })))
  })
})
