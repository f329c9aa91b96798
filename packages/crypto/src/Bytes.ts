/** Bytes: joined, compared, made of text, written as text. */

/** In hexadecimal. */
export { bytesToHex as hex } from "@noble/hashes/utils.js"

const encoder = new TextEncoder()

/** The UTF-8 bytes of a text. */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

/** One after the other. */
export const concat = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Whether they are the same, in a time that depends on their length alone. */
export const bytesEqual = (a: Uint8Array, b: Uint8Array): boolean => {
  if (a.length !== b.length) return false
  let differing = 0
  for (let i = 0; i < a.length; i++) differing |= a[i]! ^ b[i]!
  return differing === 0
}
