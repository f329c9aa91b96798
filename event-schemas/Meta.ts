/** What every event carries beside its two parts: who, through what, because of what. Plain, and covered by the event's hash. */
import * as Schema from "effect/Schema"
import * as Canonical from "./Canonical.ts"
import { CommandId, DeviceId, Did } from "./ids.ts"

export const Meta = Schema.Struct({
  /** The command that left this event. */
  commandId: CommandId,
  /** The event or command this one answers, if any. */
  causationId: Schema.NullOr(Schema.String),
  /** The first cause of a chain of commands and events. */
  correlationId: Schema.NullOr(Schema.String),
  /** Who acted. */
  by: Did,
  /** Through which device or session. */
  device: Schema.NullOr(DeviceId),
  /** Hybrid logical clock: `<milliseconds>.<counter>` (Kulkarni et al. 2014). */
  hlc: Schema.String,
  /** W3C `traceparent` of the span that appended it, if traced. */
  trace: Schema.NullOr(Schema.String)
})
export type Meta = typeof Meta.Type

export const encode = (meta: Meta): Uint8Array => Canonical.encode(meta)
export const decode = (bytes: Uint8Array): Meta => Schema.decodeUnknownSync(Meta)(Canonical.decode(bytes))
