/**
 * Files that are sealed as they lie, and read as they were, from any place in them: AES-256 in counter mode, under a key for each.
 *
 * S1  Read back from any place, the bytes are those that were written.
 *
 * Not authenticated: it keeps a copy of the disk from telling what is imported. Who can write to the disk of a running node can
 * hand it another file altogether. Source: NIST SP 800-38A, 6.5.
 */
import { createCipheriv, createHmac } from "node:crypto"
import type { Readable } from "node:stream"
import { Transform } from "node:stream"

export interface Seal {
  readonly key: Uint8Array
  /** 16 bytes, of this file alone. */
  readonly iv: Uint8Array
}

const blockBytes = 16n

/** What is sealed on this disk, by its path: readers hand paths on through many hands, and none of them needs to know. */
const seals = new Map<string, Seal>()

export const know = (path: string, seal: Seal): void => void seals.set(path, seal)
export const forget = (path: string): void => void seals.delete(path)

/** Seals, or opens, from a place in the file on: the same in this mode. */
const from = ({ iv, key }: Seal, position: number): ReturnType<typeof createCipheriv> => {
  const counter = (BigInt(`0x${Buffer.from(iv).toString("hex")}`) + BigInt(position) / blockBytes) % (1n << 128n)
  const cipher = createCipheriv("aes-256-ctr", key, Buffer.from(counter.toString(16).padStart(32, "0"), "hex"))
  cipher.update(Buffer.alloc(position % Number(blockBytes)))
  return cipher
}

/** Seals a file that is written from its beginning to its end. */
export const writer = (seal: Seal): (chunk: Uint8Array) => Uint8Array => {
  const cipher = from(seal, 0)
  return (chunk) => cipher.update(chunk)
}

/** What was read of a file at a position, as it was before it was sealed. */
export const opened = (path: string, position: number, bytes: Buffer): Buffer => {
  const seal = seals.get(path)
  return seal === undefined ? bytes : from(seal, position).update(bytes)
}

/** The same for a stretch of it that comes as a stream. */
export const openedStream = (path: string, position: number, bytes: Readable): Readable => {
  const seal = seals.get(path)
  if (seal === undefined) return bytes
  const cipher = from(seal, position)
  const open = new Transform({ transform: (chunk: Uint8Array, _, done) => done(null, cipher.update(chunk)) })
  bytes.once("error", (cause) => open.destroy(cause))
  open.once("close", () => bytes.destroy())
  return bytes.pipe(open)
}

/** A key of its own for one use of a file's key. */
export const derived = (key: Uint8Array, use: string): Uint8Array =>
  createHmac("sha256", key).update(`vivim/spool/${use}`).digest()
