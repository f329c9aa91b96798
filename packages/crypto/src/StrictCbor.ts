/**
 * Reads canonical bytes from strangers: one value has one form, and a form that is not the one is refused.
 *
 * C1  What is read is exactly what writing it would give: keys in order and once, lengths and numbers in their shortest form, no float
 *     that is whole, nothing undefined, text that is UTF-8, no tag but that of links (CIDs).
 * C2  What is too long, too deep or of too many parts is refused before any of it is built.
 *
 * The general decoder lets seven of these pass in silence; one signature would then fit many bytes. The limits belong to the format:
 * who reads and who writes must mean the same ones. Source: IPLD dag-cbor specification; RFC 8949, 4.2.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { bytesEqual } from "./Bytes.ts"

/** The bytes are not the one form of a value, or beyond the limits. */
export class NotCanonical extends Schema.TaggedError<NotCanonical>()("NotCanonical", {
  reason: Schema.Literal("too long", "too deep", "too many parts", "not canonical")
}) {}

/** How much is read at all. */
export interface Limits {
  readonly bytesMax: number
  /** Lists and maps inside each other. */
  readonly depthMax: number
  /** Values and keys, counted one by one. */
  readonly partsMax: number
}

/** What every node reads: 1 MiB, 32 deep, 10,000 parts. */
export const limits: Limits = { bytesMax: 1_048_576, depthMax: 32, partsMax: 10_000 }

const [ListType, MapType, TagType] = [4, 5, 6]
const isText = (type: number) => type === 2 || type === 3

const head = (bytes: Uint8Array, at: number) => {
  const first = bytes[at]!
  const [type, short] = [first >> 5, first & 31]
  // 28 to 31 are reserved, or of no length known beforehand.
  const extra = short < 24 ? 0 : short < 28 ? 1 << (short - 24) : Number.NaN
  let count = short < 24 ? short : 0
  for (let i = 1; i <= extra; i++) count = count * 256 + (bytes[at + i] ?? Number.NaN)
  return { type, count, next: at + 1 + extra }
}

/** Walks over the heads of all parts without building any; says what is beyond the limits, or broken. */
const measure = (bytes: Uint8Array, { bytesMax, depthMax, partsMax }: Limits): NotCanonical["reason"] | undefined => {
  if (bytes.length > bytesMax) return "too long"
  // How many parts are still to come, on each level.
  const open = [1]
  let at = 0
  for (let parts = 1; open.length > 0; parts++) {
    if (parts > partsMax) return "too many parts"
    if (at >= bytes.length) return "not canonical"
    open[open.length - 1]!--
    const { count, next, type } = head(bytes, at)
    at = isText(type) ? next + count : next
    if (!(at <= bytes.length)) return "not canonical"
    if (type === ListType || type === MapType || type === TagType) {
      open.push(type === TagType ? 1 : type === MapType ? 2 * count : count)
      if (open.length - 1 > depthMax) return "too deep"
    }
    while (open.at(-1) === 0) open.pop()
  }
  return at === bytes.length ? undefined : "not canonical"
}

/** The value behind the bytes. */
export const decode = (bytes: Uint8Array, within: Limits = limits): Either.Either<unknown, NotCanonical> => {
  const reason = measure(bytes, within)
  if (reason !== undefined) return Either.left(new NotCanonical({ reason }))
  try {
    const value = Canonical.decode(bytes)
    if (bytesEqual(Canonical.encode(value), bytes)) return Either.right(value)
  } catch {
    // Not well-formed, or a value that has no form.
  }
  return Either.left(new NotCanonical({ reason: "not canonical" }))
}
