/** A circle for tests, called Lanterns: who is in it, and what may be asked of it. */
import type * as Incarnation from "@vivim/actor/Incarnation"
import { CircleId, CircleName, CommandId, DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import { newId } from "./Events.ts"

export const [ada, bo, cy] = ["did:key:zAda", "did:key:zBo", "did:key:zCy"].map((did) => Did.make(did)) as [
  Did,
  Did,
  Did
]
export const circleId = CircleId.make("lanterns")

/** In someone's name. */
export const as = (by: Did) => ({ by, device: DeviceId.make("phone") })

export const stream = `circle/${circleId}`

/** A command to the circle, with an id of its own. */
export const command = <A extends object>(fields: A) => ({ commandId: CommandId.make(newId()), circleId, ...fields })
export const create = (name = "Lanterns") => command({ name: CircleName.make(name) })
export const rename = (name: string) => command({ name: CircleName.make(name) })
export const about = (member: Did) => command({ member })

/** Creates the circle and renames it so many times; answers the receipts by command. */
export const lived = (life: Incarnation.Incarnation, renames: number) =>
  Effect.gen(function*() {
    const first = create()
    const receipts = [[first, yield* life.handle("CreateCircle", first, as(ada))] as const]
    for (let n = 0; n < renames; n++) {
      const next = rename(`Name ${n}`)
      receipts.push([next, yield* life.handle("RenameCircle", next, as(ada))])
    }
    return receipts
  })
