/** The list of actors that stand still. */
import { assert, describe, it } from "vitest"
import * as Quarantine from "./Quarantine.ts"

const stop = (stream: string, version: number, since = 1) => ({
  stream,
  version,
  position: version,
  type: "tea.Poured",
  reason: "no cup",
  since
})

describe("Quarantine", () => {
  it("U1 whoever stands still is listed since it first did; whoever folds again is not", () => {
    const { enter, leave, list } = Quarantine.make()
    enter(stop("tea/1", 3, 10))
    enter(stop("tea/2", 4, 11))
    enter(stop("tea/1", 3, 20))
    assert.deepStrictEqual(list(), [stop("tea/1", 3, 10), stop("tea/2", 4, 11)])
    enter(stop("tea/1", 5, 30))
    leave("tea/2")
    leave("tea/9")
    assert.deepStrictEqual(list(), [stop("tea/1", 5, 30)])
  })

  it("U2 the list is bounded: the oldest entry goes", () => {
    const { enter, list } = Quarantine.make()
    for (let n = 0; n < 1_500; n++) enter(stop(`tea/${n}`, 1))
    assert.lengthOf(list(), 1_000)
    assert.strictEqual(list()[0]!.stream, "tea/500")
  })
})
