/**
 * One data key: random, of one subject and generation. It seals with a commitment to itself, and lies wrapped under its owner's key.
 *
 * D1  Bytes open under the one key they were sealed with, and no other key can be found under which they open to something else.
 * D2  A wrapped key is bound to its subject and generation: in another place it does not unwrap.
 * D3  A key that was wiped seals and opens nothing.
 *
 * Form of what is sealed: one byte suite (2), four bytes generation, 32 bytes commitment, 12 bytes nonce, ciphertext, 16 bytes tag.
 * The commitment is HKDF-SHA256 of the data key, and is compared before anything is opened. Source: RFC 5869; NIST SP 800-38D;
 * Albertini et al., "How to Abuse and Fix Authenticated Encryption Without Key Commitment" (2022), on why GCM alone does not commit.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { randomBytes, timingSafeEqual } from "node:crypto"
import type { Subject } from "../Cipher.ts"
import * as Gcm from "./Gcm.ts"

export const suite = 2
const keyBytes = 32
const generationAt = 1
const commitmentAt = 5
const headBytes = commitmentAt + 32

/** The generation some bytes were sealed under; throws when they are too short to say. */
export const generationOf = (sealed: Uint8Array): number => {
  if (sealed.length < headBytes) throw new Error("cut short")
  return Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength).readUInt32BE(generationAt)
}

const bound = ({ owner, stream }: Subject, generation: number) =>
  Canonical.encode(["vivim-data-key/1", owner, stream, generation])
const nothing = Buffer.alloc(0)

export const newSecret = (): Buffer => randomBytes(keyBytes)

/** A secret as it lies in the table. */
export const wrap = (wrapping: Uint8Array, subject: Subject, generation: number, secret: Uint8Array): Buffer =>
  Gcm.seal(wrapping, nothing, bound(subject, generation), secret)

/** Throws when the bytes are not a secret that was wrapped for this subject under this key. */
export const unwrap = (wrapping: Uint8Array, subject: Subject, generation: number, wrapped: Uint8Array): Buffer =>
  Gcm.open(wrapping, 0, bound(subject, generation), wrapped)

export class DataKey {
  readonly generation: number
  private readonly secret: Buffer
  private readonly head: Buffer
  private readonly sealing: Buffer
  private wiped = false

  constructor(generation: number, secret: Buffer) {
    this.generation = generation
    this.secret = secret
    this.sealing = Gcm.expand(secret, "vivim/data/seal/v2")
    this.head = Buffer.alloc(headBytes)
    this.head[0] = suite
    this.head.writeUInt32BE(generation, generationAt)
    Gcm.expand(secret, "vivim/data/commit/v2").copy(this.head, commitmentAt)
  }

  static random(generation: number): DataKey {
    return new DataKey(generation, newSecret())
  }

  /** Throws when the bytes are not a key that was wrapped for this subject under this key. */
  static unwrap(wrapping: Uint8Array, subject: Subject, generation: number, wrapped: Uint8Array): DataKey {
    return new DataKey(generation, unwrap(wrapping, subject, generation, wrapped))
  }

  get isWiped(): boolean {
    return this.wiped
  }

  wrap(wrapping: Uint8Array, subject: Subject): Buffer {
    return wrap(wrapping, subject, this.generation, this.secret)
  }

  seal(context: Uint8Array, plain: Uint8Array): Buffer {
    if (this.wiped) throw new Error("the key was wiped")
    return Gcm.seal(this.sealing, this.head, context, plain)
  }

  open(context: Uint8Array, sealed: Uint8Array): Buffer {
    if (this.wiped) throw new Error("the key was wiped")
    if (sealed.length < headBytes || !timingSafeEqual(sealed.subarray(0, headBytes), this.head)) {
      throw new Error("sealed under another key")
    }
    return Gcm.open(this.sealing, headBytes, context, sealed)
  }

  /** For what seals itself. */
  raw(): Buffer {
    if (this.wiped) throw new Error("the key was wiped")
    return Gcm.expand(this.secret, "vivim/data/raw/v2")
  }

  wipe(): void {
    this.wiped = true
    this.secret.fill(0)
    this.sealing.fill(0)
  }
}
