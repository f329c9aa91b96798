/** Master keys as the node keeps them: each sealed to a device or to the kit, generation by generation. */
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Calls } from "../VivimClient.ts"

/** What this needs of a session. */
export type SessionCalls = Pick<Calls, "KeepKeyWraps" | "NameDevice" | "WatchKeyWraps">

/** A master key sealed to a device, or (null) to the kit. */
export interface Wrap {
  readonly deviceId: DeviceId | null
  readonly sealed: Uint8Array
}

/** Has the node keep them; `fresh` ones only where no other device has made the next master key meanwhile. */
export const keep = (
  calls: SessionCalls,
  userId: Did,
  generation: number,
  wraps: ReadonlyArray<Wrap>,
  fresh: { readonly fresh?: true } = {}
) =>
  Effect.flatMap(CommandIds.next, (commandId) => calls.KeepKeyWraps({ commandId, userId, generation, wraps, ...fresh }))

/** All it keeps. */
export const kept = (calls: SessionCalls) =>
  calls.WatchKeyWraps({}).pipe(Stream.runHead, Effect.map(Option.getOrElse(() => [])))

/** Those to a device, or (null) to the kit, the oldest first. */
export const to = (calls: SessionCalls, recipient: DeviceId | null) =>
  Effect.map(
    kept(calls),
    (wraps) => wraps.filter(({ deviceId }) => deviceId === recipient).toSorted((a, b) => a.generation - b.generation)
  )
