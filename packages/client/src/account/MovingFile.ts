/**
 * What a client reads of the file an account left a node in: who the account is, which stands at its beginning, unpacked. All else the node looks
 * at, where the file is brought to. The beginning and the very end are read and no more, however long the file; one that is none is told so, and one
 * that was cut off.
 */
import { FileIdentity, places } from "@vivim/contract/AccountFile"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** This is no file an account left a node in, or it is sealed, or newer than this client. */
export class NotAnAccountFile
  extends Schema.TaggedError<NotAnAccountFile>()("NotAnAccountFile", { message: Schema.String })
{}

/** It begins as one, and its end is missing. */
export class FileCutOff extends Schema.TaggedError<FileCutOff>()("FileCutOff", { message: Schema.String }) {}

const cutOff = () => new FileCutOff({ message: "This export of an account is cut off: its end is missing." })

const notThis = () =>
  new NotAnAccountFile({ message: "This is no export of a VIVIM account, or one this client cannot read." })

/** A log of a thousand operations with all their keys is far shorter. */
const IdentityBytesMax = 32 * 1_024 * 1_024
const HeadBytes = 30

const decode = Schema.decodeUnknown(Schema.parseJson(FileIdentity))

/** The stretch of the first entry, as the head of a zip has it (APPNOTE 4.3.7): by its name, stored, of a length that is known. */
const firstEntry = (bytes: Uint8Array): { readonly start: number; readonly end: number } | null => {
  if (bytes.length < HeadBytes) return null
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [signature, flags, method] = [head.getUint32(0, true), head.getUint16(6, true), head.getUint16(8, true)]
  const [size, nameLength, extra] = [head.getUint32(22, true), head.getUint16(26, true), head.getUint16(28, true)]
  const start = HeadBytes + nameLength + extra
  const name = new TextDecoder().decode(bytes.subarray(HeadBytes, HeadBytes + nameLength))
  const isOurs = signature === 0x04034b50 && method === 0 && (flags & 0x9) === 0 && name === places.identity
  return isOurs && size <= IdentityBytesMax ? { start, end: start + size } : null
}

/** So many first bytes of a file hold the head of its first entry, names and all. */
const looked = 4_096

/** The record a zip ends with (APPNOTE 4.3.16). An export has no comment behind it. */
const EndBytes = 22
const isEnd = (bytes: Uint8Array): boolean =>
  bytes.length === EndBytes && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === 0x06054b50

/** Who the account of a file is. A file of a disk is a blob: of it no more is read than this needs. */
export const identityOf = Effect.fn("MovingFile.identityOf")(function*(file: Blob) {
  const bytes = (from: number, to: number) =>
    Effect.tryPromise({
      try: () => file.slice(from, to).arrayBuffer().then((taken) => new Uint8Array(taken)),
      catch: notThis
    })
  const place = firstEntry(yield* bytes(0, looked))
  if (place === null) return yield* notThis()
  if (!isEnd(yield* bytes(Math.max(0, file.size - EndBytes), file.size))) return yield* cutOff()
  const text = new TextDecoder().decode(yield* bytes(place.start, place.end))
  return yield* Effect.mapError(decode(text), notThis)
})
