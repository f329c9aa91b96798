/**
 * Cuts a JSON file into its records without decoding or holding the whole: bytes in, one record's bytes out at a time.
 *
 * J1  However the bytes are chunked, the same pieces come out, each with its verbatim bytes and its place in the file.
 * J2  Brackets and commas inside strings are text, also behind escapes.
 * J3  The entries of a record's node container are counted as they stand in the text, repeated keys included.
 * J4  A piece over the size bound is announced, skipped to its end and reported with its place and its count.
 * J5  What the file's end cuts off comes out as cut, and a list that never closes is told.
 */
import { isSpace, JsonMarks, structure } from "./JsonMarks.ts"
import { JsonString, skipString } from "./JsonString.ts"
import { NodeCount } from "./NodeCount.ts"

/** Where the records lie and what is counted inside them. */
export interface SplitterOptions {
  /** The key of a wrapping object whose list holds the records, or null: the outermost list's elements, or the outermost values. */
  readonly listKey: string | null
  /** The key of a record that holds its nodes, as an object or a list. */
  readonly nodesKey: string
  readonly bytesMax: number
}

/**
 * One record. `flaw`: `cut` by the end of the file; `growing`: over the bound and not ended yet (its last piece follows);
 * `long`: over the bound, ended.
 */
export interface Piece {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Deepest nesting inside. */
  readonly depth: number
  /** Marks between values: about as many values it has, and memory it takes once parsed. */
  readonly marks: number
  /** Entries of the node container. */
  readonly nodes: number
  readonly flaw: "cut" | "growing" | "long" | null
}

const { closeList, closeObject, colon, comma, openList, openObject, quote } = JsonMarks
const empty = new Uint8Array(0)

export class JsonSplitter {
  readonly #options: SplitterOptions
  readonly #queue: Array<{ readonly bytes: Uint8Array; readonly base: number }> = []
  #fed = 0
  #at = 0
  #state: "start" | "wrapper" | "between" | "inside" = "start"
  /** The depth at which records stand: 0 for bare values, 1 for a list, 2 for a list in a wrapper. */
  #home = 0
  #depth = 0
  #bare = false
  #listOpen = false
  #listIsNext = false
  readonly #string = new JsonString()
  // The record being read.
  #parts: Array<Uint8Array> = []
  #held = 0
  #start = 0
  #deepest = 0
  #marks = 0
  #skipping = false
  readonly #nodes = new NodeCount()

  constructor(options: SplitterOptions) {
    this.#options = options
  }

  /** Whether the records' list was opened and not closed. */
  get listOpen(): boolean {
    return this.#listOpen
  }

  /** How many bytes were taken in. */
  get fed(): number {
    return this.#fed
  }

  *push(chunk: Uint8Array): Generator<Piece> {
    this.#queue.push({ bytes: chunk, base: this.#fed })
    this.#fed += chunk.length
    while (this.#queue.length > 0) {
      const { bytes, base } = this.#queue[0]!
      const piece = this.#scan(bytes, base)
      if (piece !== null) yield piece
      else {
        this.#queue.shift()
        this.#at = 0
      }
    }
  }

  /** What the end of the file leaves: the record it cut, or the last bare value. */
  end(): Piece | null {
    if (this.#state !== "inside") return null
    return this.#finish(empty, 0, 0, this.#fed, this.#bare && this.#home === 0 ? null : "cut")
  }

  /** Reads again from `offset`: `bytes` are those from there to where reading stood. Called between two pieces. */
  restart(bytes: Uint8Array, offset: number): void {
    const current = this.#queue[0]
    if (current !== undefined) {
      this.#queue[0] = { bytes: current.bytes.subarray(this.#at), base: current.base + this.#at }
    }
    this.#queue.unshift({ bytes, base: offset })
    this.#at = 0
    this.#leave()
  }

  #scan(bytes: Uint8Array, base: number): Piece | null {
    while (this.#at < bytes.length) {
      if (this.#state === "inside") {
        const piece = this.#bare ? this.#throughBare(bytes, base) : this.#inside(bytes, base)
        if (piece !== null) return piece
      } else if (this.#state === "between") this.#between(bytes, base)
      else if (this.#state === "wrapper") this.#unwrap(bytes)
      else this.#begin(bytes, base)
    }
    return null
  }

  /** The first byte that says something: a byte order mark is stepped over. */
  #begin(bytes: Uint8Array, base: number): void {
    const byte = bytes[this.#at]!
    const mark = base + this.#at < 3 && (byte === 0xef || byte === 0xbb || byte === 0xbf)
    if (mark || isSpace(byte)) this.#at++
    else if (byte === openList) this.#enterList(1)
    else this.#state = byte === openObject && this.#options.listKey !== null ? "wrapper" : "between"
  }

  #enterList(home: number): void {
    this.#at++
    this.#home = home
    this.#depth = home
    this.#listOpen = true
    this.#state = "between"
  }

  /** Walks the wrapping object's own keys until its list of records opens. */
  #unwrap(bytes: Uint8Array): void {
    while (this.#at < bytes.length) {
      const own = this.#depth === 1
      if (this.#string.inside) {
        this.#at = this.#string.walk(bytes, this.#at, own)
        continue
      }
      const byte = bytes[this.#at]!
      if (byte === openList && own && this.#listIsNext) {
        this.#listIsNext = false
        return this.#enterList(2)
      }
      this.#at++
      if (byte === quote) this.#string.enter()
      else if (byte === colon && own) this.#listIsNext = this.#string.is(this.#options.listKey!)
      else if (byte === comma && own) this.#listIsNext = false
      else if (byte === openObject || byte === openList) this.#depth++
      else if (byte === closeObject || byte === closeList) this.#depth = Math.max(0, this.#depth - 1)
    }
  }

  /** From one record to the next. */
  #between(bytes: Uint8Array, base: number): void {
    const byte = bytes[this.#at]!
    if (isSpace(byte) || byte === comma) this.#at++
    else if (byte === closeList && this.#listOpen) {
      this.#at++
      this.#listOpen = false
      if (this.#home === 2) {
        this.#state = "wrapper"
        this.#depth = 1
      }
    } else {
      this.#start = base + this.#at
      this.#state = "inside"
      this.#bare = byte !== openObject && byte !== openList && byte !== quote
      // Records behind the list's end: that end was a bracket too many.
      if (byte === openObject && this.#home > 0) this.#listOpen = true
    }
  }

  /** Through one record, as far as this chunk goes. */
  #inside(bytes: Uint8Array, base: number): Piece | null {
    const from = this.#at
    const string = this.#string
    const keyDepth = this.#home + 1
    let at = from
    let marks = 0
    while (at < bytes.length) {
      if (string.inside) {
        at = string.walk(bytes, at, this.#depth === keyDepth)
        if (!string.inside && this.#depth === this.#home) return this.#close(bytes, from, at, base)
        continue
      }
      // Most bytes outside strings are digits, letters and space, and most marks stand deep inside, where only brackets count.
      const byte = bytes[at++]!
      if (structure[byte] === 0) continue
      marks++
      if (byte === quote && this.#depth > keyDepth + 1) at = skipString(bytes, at) ?? this.#enterString(at)
      else if ((byte !== comma && byte !== colon) || this.#depth <= keyDepth + 1) {
        if (!this.#mark(byte, keyDepth)) continue
        this.#marks += marks
        return this.#close(bytes, from, at, base)
      }
    }
    this.#marks += marks
    return this.#hold(bytes, from, base)
  }

  #enterString(at: number): number {
    this.#string.enter()
    return at
  }

  /** One structural byte; true when it closed the record. */
  #mark(byte: number, keyDepth: number): boolean {
    const depth = this.#depth
    if (depth === keyDepth) this.#nodes.outer(byte, byte === colon && this.#string.is(this.#options.nodesKey))
    else if (depth === keyDepth + 1) this.#nodes.inner(byte)
    if (byte === quote) this.#string.enter()
    else if (byte === openObject || byte === openList) {
      this.#depth = depth + 1
      if (depth >= this.#deepest) this.#deepest = depth + 1
    } else if (byte === closeObject || byte === closeList) {
      this.#depth = depth - 1
      return depth - 1 <= this.#home
    }
    return false
  }

  /** A number, a literal, or rubbish such as a closing bracket too many: it goes on to where another value may begin. */
  #throughBare(bytes: Uint8Array, base: number): Piece | null {
    const from = this.#at
    let at = from
    while (at < bytes.length && !this.#endsBare(bytes[at]!)) at++
    return at < bytes.length ? this.#close(bytes, from, at, base) : this.#hold(bytes, from, base)
  }

  #endsBare(byte: number): boolean {
    if (structure[byte] === 0) return isSpace(byte)
    return byte === closeList ? this.#listOpen : byte !== closeObject && byte !== colon
  }

  #close(bytes: Uint8Array, from: number, to: number, base: number): Piece {
    this.#at = to
    return this.#finish(bytes, from, to, base + to, null)
  }

  /** The chunk ends inside the record. */
  #hold(bytes: Uint8Array, from: number, base: number): Piece | null {
    this.#at = bytes.length
    if (this.#skipping) return null
    this.#parts.push(bytes.slice(from))
    this.#held += bytes.length - from
    if (this.#held <= this.#options.bytesMax) return null
    const piece = this.#piece(concat(this.#parts), base + bytes.length, "growing")
    this.#skipping = true
    this.#parts = []
    return piece
  }

  #finish(bytes: Uint8Array, from: number, to: number, end: number, flaw: Piece["flaw"]): Piece {
    this.#nodes.leave()
    const long = this.#skipping || end - this.#start > this.#options.bytesMax
    const whole = this.#skipping ? empty : concat([...this.#parts, bytes.slice(from, to)])
    const piece = this.#piece(whole, end, flaw ?? (long ? "long" : null))
    this.#leave()
    return piece
  }

  #piece(bytes: Uint8Array, end: number, flaw: Piece["flaw"]): Piece {
    const depth = Math.max(0, this.#deepest - this.#home)
    return { bytes, start: this.#start, end, depth, marks: this.#marks, nodes: this.#nodes.count, flaw }
  }

  #leave(): void {
    this.#state = "between"
    this.#depth = this.#home
    this.#bare = this.#skipping = false
    this.#string.reset()
    this.#nodes.reset()
    this.#parts = []
    this.#held = this.#deepest = this.#marks = 0
  }
}

const concat = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
