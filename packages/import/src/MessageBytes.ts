/**
 * The canonical bytes of a message, written straight into one buffer: what `Canonical.encode` gives, several times faster.
 *
 * H2  For every message the bytes are exactly those of `Canonical.encode` over the message with its strings in NFC.
 *
 * A message is made of null, booleans, whole numbers, strings, lists and objects only; that is all this writes.
 */

/** CBOR's major types, in the high three bits (RFC 8949, 3.1). */
const UNSIGNED = 0x00
const NEGATIVE = 0x20
const TEXT = 0x60
const LIST = 0x80
const MAP = 0xa0
const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6

const HEAD_BYTES = 9
const FIRST_BYTES = 64 * 1_024
/** A buffer that one very large message needed is not held for the others. */
const HELD_BYTES = 4 * 1_024 * 1_024

interface Keys {
  /** Shorter first, then by bytes: dag-cbor's order. */
  readonly sorted: ReadonlyArray<string>
  readonly encoded: ReadonlyArray<Uint8Array>
}

export class MessageBytes {
  #buffer = Buffer.allocUnsafe(FIRST_BYTES)
  #at = 0
  readonly #keys = new Map<string, Keys>()

  /** The bytes of a value; they are only good until the next call. */
  encode(value: object): Uint8Array {
    if (this.#buffer.length > HELD_BYTES) this.#buffer = Buffer.allocUnsafe(FIRST_BYTES)
    this.#at = 0
    this.#value(value)
    return this.#buffer.subarray(0, this.#at)
  }

  #value(value: unknown): void {
    if (typeof value === "string") this.#text(value.normalize("NFC"))
    else if (value === null) this.#byte(NULL)
    else if (typeof value === "number") this.#number(value)
    else if (typeof value === "boolean") this.#byte(value ? TRUE : FALSE)
    else if (Array.isArray(value)) {
      this.#head(LIST, value.length)
      for (const part of value) this.#value(part)
    } else if (typeof value === "object") this.#object(value as { readonly [key: string]: unknown })
    else throw new TypeError(`a message holds no ${typeof value}`)
  }

  #object(value: { readonly [key: string]: unknown }): void {
    const own = Object.keys(value)
    const { encoded, sorted } = this.#keysOf(own)
    this.#head(MAP, sorted.length)
    for (let i = 0; i < sorted.length; i++) {
      const key = encoded[i]!
      this.#room(key.length)
      this.#buffer.set(key, this.#at)
      this.#at += key.length
      this.#value(value[sorted[i]!])
    }
  }

  /** Messages have few shapes: each is put in order once. */
  #keysOf(own: ReadonlyArray<string>): Keys {
    const shape = own.join(" ")
    const known = this.#keys.get(shape)
    if (known !== undefined) return known
    const sorted = own.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
    const encoded = sorted.map((key) => Buffer.concat([Uint8Array.of(TEXT + key.length), Buffer.from(key, "latin1")]))
    const keys = { sorted, encoded }
    this.#keys.set(shape, keys)
    return keys
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text)
    this.#head(TEXT, length)
    this.#room(length)
    this.#at += this.#buffer.write(text, this.#at, length, "utf8")
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value)) throw new TypeError(`a message holds whole numbers, not ${value}`)
    if (value < 0) this.#head(NEGATIVE, -1 - value)
    else this.#head(UNSIGNED, value)
  }

  /** A type and its count, in the fewest bytes. */
  #head(type: number, count: number): void {
    this.#room(HEAD_BYTES)
    if (count < 24) this.#buffer[this.#at++] = type | count
    else if (count <= 0xff) {
      this.#buffer[this.#at++] = type | 24
      this.#buffer[this.#at++] = count
    } else if (count <= 0xffff) {
      this.#buffer[this.#at++] = type | 25
      this.#at = this.#buffer.writeUInt16BE(count, this.#at)
    } else if (count <= 0xffffffff) {
      this.#buffer[this.#at++] = type | 26
      this.#at = this.#buffer.writeUInt32BE(count, this.#at)
    } else {
      this.#buffer[this.#at++] = type | 27
      this.#at = this.#buffer.writeBigUInt64BE(BigInt(count), this.#at)
    }
  }

  #byte(byte: number): void {
    this.#room(1)
    this.#buffer[this.#at++] = byte
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#at + bytes, 2 * this.#buffer.length))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}
