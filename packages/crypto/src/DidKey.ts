/**
 * `did:key` for Ed25519: the identifier is the public key itself. A device's id is the key part of its DID, `z6Mk…`, so that
 * `did:key:${deviceId}` names the device and its key follows from its id.
 *
 * G1  One key has one DID, and back: another spelling, another kind of key, or a key the strict profile of `Ed25519` does not let
 *     pass, is none.
 *
 * Source: W3C CCG did:key method; multicodec 0xed, multibase base58btc.
 */
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Option from "effect/Option"
import { base58btc } from "multiformats/bases/base58"
import * as Ed25519 from "./Ed25519.ts"

const head = "did:key:"
/** Multicodec ed25519-pub, as a varint. */
const [Code, CodeRest] = [0xed, 0x01]
/** 34 bytes take at most so many characters; longer ones are not even decoded. */
const CharactersMax = 64

/** The multibase form of a 32-byte Ed25519 public key: a device's id, and the value of a Multikey. */
export const deviceId = (publicKey: Uint8Array): DeviceId => {
  if (publicKey.length !== 32) throw new RangeError(`an Ed25519 public key has 32 bytes, not ${publicKey.length}`)
  return base58btc.encode(Uint8Array.of(Code, CodeRest, ...publicKey)) as string as DeviceId
}

/** The DID of a 32-byte Ed25519 public key. */
export const fromEd25519 = (publicKey: Uint8Array): Did => `${head}${deviceId(publicKey)}` as Did

const decoded = (text: string): Uint8Array => {
  try {
    return base58btc.decode(text)
  } catch {
    return new Uint8Array(0)
  }
}

/** The 32 bytes of the key behind a DID. */
export const toEd25519 = (did: string): Option.Option<Uint8Array> => {
  if (!did.startsWith(head) || did.length > CharactersMax) return Option.none()
  const bytes = decoded(did.slice(head.length))
  const publicKey = bytes.subarray(2)
  return bytes[0] === Code && bytes[1] === CodeRest && Ed25519.isKey(publicKey) && fromEd25519(publicKey) === did
    ? Option.some(publicKey)
    : Option.none()
}

/** The 32 bytes of the key that is called so; null when none is. */
export const publicKeyOf = (deviceId: string): Uint8Array | null => Option.getOrNull(toEd25519(`${head}${deviceId}`))
