/**
 * A first look at a file, deep enough to say what it is: its first bytes, and the first records that stand in them.
 *
 * N1  A list, an object that wraps a list, lines of JSON and a single object are told apart, whatever the file is called.
 * N2  A record cut by the sample's end, and records beside a broken one, are still seen.
 */
import * as Effect from "effect/Effect"
import type { SourceFailed } from "./ImportRefused.ts"
import { isObject, listOf, member } from "./Json.ts"
import { JsonSplitter } from "./JsonSplitter.ts"
import { sniffMime } from "./Mime.ts"
import { parsePartialJson } from "./PartialJson.ts"
import { type Entry, head } from "./Source.ts"

export interface Sample {
  readonly name: string
  readonly size: number | null
  readonly mime: string
  readonly shape: "list" | "object" | "lines" | "text" | "binary" | "empty"
  /** The key of the wrapping object that holds the list of records. */
  readonly listKey: string | null
  /** The first records; the last may lack its end. */
  readonly records: ReadonlyArray<unknown>
  /** The beginning as text; empty for a binary file. */
  readonly text: string
}

/** Whether one pattern stands in a text and the other behind it; each is looked for once. */
export const follows = (text: string, first: RegExp, second: RegExp): boolean => {
  const at = text.search(first)
  return at !== -1 && second.test(text.slice(at))
}

/** Enough for the first records of an ordinary export; an undecided JSON file is looked at again, further. */
const FIRST_BYTES = 128 * 1_024
const FURTHER_BYTES = 4 * 1_024 * 1_024
const RECORDS_MAX = 12
const WRAPPER_KEY = "conversations"

/** Looks at an entry; `decided` says whether the first look was enough. */
export const sampleOf = (entry: Entry, decided: (sample: Sample) => boolean): Effect.Effect<Sample, SourceFailed> =>
  Effect.gen(function*() {
    const bytes = yield* head(entry, FIRST_BYTES)
    const first = look(entry, bytes)
    if (bytes.length < FIRST_BYTES || first.records.length === 0 || decided(first)) return first
    return look(entry, yield* head(entry, FURTHER_BYTES))
  })

const look = (entry: Entry, bytes: Uint8Array): Sample => {
  const { name, size } = entry
  const mime = sniffMime(bytes)
  const plain = { name, size, mime, listKey: null, records: [], text: "" }
  if (bytes.length === 0) return { ...plain, shape: "empty" }
  const text = decode(bytes, mime)
  if (text === null) return { ...plain, shape: "binary" }
  const begins = text.trimStart()[0]
  if (mime.includes("utf-16") || (begins !== "[" && begins !== "{")) return { ...plain, shape: "text", text }
  return { ...plain, text, ...records(bytes, text, begins) }
}

const decode = (bytes: Uint8Array, mime: string): string | null => {
  if (mime.includes("utf-16")) return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes)
  const text = mime.startsWith("text/") || mime === "application/json" || mime === "image/svg+xml"
  return text || beginsLikeJson(bytes) ? new TextDecoder().decode(bytes) : null
}

/** JSON with a stray control byte or a broken character is still worth a look. */
const beginsLikeJson = (bytes: Uint8Array): boolean => {
  const start = new TextDecoder().decode(bytes.subarray(0, 64)).trimStart()
  return start.startsWith("[") || start.startsWith("{")
}

const records = (
  bytes: Uint8Array,
  text: string,
  begins: "[" | "{"
): Pick<Sample, "shape" | "listKey" | "records"> => {
  if (begins === "[") return { shape: "list", listKey: null, records: split(bytes, null) }
  const whole = parsePartialJson(text.trimStart())
  if (isObject(whole) && Array.isArray(member(whole, WRAPPER_KEY))) {
    const inside = split(bytes, WRAPPER_KEY)
    return { shape: "object", listKey: WRAPPER_KEY, records: inside.length > 0 ? inside : listOf(whole[WRAPPER_KEY]) }
  }
  const values = split(bytes, null)
  return { shape: values.length > 1 ? "lines" : "object", listKey: null, records: values }
}

/** The records as far as they parse, the cut one as far as it goes. */
const split = (bytes: Uint8Array, listKey: string | null): ReadonlyArray<unknown> => {
  const splitter = new JsonSplitter({ listKey, nodesKey: "", bytesMax: bytes.length })
  const found: Array<unknown> = []
  const take = (piece: Uint8Array) => {
    const value = parsePartialJson(new TextDecoder().decode(piece))
    if (value !== undefined) found.push(value)
  }
  for (const piece of splitter.push(bytes)) {
    take(piece.bytes)
    if (found.length >= RECORDS_MAX) return found
  }
  const rest = splitter.end()
  if (rest !== null) take(rest.bytes)
  return found
}
