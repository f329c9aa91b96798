/** The law of what is decided about a view. */
import * as Actor from "@vivim/actor/Actor"
import { NothingToChange } from "@vivim/contract/Refusal"
import { CommandId, Did, Position, ViewName } from "@vivim/event-schemas/ids"
import { EventSkipped, SkipWithdrawn, type ViewEvent } from "@vivim/event-schemas/view/index"
import { assert, describe, it } from "vitest"
import { View } from "./View.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const by = { at: 1, by: Did.make("did:key:zAda"), device: null, id: commandId }
const after = (...events: ReadonlyArray<ViewEvent>) => Actor.fold(View, View.initial, events)
const refused = (message: string) => Actor.refuse(new NothingToChange({ message }))
const about = (position: number) => ({
  view: ViewName.make("library"),
  position: Position.make(position),
  reason: "no root"
})

describe("View", () => {
  it("G1 an event is skipped once, until the skip is withdrawn", () => {
    const { SkipEvent, WithdrawSkip } = View.decide
    const [skipped, withdrawn] = [EventSkipped(about(7)), SkipWithdrawn(about(7))]
    const command = (position: number) => ({ commandId, ...about(position) })
    assert.deepStrictEqual(SkipEvent(after(), command(7), by), Actor.accept(skipped))
    assert.deepStrictEqual(SkipEvent(after(skipped), command(7), by), refused("library passes over position 7 already"))
    assert.deepStrictEqual(SkipEvent(after(skipped), command(8), by), Actor.accept(EventSkipped(about(8))))
    assert.deepStrictEqual(WithdrawSkip(after(skipped), command(7), by), Actor.accept(withdrawn))
    for (const state of [after(), after(skipped, withdrawn)]) {
      assert.deepStrictEqual(WithdrawSkip(state, command(7), by), refused("library does not pass over position 7"))
    }
    assert.deepStrictEqual(SkipEvent(after(skipped, withdrawn), command(7), by), Actor.accept(skipped))
  })
})
