/**
 * Writes canonical bytes straight into one buffer, several times faster than the general encoder: what nearly all events are
 * made of (null, booleans, numbers, text, bytes, links, lists, plain objects with short plain keys). For anything else it says so.
 *
 * W1  What it writes is exactly what dag-cbor writes.
 * W2  What it does not write it refuses as a whole: nothing of it is taken for the bytes of another value.
 *
 * Source: RFC 8949, 3 and 4.2; IPLD dag-cbor specification.
 */

/** CBOR's major types, in the high three bits (RFC 8949, 3.1). */
const UNSIGNED = 0x00
const NEGATIVE = 0x20
const BYTES = 0x40
const TEXT = 0x60
const LIST = 0x80
const MAP = 0xa0
const TAG = 0xc0
const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6
const FLOAT = 0xfb

/** The tag of a link: its bytes follow, behind a zero. */
const LINK = 42
const HEAD_BYTES = 9
const FIRST_BYTES = 64 * 1_024
/** A buffer that one very large value needed is not held for the others. */
const HELD_BYTES = 4 * 1_024 * 1_024
/** Up to so many units a text is written by hand: calling the system's encoder costs more. */
const SHORT_UNITS = 40
/** Shapes of objects that are remembered, counted by their keys. */
const SHAPES_MAX = 4_096
/** Deeper than any event: beyond, the general encoder decides. */
const DEPTH_MAX = 64

/** The value is of a kind this writer leaves to the general encoder. */
export class BeyondWriter extends Error {}

interface Keys {
  /** Shorter first, then by bytes: dag-cbor's order. */
  readonly sorted: ReadonlyArray<string>
  readonly encoded: ReadonlyArray<Uint8Array>
}

/** The keys an object has, one after the other: where they end it is known how they are written. */
interface Shape {
  readonly next: Map<string, Shape>
  keys: Keys | null
}

const plainKey = /^[ -~]{0,23}$/
const newShape = (): Shape => ({ next: new Map(), keys: null })
const headBytes = (count: number): number =>
  count < 24 ? 1 : count <= 0xff ? 2 : count <= 0xffff ? 3 : count <= 0xffffffff ? 5 : 9

export class CanonicalWriter {
  readonly #textOf: (text: string) => string
  readonly #encoder = new TextEncoder()
  #bytes = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #at = 0
  #depth = 0
  #shapes = newShape()
  #shapesCount = 0

  /** `textOf`: what is written instead of a text. Keys are written as they are. */
  constructor(textOf: (text: string) => string = (text) => text) {
    this.#textOf = textOf
  }

  /** The bytes of a value; they are only good until the next call. Throws `BeyondWriter` when it cannot tell them. */
  encode(value: unknown): Uint8Array {
    if (this.#bytes.length > HELD_BYTES) this.#hold(new Uint8Array(FIRST_BYTES))
    this.#at = 0
    this.#depth = 0
    this.#value(value)
    return this.#bytes.subarray(0, this.#at)
  }

  #value(value: unknown): void {
    if (typeof value === "string") this.#text(this.#textOf(value))
    else if (value === null) this.#byte(NULL)
    else if (typeof value === "number") this.#number(value)
    else if (typeof value === "boolean") this.#byte(value ? TRUE : FALSE)
    else if (typeof value === "object") this.#nested(value)
    else throw new BeyondWriter(typeof value)
  }

  #nested(value: object): void {
    if (++this.#depth > DEPTH_MAX) throw new BeyondWriter("depth")
    if (Array.isArray(value)) {
      this.#head(LIST, value.length)
      for (let i = 0; i < value.length; i++) this.#value(value[i])
    } else if (value instanceof Uint8Array) this.#byteString(value)
    else {
      const kind = Object.getPrototypeOf(value)
      if (kind === Object.prototype || kind === null) this.#object(value as { readonly [key: string]: unknown })
      else this.#link(value)
    }
    this.#depth--
  }

  #object(value: { readonly [key: string]: unknown }): void {
    const { encoded, sorted } = this.#keysOf(Object.keys(value))
    this.#head(MAP, sorted.length)
    for (let i = 0; i < sorted.length; i++) {
      const key = encoded[i]!
      this.#room(key.length)
      this.#bytes.set(key, this.#at)
      this.#at += key.length
      this.#value(value[sorted[i]!])
    }
  }

  /** Events have few shapes: each is put in order once. */
  #keysOf(own: ReadonlyArray<string>): Keys {
    let shape = this.#shapes
    for (const key of own) {
      let next = shape.next.get(key)
      if (next === undefined) {
        if (!plainKey.test(key)) throw new BeyondWriter("key")
        next = newShape()
        if (this.#shapesCount++ < SHAPES_MAX) shape.next.set(key, next)
        else {
          this.#shapes = newShape()
          this.#shapesCount = 0
        }
      }
      shape = next
    }
    return shape.keys ??= order(own)
  }

  #text(text: string): void {
    const length = text.length
    if (length <= SHORT_UNITS) {
      this.#room(HEAD_BYTES + length)
      const start = this.#at
      this.#head(TEXT, length)
      let at = this.#at
      let i = 0
      for (; i < length; i++) {
        const unit = text.charCodeAt(i)
        if (unit > 0x7f) break
        this.#bytes[at++] = unit
      }
      if (i === length) {
        this.#at = at
        return
      }
      this.#at = start
    }
    this.#longText(text)
  }

  /** Encoded behind a head of the size its units suggest; moved when its bytes are so many more that the head grows. */
  #longText(text: string): void {
    this.#room(HEAD_BYTES + 3 * text.length)
    const guessed = headBytes(text.length)
    const from = this.#at + guessed
    const { written } = this.#encoder.encodeInto(text, this.#bytes.subarray(from))
    const needed = headBytes(written)
    if (needed !== guessed) this.#bytes.copyWithin(this.#at + needed, from, from + written)
    this.#head(TEXT, written)
    this.#at += written
  }

  #byteString(bytes: Uint8Array): void {
    this.#head(BYTES, bytes.length)
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** A CID says that it is one by naming itself. */
  #link(value: object): void {
    const { asCID, bytes } = value as { readonly asCID?: unknown; readonly bytes?: unknown }
    if (asCID !== value || !(bytes instanceof Uint8Array)) throw new BeyondWriter("class")
    this.#head(TAG, LINK)
    this.#head(BYTES, 1 + bytes.length)
    this.#byte(0)
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) {
      if (Object.is(value, -0)) throw new BeyondWriter("negative zero")
      if (value < 0) this.#head(NEGATIVE, -1 - value)
      else this.#head(UNSIGNED, value)
      return
    }
    if (!Number.isFinite(value) || Number.isInteger(value)) throw new BeyondWriter("number")
    this.#byte(FLOAT)
    this.#room(8)
    this.#view.setFloat64(this.#at, value)
    this.#at += 8
  }

  /** A type and its count, in the fewest bytes. */
  #head(type: number, count: number): void {
    this.#room(HEAD_BYTES)
    if (count < 24) this.#bytes[this.#at++] = type | count
    else if (count <= 0xff) {
      this.#bytes[this.#at++] = type | 24
      this.#bytes[this.#at++] = count
    } else if (count <= 0xffff) {
      this.#bytes[this.#at++] = type | 25
      this.#view.setUint16(this.#at, count)
      this.#at += 2
    } else if (count <= 0xffffffff) {
      this.#bytes[this.#at++] = type | 26
      this.#view.setUint32(this.#at, count)
      this.#at += 4
    } else {
      this.#bytes[this.#at++] = type | 27
      this.#view.setBigUint64(this.#at, BigInt(count))
      this.#at += 8
    }
  }

  #byte(byte: number): void {
    this.#room(1)
    this.#bytes[this.#at++] = byte
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#at + bytes, 2 * this.#bytes.length))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#hold(larger)
  }

  #hold(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

const order = (own: ReadonlyArray<string>): Keys => {
  const sorted = own.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
  const encoder = new TextEncoder()
  return { sorted, encoded: sorted.map((key) => Uint8Array.of(TEXT | key.length, ...encoder.encode(key))) }
}
