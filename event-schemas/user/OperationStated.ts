/**
 * The account's log has one operation more. The signed bytes are what counts; beside them stands what they changed, so that who
 * reads routing parts need not fold the log.
 */
import * as Schema from "effect/Schema"
import { bytes } from "../Bytes.ts"
import * as Event from "../Event.ts"
import { ContentHash, DeviceId, Did } from "../ids.ts"

/** A device, and the hash of the key that things are sealed to it with. */
const Device = Schema.Struct({ deviceId: DeviceId, kem: ContentHash })

export const OperationStated = Event.make("user.OperationStated", {
  routing: {
    userId: Did,
    /** Where it stands in the log, from 0. */
    seq: Schema.Int.pipe(Schema.nonNegative()),
    operation: bytes(8 * 1_024),
    /** Hash of the operation. */
    hash: ContentHash,
    /** How many operations it took back. */
    voided: Schema.Int.pipe(Schema.nonNegative()),
    added: Schema.Array(Device),
    /** Devices that go on with another key. */
    rekeyed: Schema.Array(Device),
    removed: Schema.Array(DeviceId),
    /** The keys whose hashes are new: the log itself has no room for them. */
    kemKeys: Schema.Array(Schema.Struct({ kem: ContentHash, key: bytes(2_048) })),
    /** Nobody can sign another operation. */
    closed: Schema.Boolean
  },
  private: {}
})
