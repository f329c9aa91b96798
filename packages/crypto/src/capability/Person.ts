/** People with keys, for tests: a stand-in signature that is as tied to key and message as a real one, and a hundred times as fast. */
import { sha256 } from "@noble/hashes/sha2.js"
import type { Did } from "@vivim/event-schemas/ids"
import { bytesEqual, concat } from "../Bytes.ts"
import * as DidKey from "../DidKey.ts"
import * as SigningKey from "../SigningKey.ts"
import type * as Delegation from "./Delegation.ts"
import type { Sign, Verify } from "./Envelope.ts"
import type { Limits } from "./Verifier.ts"

export interface Person {
  readonly did: Did
  readonly sign: Sign
}

export const limits: Limits = { textMax: 16_384, stepsMax: 10_000, rememberedMax: 1_024, useLifeMax: 60 }

let serial = 0

/** Another one each time. */
export const nonce = (): Uint8Array => {
  const bytes = new Uint8Array(12)
  new DataView(bytes.buffer).setUint32(8, ++serial)
  return bytes
}

/** Someone who signs with Ed25519. */
export const person = (seed: number): Person => {
  const key = SigningKey.fromSeed(new Uint8Array(32).fill(seed))
  return { did: DidKey.fromEd25519(key.publicKey), sign: key.sign }
}

const mark = (publicKey: Uint8Array, message: Uint8Array) => {
  const half = sha256(concat(publicKey, message))
  return concat(half, half)
}

/** Someone whose signature anybody could make: where the number of chains matters and forging is not what is tried. */
export const sketch = (seed: number): Person => {
  const { publicKey } = SigningKey.fromSeed(new Uint8Array(32).fill(seed))
  return { did: DidKey.fromEd25519(publicKey), sign: (message) => mark(publicKey, message) }
}

export const verifySketch: Verify = (publicKey, message, signature) => bytesEqual(signature, mark(publicKey, message))

export const by = ({ did, sign }: Person): Delegation.Signing => ({ issuer: did, sign, nonce: nonce() })
