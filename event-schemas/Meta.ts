/** What every event carries beside its two parts: who, through what, because of what. Plain, and covered by the event's hash. */
import * as Schema from "effect/Schema"
import * as Canonical from "./Canonical.ts"
import { CommandId, DeviceId, Did } from "./ids.ts"

export const Meta = Schema.Struct({
  /** The command that left this event. */
  commandId: CommandId,
  /** The event this command answers; null when somebody asked for it. */
  causationId: Schema.NullOr(Schema.String),
  /** The command that began a chain of events and commands; null for that command itself. */
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

/** What a command answers that nobody asked for. */
export const Causes = Schema.Struct({ causationId: Schema.String, correlationId: Schema.String })
export type Causes = typeof Causes.Type

export const encode = (meta: Meta): Uint8Array => Canonical.encode(meta)
export const decode = (bytes: Uint8Array): Meta => Schema.decodeUnknownSync(Meta)(Canonical.decode(bytes))

/**
 * What is called for by an event: its cause is the event, and where that began. Undefined when a newer build wrote what this one
 * cannot read: then what follows goes without, rather than not at all.
 */
export const causesOf = (event: { readonly id: string; readonly meta: Uint8Array }): Causes | undefined => {
  try {
    const { commandId, correlationId } = decode(event.meta)
    return { causationId: event.id, correlationId: correlationId ?? commandId }
  } catch {
    return undefined
  }
}
