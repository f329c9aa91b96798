/**
 * The events of an account as its file has them: a CBOR sequence (RFC 8742) of frames.
 *
 * F2  Events are framed so that they are read one by one, and none that is larger than its reader takes is built.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { Did, Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"

const Count = Schema.Int.pipe(Schema.nonNegative())

/** An event of `events.cborseq`: its header, and both parts as canonical CBOR, opened. `private` is null where it was destroyed. */
export const FileEvent = Schema.Struct({
  position: Count,
  stream: Schema.String,
  version: Count,
  id: Schema.String,
  type: Schema.String,
  schemaVersion: Count,
  owner: Did,
  at: Millis,
  meta: Schema.Uint8ArrayFromSelf,
  routing: Schema.Uint8ArrayFromSelf,
  private: Schema.NullOr(Schema.Uint8ArrayFromSelf),
  /** Of the event as it lay in the log, sealed, and of the one before it in its stream. */
  hash: Schema.Uint8ArrayFromSelf,
  previousHash: Schema.Uint8ArrayFromSelf
})
export type FileEvent = typeof FileEvent.Type

/** An item of the sequence (RFC 8742): a byte string that holds one event as dag-cbor, so that its length stands before it. */
export const frame = (event: FileEvent): Uint8Array => Canonical.encode(Canonical.encode(event))

/** How long the head of a byte string is, and the string itself; null while the head is not all there; "broken" when it is none. */
export const frameAt = (bytes: Uint8Array): { readonly head: number; readonly length: number } | "broken" | null => {
  if (bytes.length === 0) return null
  const [type, short] = [bytes[0]! >> 5, bytes[0]! & 31]
  if (type !== 2 || short > 26) return "broken"
  const extra = short < 24 ? 0 : 1 << (short - 24)
  if (bytes.length < 1 + extra) return null
  const length = bytes.subarray(1, 1 + extra).reduce((sum, byte) => sum * 256 + byte, 0)
  return { head: 1 + extra, length: extra === 0 ? short : length }
}
