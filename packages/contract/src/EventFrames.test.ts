/** Frames of events: read one by one, whatever pieces they come in. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, it } from "vitest"
import { FileEvent, frame, frameAt } from "./EventFrames.ts"

it("F2 a frame says how long it is before it is there, and holds the event", () => {
  FastCheck.assert(
    FastCheck.property(Arbitrary.make(FileEvent), (event) => {
      const bytes = frame(event)
      const found = frameAt(bytes.subarray(0, 5))
      if (found === null || found === "broken") return assert.fail("there is a frame")
      assert.strictEqual(found.head + found.length, bytes.length)
      const again = Schema.decodeUnknownSync(FileEvent)(Canonical.decode(bytes.subarray(found.head)))
      assert.deepStrictEqual(frame(again), bytes)
    }),
    { numRuns: 40 }
  )
  assert.isNull(frameAt(new Uint8Array()))
  assert.isNull(frameAt(Uint8Array.of(0x5a, 1, 2)))
  assert.deepStrictEqual(frameAt(Uint8Array.of(0x59, 1, 2)), { head: 3, length: 258 })
  for (const broken of [0x00, 0x60, 0xa0, 0x5b, 0x5f]) {
    assert.strictEqual(frameAt(Uint8Array.of(broken, 0, 0, 0, 0, 0, 0, 0, 1)), "broken")
  }
})
