/** A walk through the strings of a JSON file, over any chunk borders, that remembers the newest one that may be a key. */
import { JsonMarks } from "./JsonMarks.ts"

const KEY_BYTES_MAX = 64

export class JsonString {
  /** Whether the walk stands inside a string. */
  inside = false
  #escaped = false
  readonly #key = new Uint8Array(KEY_BYTES_MAX + 1)
  #length = 0

  /** The opening quote was passed. */
  enter(): void {
    this.inside = true
    this.#length = 0
  }

  reset(): void {
    this.inside = this.#escaped = false
    this.#length = 0
  }

  /** From `start` to behind the closing quote, or to the chunk's end. Answers where it stopped. */
  walk(bytes: Uint8Array, start: number, mayBeKey: boolean): number {
    let at = start
    if (this.#escaped) {
      at++
      this.#escaped = false
    }
    while (at < bytes.length) {
      const byte = bytes[at]!
      if (byte === JsonMarks.quote) break
      at += byte === JsonMarks.escape ? 2 : 1
    }
    if (at > bytes.length) {
      this.#escaped = true
      at = bytes.length
    }
    if (mayBeKey && this.#length <= KEY_BYTES_MAX) {
      const part = bytes.subarray(start, Math.min(at, start + KEY_BYTES_MAX + 1 - this.#length))
      this.#key.set(part, this.#length)
      this.#length += part.length
    }
    if (at === bytes.length) return at
    this.inside = false
    return at + 1
  }

  /** Whether the newest possible key is this one. */
  is(wanted: string): boolean {
    if (this.#length !== wanted.length) return false
    for (let i = 0; i < wanted.length; i++) if (this.#key[i] !== wanted.charCodeAt(i)) return false
    return true
  }
}

/** Behind a string's closing quote, or null when the chunk ends before it. `start` lies behind the opening one. */
export const skipString = (bytes: Uint8Array, start: number): number | null => {
  let at = start
  while (at < bytes.length) {
    const byte = bytes[at]!
    if (byte === JsonMarks.quote) return at + 1
    at += byte === JsonMarks.escape ? 2 : 1
  }
  return null
}
