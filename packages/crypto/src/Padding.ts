/**
 * Hides how long something is: Padmé, by which a length tells no more than O(log log n) bits.
 *
 * L1  What was padded comes back; what was not padded is refused.
 * L2  Beyond 256 bytes padding adds 12 % at most, and lengths up to 1 MiB become one of fewer than 450.
 *
 * Source: "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs" (Nikitin et al., 2019), 4. The end of the
 * plain bytes is marked as in ISO/IEC 7816-4: 0x80, then zeros.
 */
import * as Option from "effect/Option"

/** Short messages are all alike. */
const BytesMin = 64
const Mark = 0x80

/** The length that so many bytes are padded to, the mark included. */
export const paddedLength = (length: number): number => {
  const marked = Math.max(length + 1, BytesMin)
  const exponent = Math.floor(Math.log2(marked))
  const kept = Math.floor(Math.log2(exponent)) + 1
  const step = 2 ** (exponent - kept)
  return Math.ceil(marked / step) * step
}

export const pad = (plain: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(paddedLength(plain.length))
  padded.set(plain)
  padded[plain.length] = Mark
  return padded
}

export const unpad = (padded: Uint8Array): Option.Option<Uint8Array> => {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end--
  return padded[end] === Mark && paddedLength(end) === padded.length
    ? Option.some(padded.subarray(0, end))
    : Option.none()
}
