/**
 * The signed form of delegations and invocations, as UCAN 1.0 lays them on the wire: `[signature, { h, <tag>: payload }]` in dag-cbor.
 * `h` is the suite, first among what is signed: Ed25519 over dag-cbor. The tag says what the payload is, so that a signature on
 * one thing is none on another.
 *
 * V1  Exactly one byte string says one thing: what is not canonical is refused, with anything behind it, or of another suite.
 * V2  The signature covers the received bytes; the address is the CID of all of them.
 *
 * Source: UCAN 1.0 envelope; varsig 1.0; IPLD dag-cbor.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Either from "effect/Either"
import { bytesEqual } from "../Bytes.ts"
import * as Cid from "../Cid.ts"
import * as StrictCbor from "../StrictCbor.ts"

/** Makes a signature of 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array

/** Whether the holder of a public key signed a message. */
export type Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

export type Tag = "ucan/dlg@1.0.0" | "ucan/inv@1.0.0"

export interface Envelope {
  readonly bytes: Uint8Array
  readonly payload: unknown
  /** What the signature is over. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  /** CIDv1 in base32. */
  readonly cid: string
}

/** Varsig 1, EdDSA on edwards25519 with SHA-512, payload in dag-cbor. */
const suite = Uint8Array.of(0x34, 0x01, 0xed, 0x01, 0xed, 0x01, 0x13, 0x71)

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Bytes of the head of a CBOR byte string of this length (RFC 8949, 3). */
const headBytes = (length: number) => length < 24 ? 1 : length <= 0xff ? 2 : 3

/** Reads an envelope with a payload of this kind, or null. */
export const open = (bytes: Uint8Array, tag: Tag): Envelope | null => {
  const value = Either.getOrNull(StrictCbor.decode(bytes))
  if (!Array.isArray(value) || value.length !== 2) return null
  const [signature, body] = value as ReadonlyArray<unknown>
  if (!(signature instanceof Uint8Array) || signature.length > 0xffff || !isMap(body)) return null
  const header = body["h"]
  if (!(header instanceof Uint8Array) || !bytesEqual(header, suite)) return null
  if (Object.keys(body).length !== 2 || !Object.hasOwn(body, tag)) return null
  return {
    bytes,
    payload: body[tag],
    signed: bytes.subarray(1 + headBytes(signature.length) + signature.length),
    signature,
    cid: Cid.ofDigest(sha256(bytes)).toString()
  }
}

/** Signs a payload. Throws where the payload has no canonical form. */
export const seal = (tag: Tag, payload: object, sign: Sign): Uint8Array => {
  const body = { h: suite, [tag]: payload }
  return Canonical.encode([sign(Canonical.encode(body)), body])
}
