/**
 * The one byte form of everything VIVIM stores, hashes and signs: deterministic CBOR (dag-cbor).
 * Equal values give equal bytes: map keys are sorted, numbers and lengths take their shortest form, `undefined` is refused.
 * Source: IPLD dag-cbor specification; RFC 8949, 4.2.
 */
import * as DagCbor from "@ipld/dag-cbor"
import { BeyondWriter, CanonicalWriter } from "./CanonicalWriter.ts"

const writer = new CanonicalWriter()

/** Canonical bytes of plain data (null, booleans, numbers, strings, bytes, arrays, string-keyed objects). Throws on anything else. */
export const encode = (value: unknown): Uint8Array => {
  try {
    return writer.encode(value).slice()
  } catch (cause) {
    if (cause instanceof BeyondWriter) return DagCbor.encode(value)
    throw cause
  }
}

/** The value behind canonical bytes. Throws when the bytes are not well-formed. */
export const decode = (bytes: Uint8Array): unknown => DagCbor.decode(bytes)
