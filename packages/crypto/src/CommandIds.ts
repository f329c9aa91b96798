/**
 * Ids for commands: UUIDv7 (RFC 9562, 5.7). Make one per intent, and repeat the command with the same id
 * until it is answered: the node acts once.
 *
 * I1  Ids are UUIDv7 and carry the time they were made.
 * I2  A derived id is the same for the same words, and keeps the time of the id it was derived from.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import type { CommandId } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { hex } from "./Bytes.ts"

const format = (millis: number, random: Uint8Array): CommandId => {
  const time = millis.toString(16).padStart(12, "0")
  const tail = Uint8Array.from(random.subarray(0, 10))
  tail[0] = (tail[0]! & 0x0f) | 0x70
  tail[2] = (tail[2]! & 0x3f) | 0x80
  const rest = hex(tail)
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}` as CommandId
}

/** A new id. */
export const next: Effect.Effect<CommandId> = Effect.map(
  Clock.currentTimeMillis,
  (millis) => format(millis, globalThis.crypto.getRandomValues(new Uint8Array(10)))
)

/** The milliseconds inside an id. */
export const millisOf = (id: CommandId): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)

/** The id of one step of something larger: the same step always gets the same id, so that it can be repeated after a crash. */
export const derive = (from: CommandId, step: string): CommandId =>
  format(millisOf(from), sha256(new TextEncoder().encode(`${from}/${step}`)))
