/**
 * The events of an account's file, looked at while they go by: each framed, canonical, of the account itself, and behind the one before it.
 *
 * V5  An event of another owner, out of order, over the bound or cut is told, wherever the pieces end.
 */
import { FileEvent, frameAt } from "@vivim/contract/EventFrames"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

const HEAD_BYTES = 5
const decode = Schema.decodeUnknownEither(FileEvent)

export class EventFrames {
  readonly #owner: string
  readonly #bytesMax: number
  #waiting: Buffer = Buffer.alloc(0)
  /** What has come of a frame that is not all there, and how much there must be. */
  #parts: Array<Uint8Array> = []
  #have = 0
  #want = HEAD_BYTES
  #position = 0
  count = 0

  constructor(owner: string, bytesMax: number) {
    this.#owner = owner
    this.#bytesMax = bytesMax
  }

  /** Why the events are not sound, or null so far. */
  push(chunk: Uint8Array): string | null {
    this.#parts.push(chunk)
    this.#have += chunk.length
    if (this.#have < this.#want) return null
    this.#waiting = Buffer.concat(this.#parts)
    const flaw = this.#readAll()
    this.#parts = [this.#waiting]
    this.#have = this.#waiting.length
    return flaw
  }

  end(): string | null {
    this.#waiting = Buffer.concat(this.#parts)
    const flaw = this.#readAll()
    return flaw ?? (this.#waiting.length === 0 ? null : "its events are cut off")
  }

  #readAll(): string | null {
    for (;;) {
      const found = frameAt(this.#waiting.subarray(0, HEAD_BYTES))
      if (found === "broken") return "its events are no sequence of events"
      this.#want = found === null ? HEAD_BYTES : found.head + found.length
      if (found === null) return null
      if (found.length > this.#bytesMax) return `one of its events is over conversationBytesMax (${this.#bytesMax})`
      if (this.#waiting.length < this.#want) return null
      const flaw = this.#look(this.#waiting.subarray(found.head, this.#want))
      if (flaw !== null) return flaw
      this.#waiting = this.#waiting.subarray(this.#want)
    }
  }

  #look(bytes: Uint8Array): string | null {
    const limits = { ...StrictCbor.limits, bytesMax: this.#bytesMax }
    const event = Either.flatMap(StrictCbor.decode(bytes, limits), (value) => decode(value))
    if (Either.isLeft(event)) return "one of its events cannot be read"
    const { owner, position } = event.right
    if (owner !== this.#owner) return "one of its events is of another account"
    if (position <= this.#position) return "its events are out of order"
    this.#position = position
    this.count++
    return null
  }
}
