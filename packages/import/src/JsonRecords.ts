/**
 * The records of a JSON file, each parsed on its own, so that a broken one costs itself and not the file.
 *
 * K1  A record that is not JSON comes out flawed, with its bytes and place; the records after it come out whole.
 * K2  When brackets or quotes are lost, reading goes on at the next place that begins a record like the others.
 * K3  A record over a bound is named by the bound; the file's cut end comes out as cut.
 * K4  Rubbish between records comes out once, however many pieces it falls into, and so do values without number.
 */
import * as NodeBuffer from "node:buffer"
import { isObject } from "./Json.ts"
import { isSpace, JsonMarks } from "./JsonMarks.ts"
import { JsonSplitter, type Piece, type SplitterOptions } from "./JsonSplitter.ts"
import { parsePartialJson } from "./PartialJson.ts"
import { Rubbish } from "./Rubbish.ts"

export interface RecordsOptions extends SplitterOptions {
  readonly jsonDepthMax: number
  readonly jsonMarksMax: number
  /** Whether a value looks like a record of this format; its end may be missing. */
  readonly looksLike: (value: unknown) => boolean
}

export type JsonRecord = Whole | Flawed

export interface Whole {
  readonly _tag: "Whole"
  readonly value: unknown
  readonly piece: Piece
  /** False when some bytes were not UTF-8 and were replaced. */
  readonly utf8: boolean
}

export interface Flawed {
  readonly _tag: "Flawed"
  readonly reason: string
  readonly piece: Piece
}

/** What looking for the next record after broken ones may cost, in bytes looked at: so much, and so much per byte of the file. */
const SEARCH_BYTES = 16 * 1_024 * 1_024
const SEARCH_RATIO = 4
const FIRST_KEYS_MAX = 32
const LOOK_BYTES = 64 * 1_024
/** So many values that are no objects are told one by one; more of them in a row are told as one. */
const VALUES_MAX = 1_000

const empty = new Uint8Array(0)

export class JsonRecords {
  readonly #options: RecordsOptions
  readonly #splitter: JsonSplitter
  readonly #firstKeys = new Set<string>()
  #searched = 0
  /** A piece that is no record; more of the same rubbish may follow. */
  #pending: Whole | Flawed | null = null
  #rubbish: Rubbish | null = null
  #values = 0

  constructor(options: RecordsOptions) {
    this.#options = options
    this.#splitter = new JsonSplitter(options)
  }

  /** Whether the list of records was opened and never closed. */
  get listOpen(): boolean {
    return this.#splitter.listOpen
  }

  get fed(): number {
    return this.#splitter.fed
  }

  *push(chunk: Uint8Array): Generator<JsonRecord> {
    for (const piece of this.#splitter.push(chunk)) yield* this.#queue(this.#read(piece))
  }

  /** The end of the file, or of what could be read of it. */
  *end(): Generator<JsonRecord> {
    for (let piece = this.#splitter.end(); piece !== null; piece = this.#splitter.end()) {
      yield* this.#queue(this.#read(piece))
      yield* this.push(empty)
    }
    yield* this.#flush()
  }

  /** What one piece is; null while it is still growing. A lost border sends the splitter back. */
  #read(piece: Piece): JsonRecord | null {
    const { bytesMax, jsonDepthMax, jsonMarksMax } = this.#options
    if (piece.flaw === "long") return flawed(piece, `over conversationBytesMax (${bytesMax} bytes)`)
    if (piece.flaw === null && piece.depth > jsonDepthMax) {
      return flawed(piece, `nested ${piece.depth} deep, over jsonDepthMax (${jsonDepthMax})`)
    }
    if (piece.flaw === null && piece.marks > jsonMarksMax) {
      return flawed(piece, `holds ${piece.marks} marks of JSON, over jsonMarksMax (${jsonMarksMax})`)
    }
    const whole = piece.flaw === null ? parse(piece) : null
    if (whole !== null) {
      this.#learn(whole.value)
      return whole
    }
    const next = this.#findRecord(piece.bytes)
    if (next !== null) {
      this.#splitter.restart(piece.bytes.subarray(next), piece.start + next)
      return flawed(this.#count(piece, next), "broken JSON")
    }
    if (piece.flaw === "growing") return null
    return flawed(piece, piece.flaw === "cut" ? "cut off" : "broken JSON")
  }

  /** The first part of a piece, its nodes counted anew. */
  #count(piece: Piece, length: number): Piece {
    const bytes = piece.bytes.slice(0, length)
    const splitter = new JsonSplitter({ ...this.#options, listKey: null, bytesMax: Infinity })
    let nodes = 0
    for (const part of splitter.push(bytes)) nodes += part.nodes
    nodes += splitter.end()?.nodes ?? 0
    return { ...piece, bytes, end: piece.start + length, nodes, flaw: null }
  }

  #learn(value: unknown): void {
    if (this.#firstKeys.size >= FIRST_KEYS_MAX || !this.#options.looksLike(value)) return
    const first = Object.keys(value as object)[0]
    if (first !== undefined) this.#firstKeys.add(first)
  }

  /** Where, behind its first byte, these bytes begin a record again. */
  #findRecord(bytes: Uint8Array): number | null {
    for (let at = bytes.indexOf(JsonMarks.openObject, 1); at !== -1; at = bytes.indexOf(JsonMarks.openObject, at + 1)) {
      if (!this.#mayBegin(bytes, at)) continue
      if (this.#searched > SEARCH_BYTES + SEARCH_RATIO * this.#splitter.fed) return null
      if (this.#isRecord(bytes.subarray(at))) return at
    }
    return null
  }

  /** A comma or bracket before, and a first key that records of this file have. */
  #mayBegin(bytes: Uint8Array, at: number): boolean {
    let before = at - 1
    while (before >= 0 && isSpace(bytes[before]!)) before--
    const mark = bytes[before]
    if (mark !== JsonMarks.comma && mark !== JsonMarks.openList && mark !== JsonMarks.closeObject) return false
    let key = at + 1
    while (key < bytes.length && isSpace(bytes[key]!)) key++
    if (bytes[key] !== JsonMarks.quote) return false
    const end = bytes.indexOf(JsonMarks.quote, key + 1)
    if (end === -1 || this.#firstKeys.size === 0) return true
    return end - key < 256 && this.#firstKeys.has(decodeUtf8(bytes.subarray(key + 1, end)))
  }

  #isRecord(bytes: Uint8Array): boolean {
    const splitter = new JsonSplitter({ ...this.#options, listKey: null, bytesMax: Infinity })
    for (const piece of splitter.push(bytes)) {
      this.#searched += piece.bytes.length
      const whole = parse(piece)
      return whole !== null && this.#options.looksLike(whole.value)
    }
    this.#searched += bytes.length
    return this.#options.looksLike(parsePartialJson(decodeUtf8(bytes.subarray(0, LOOK_BYTES))))
  }

  /** Lets records pass; holds back what is none, to see whether it is part of a longer run of rubbish. */
  *#queue(record: JsonRecord | null): Generator<JsonRecord> {
    if (record === null) return
    if (record._tag === "Whole" && this.#options.looksLike(record.value)) {
      yield* this.#flush()
      yield record
      return
    }
    const stray = isStray(record) || (isValue(record) && ++this.#values > VALUES_MAX)
    if (this.#pending !== null && (this.#rubbish !== null || stray)) {
      this.#rubbish ??= new Rubbish(this.#pending.piece, this.#options.bytesMax)
      this.#rubbish.add(record.piece)
      return
    }
    yield* this.#flush()
    this.#pending = record
    if (stray) this.#rubbish = new Rubbish(record.piece, this.#options.bytesMax)
  }

  *#flush(): Generator<JsonRecord> {
    const held = this.#rubbish === null ? this.#pending : flawed(this.#rubbish.piece(), "broken JSON")
    this.#pending = null
    this.#rubbish = null
    if (held !== null) yield held
  }
}

const flawed = (piece: Piece, reason: string): Flawed => ({ _tag: "Flawed", reason, piece })

/** JSON, but no object. */
const isValue = (record: JsonRecord): boolean => record._tag === "Whole" && !isObject(record.value)

/** Bytes that no value begins with: a bracket or colon too many, a broken literal. */
const isStray = (record: JsonRecord): boolean => {
  const first = record.piece.bytes[0]
  return record._tag === "Flawed" && first !== undefined && first !== JsonMarks.openObject &&
    first !== JsonMarks.openList && first !== JsonMarks.quote
}

const parse = (piece: Piece): Whole | null => {
  const first = piece.bytes[0]
  if (first === JsonMarks.closeObject || first === JsonMarks.closeList || first === JsonMarks.colon) return null
  try {
    const value: unknown = JSON.parse(decodeUtf8(piece.bytes))
    return { _tag: "Whole", value, piece, utf8: NodeBuffer.isUtf8(piece.bytes) }
  } catch {
    return null
  }
}

const decodeUtf8 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
