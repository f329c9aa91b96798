/** The law of what is decided about a process that cannot go on. */
import * as Actor from "@vivim/actor/Actor"
import { NothingToChange } from "@vivim/contract/Refusal"
import { CommandId, Did, ProcessName } from "@vivim/event-schemas/ids"
import { StepDropped } from "@vivim/event-schemas/process/index"
import { assert, describe, it } from "vitest"
import { ProcessRepair } from "./ProcessRepair.ts"

const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")
const by = { at: 1, by: Did.make("did:key:zAda"), device: null, id: commandId }
const about = (step: string) => ({
  process: ProcessName.make("trash"),
  step,
  kind: "ask" as const,
  name: "DeleteDocument",
  key: "document/d1",
  reason: "it is gone"
})

describe("ProcessRepair", () => {
  it("Y1 a step is given up once, and others as well", () => {
    const { GiveUpStep } = ProcessRepair.decide
    const once = Actor.fold(ProcessRepair, ProcessRepair.initial, [StepDropped(about("one"))])
    assert.deepStrictEqual(
      GiveUpStep(ProcessRepair.initial, { commandId, ...about("one") }, by),
      Actor.accept(StepDropped(about("one")))
    )
    assert.deepStrictEqual(
      GiveUpStep(once, { commandId, ...about("one") }, by),
      Actor.refuse(new NothingToChange({ message: "trash has given up step one already" }))
    )
    assert.deepStrictEqual(
      GiveUpStep(once, { commandId, ...about("two") }, by),
      Actor.accept(StepDropped(about("two")))
    )
  })

  it("Y1 only the newest steps are remembered", () => {
    const steps = Array.from({ length: 1_000 }, (_, n) => StepDropped(about(`step ${n}`)))
    const { dropped } = Actor.fold(ProcessRepair, ProcessRepair.initial, steps)
    assert.isBelow(dropped.length, 300)
    assert.strictEqual(dropped.at(-1), "step 999")
  })
})
