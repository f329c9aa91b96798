/** Ids of any text, and many that are the same. */
import { MessageId } from "@vivim/event-schemas/ids"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { NodeIds } from "./NodeIds.ts"
import { Notes } from "./Notes.ts"

describe("NodeIds", () => {
  it("I1 an ordinary id is kept, an impossible one gets a steady stand-in", () => {
    const ids = new NodeIds(new Notes())
    for (const id of ["aaa1", "client-created-root", "__proto__", "日本", "a b"]) assert.strictEqual(ids.take(id), id)
    const [empty, long] = [ids.take(""), ids.take("x".repeat(1_000))]
    const again = new NodeIds(new Notes())
    assert.deepStrictEqual([again.take(""), again.take("x".repeat(1_000))], [empty, long])
  })

  it("I2 no two nodes share an id, and every id is one", () => {
    const name = FastCheck.oneof(
      FastCheck.constantFrom("a", "a~2", "a~3", "", "\0", "a\0"),
      FastCheck.string({ maxLength: 400 })
    )
    const isId = Schema.is(MessageId)
    FastCheck.assert(FastCheck.property(FastCheck.array(name, { maxLength: 30 }), (names) => {
      const ids = new NodeIds(new Notes())
      const taken = names.map((each) => ids.take(each))
      assert.strictEqual(new Set(taken).size, taken.length)
      assert.isTrue(taken.every((id) => isId(id)))
    }))
    const ids = new NodeIds(new Notes())
    const many = Array.from({ length: 50_000 }, () => ids.take("same"))
    assert.strictEqual(new Set(many).size, 50_000)
  })
})
