/** What any store asks of an append. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { accept, appendLimits, type Events } from "./AppendRules.ts"
import { event } from "./EventExample.ts"
import type { NewEvent } from "./EventStore.ts"

const limits = { eventsMax: 3, eventBytesMax: 100, appendBytesMax: 200 }
const accepted = (events: ReadonlyArray<NewEvent>, stream = "tea/1") =>
  Effect.runSyncExit(accept(stream, events as unknown as Events, limits))
const refused = (events: ReadonlyArray<NewEvent>) =>
  Effect.runSync(Effect.flip(accept("tea/1", events as unknown as Events, limits)))
const weighing = (bytes: number) => event({ private: new Uint8Array(bytes - 2) })

describe("an append", () => {
  it("R1 up to a limit is accepted, beyond it refused with the limit", () => {
    assert.strictEqual(accepted([event(), event(), event()])._tag, "Success")
    assert.deepInclude(refused([event(), event(), event(), event()]), { limit: "events", actual: 4, max: 3 })
    assert.strictEqual(accepted([weighing(100), weighing(100)])._tag, "Success")
    assert.deepInclude(refused([event(), weighing(101)]), { limit: "eventBytes", actual: 101, max: 100 })
    assert.deepInclude(refused([weighing(100), weighing(100), event()]), {
      limit: "appendBytes",
      actual: 203,
      max: 200
    })
    assert.isAtMost(appendLimits.eventBytesMax, appendLimits.appendBytesMax)
  })

  it("R2 out of shape dies, and says what is wrong", () => {
    const twice = event()
    const wrong: ReadonlyArray<readonly [RegExp, ReadonlyArray<NewEvent>, string?]> = [
      [/not a lower-case UUID/, [event({ id: "7" })]],
      [/not a lower-case UUID/, [event({ id: "0198C0DE-1111-7222-8333-444455556666" })]],
      [/in it twice/, [twice, event(), twice]],
      [/type/, [event({ type: "" })]],
      [/type/, [event({ type: "tea.\ud83c" })]],
      [/belong/, [event({ owner: "a\0b" })]],
      [/time/, [event({ at: -1 })]],
      [/time/, [event({ at: 1.5 })]],
      [/schema version/, [event({ schemaVersion: 40_000 })]],
      [/no stream/, [event()], ""],
      [/no stream/, [event()], "tea/\0"],
      [/no stream/, [event()], "x".repeat(513)]
    ]
    for (const [says, events, stream] of wrong) {
      const exit = accepted(events, stream)
      assert.isTrue(exit._tag === "Failure" && exit.cause._tag === "Die", String(says))
      assert.match(String(exit), says)
    }
    assert.strictEqual(accepted([event({ owner: "did:key:z🍵", type: "tea.Übergossen" })], "tea/ü🍵")._tag, "Success")
  })

  it("R3 cannot be changed by the caller any more", () => {
    const mine = Buffer.from("mine")
    const exit = accepted([event({ meta: mine, routing: mine, private: mine })])
    mine.fill(0)
    assert.isTrue(exit._tag === "Success")
    if (exit._tag !== "Success") return
    const [kept] = exit.value.events
    for (const bytes of [kept.meta, kept.routing, kept.private]) {
      assert.strictEqual(Buffer.from(bytes).toString(), "mine")
    }
  })
})
