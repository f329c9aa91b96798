/** Which events somebody wants to see. */
import { assert, describe, it } from "vitest"
import { categoryOf, matcher } from "./EventFilter.ts"
import type { EventFilter, RecordedEvent } from "./EventStore.ts"

const event = (stream: string, type: string, owner: string, at: number) =>
  ({ stream, type, owner, at }) as RecordedEvent
const log = [
  event("tea/1", "tea.Poured", "ada", 10),
  event("tea/2", "tea.Drunk", "bo", 20),
  event("teapot/1", "teapot.Filled", "ada", 30),
  event("tea", "tea.Poured", "bo", 40)
]
const seen = (filter: EventFilter | undefined) => log.flatMap((event, i) => matcher(filter)(event) ? [i] : [])

describe("a filter", () => {
  it("F1 lets through what every given part lets through", () => {
    assert.deepStrictEqual(seen(undefined), [0, 1, 2, 3])
    assert.deepStrictEqual(seen({}), [0, 1, 2, 3])
    assert.deepStrictEqual(seen({ owner: "ada" }), [0, 2])
    assert.deepStrictEqual(seen({ stream: "tea/1" }), [0])
    assert.deepStrictEqual(seen({ since: 20, until: 30 }), [1, 2])
    assert.deepStrictEqual(seen({ owner: "ada", since: 20 }), [2])
    assert.deepStrictEqual(seen({ types: [] }), [])
    assert.deepStrictEqual(seen({ types: ["tea.Poured"], owner: "bo" }), [3])
  })

  it("F2 takes a kind of actor by its types or by its streams", () => {
    assert.deepStrictEqual(seen({ types: ["tea.*"] }), [0, 1, 3])
    assert.deepStrictEqual(seen({ types: ["teapot.*", "tea.Drunk"] }), [1, 2])
    assert.deepStrictEqual(seen({ category: "tea" }), [0, 1, 3])
    assert.deepStrictEqual(["tea/1/2", "tea", "/x"].map(categoryOf), ["tea", "tea", ""])
  })
})
