/** The account's master key, sealed to its devices and to its recovery kit. The node can open none of them. */
import * as Schema from "effect/Schema"
import { bytes } from "../Bytes.ts"
import * as Event from "../Event.ts"
import { DeviceId, Did } from "../ids.ts"

export const KeyWrapsKept = Event.make("user.KeyWrapsKept", {
  routing: {
    userId: Did,
    /** Which master key it is, from 1: a new one when a device left. */
    generation: Schema.Int.pipe(Schema.positive()),
    /** Null: to the recovery kit. */
    wraps: Schema.Array(Schema.Struct({ deviceId: Schema.NullOr(DeviceId), sealed: bytes(4_096) }))
  },
  private: {}
})
