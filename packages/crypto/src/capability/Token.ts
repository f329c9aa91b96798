/**
 * How capabilities travel as text: the chain, suite first, and one use of it, parted by a dot.
 *
 * T1  Exactly one text says one thing: other alphabets, padding and stray bits are refused.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Either from "effect/Either"
import * as StrictCbor from "../StrictCbor.ts"
import { type Chain } from "./Chain.ts"
import * as Delegation from "./Delegation.ts"

/** The suite of everything in it: Ed25519, SHA-256, dag-cbor. */
const Suite = "v1"

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const valueOf = new Int8Array(128).fill(-1)
for (let n = 0; n < alphabet.length; n++) valueOf[alphabet.charCodeAt(n)] = n

/** Base64url without padding (RFC 4648, 5). */
export const toText = (bytes: Uint8Array): string => {
  let text = ""
  for (let at = 0; at < bytes.length; at += 3) {
    const group = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    const count = Math.min(bytes.length - at, 3) + 1
    for (let n = 0; n < count; n++) text += alphabet[(group >> (18 - 6 * n)) & 63]
  }
  return text
}

/** The bytes a text says, or null. */
export const fromText = (text: string): Uint8Array | null => {
  if (text.length % 4 === 1) return null
  const bytes = new Uint8Array((text.length * 3) >> 2)
  let [held, bits, at] = [0, 0, 0]
  for (let n = 0; n < text.length; n++) {
    const value = valueOf[text.charCodeAt(n)] ?? -1
    if (value < 0) return null
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = held >> bits
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null
}

/** The chain as text; delegations as they were signed, the owner's first. */
export const write = (delegations: ReadonlyArray<Uint8Array>): string =>
  toText(Canonical.encode([Suite, [...delegations]]))

/** Reads a chain, whoever signed it; null when the text is none. */
export const read = (text: string): Chain | null => {
  const bytes = fromText(text)
  const value = bytes === null ? null : Either.getOrNull(StrictCbor.decode(bytes))
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== Suite || !Array.isArray(value[1])) return null
  const chain: Array<Delegation.Delegation> = []
  for (const one of value[1] as ReadonlyArray<unknown>) {
    const delegation = one instanceof Uint8Array ? Delegation.read(one) : null
    if (delegation === null) return null
    chain.push(delegation)
  }
  return chain.length === 0 ? null : chain
}
