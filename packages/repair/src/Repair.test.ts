/** The law of what is decided about an actor that stands still. */
import * as Actor from "@vivim/actor/Actor"
import { NothingToChange } from "@vivim/contract/Refusal"
import { CommandId, Did, StreamName } from "@vivim/event-schemas/ids"
import { EventPassedOver } from "@vivim/event-schemas/repair/index"
import { assert, describe, it } from "vitest"
import { Repair } from "./Repair.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const by = { at: 1, by: Did.make("did:key:zAda"), device: null, id: commandId }
const about = (version: number) => ({ stream: StreamName.make("document/d1"), version, reason: "half a message" })

describe("Repair", () => {
  it("Z1 an event is passed over once, and for good", () => {
    const { PassOverEvent } = Repair.decide
    const passed = Actor.fold(Repair, Repair.initial, [EventPassedOver(about(7))])
    assert.deepStrictEqual(
      PassOverEvent(Repair.initial, { commandId, ...about(7) }, by),
      Actor.accept(EventPassedOver(about(7)))
    )
    assert.deepStrictEqual(
      PassOverEvent(passed, { commandId, ...about(7) }, by),
      Actor.refuse(new NothingToChange({ message: "document/d1 passes over version 7 already" }))
    )
    assert.deepStrictEqual(
      PassOverEvent(passed, { commandId, ...about(8) }, by),
      Actor.accept(EventPassedOver(about(8)))
    )
  })
})
