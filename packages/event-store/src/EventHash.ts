/**
 * What makes a history tamper-evident: the hash of an event, over its header, its routing part, the hash of its sealed
 * private part, and the hash of the event before it in its stream.
 *
 * H1  The hashed bytes are the canonical bytes of one array: ["vivim-event/1", stream, version, id, type, schemaVersion,
 *     owner, at, meta, routing, sha256(private), previousHash].
 * H2  Any change of any field gives another hash; the position is not a field, so a restored or moved log keeps its hashes.
 * H3  The private part enters by its hash alone: who holds no sealed bytes, or has shredded them, can still verify the rest.
 *
 * Written by hand instead of through `Canonical.encode` because it is the hottest pure function of a node; H1 holds it to that.
 * Source: SHA-256, FIPS 180-4; the byte form, RFC 8949 4.2.
 */
import { hash } from "node:crypto"
import type { RecordedEvent } from "./EventStore.ts"

/** Everything of an event that its hash covers, but the private part itself. */
export type HashedHeader = Omit<RecordedEvent, "position" | "private" | "hash">

/** By way of a string, a character a byte: memory of its own for every 32 bytes would cost as much as hashing them. */
const sha256 = (bytes: Uint8Array): Uint8Array => {
  const digest = hash("sha256", bytes, "binary")
  const out = new Uint8Array(32)
  for (let i = 0; i < 32; i++) out[i] = digest.charCodeAt(i)
  return out
}

/** What stands before the first event of a stream. A fresh copy each time: nobody can spoil another's. */
export const noHash = (): Uint8Array => new Uint8Array(32)

/** How the private part enters an event's hash. */
export const privateHash = (sealed: Uint8Array): Uint8Array => sha256(sealed)

/** The hash of an event, from its header and the hash of its private part. 32 bytes. */
export const headerHash = (header: HashedHeader, sealedHash: Uint8Array): Uint8Array =>
  sha256(write(header, sealedHash))

/** The hash of an event. 32 bytes. */
export const eventHash = (event: Omit<RecordedEvent, "position" | "hash">): Uint8Array =>
  headerHash(event, privateHash(event.private))

/** Whether an event still is what was hashed when it was kept. Whether it follows its predecessor is for the reader of the stream. */
export const isIntact = (event: RecordedEvent): boolean => Buffer.compare(eventHash(event), event.hash) === 0

const format = "vivim-event/1"
const uint = 0, bytes = 2, text = 3, array = 4
/** A head of CBOR takes nine bytes at most; twelve fields and the array itself. */
const headsMax = 9 * 13

let page = Buffer.allocUnsafe(64 * 1024)
let at = 0

const write = (header: HashedHeader, sealedHash: Uint8Array): Uint8Array => {
  const size = headsMax + format.length +
    3 * (header.stream.length + header.owner.length + header.type.length + header.id.length) +
    header.meta.length + header.routing.length + 64
  if (page.length < size) page = Buffer.allocUnsafe(size * 2)
  at = 0
  head(array, 12)
  string(format)
  string(header.stream)
  head(uint, header.version)
  string(header.id)
  string(header.type)
  head(uint, header.schemaVersion)
  string(header.owner)
  head(uint, header.at)
  byteString(header.meta)
  byteString(header.routing)
  byteString(sealedHash)
  byteString(header.previousHash)
  return page.subarray(0, at)
}

const head = (major: number, n: number): void => {
  const first = major << 5
  if (n < 24) page[at++] = first | n
  else if (n < 0x100) {
    page[at++] = first | 24
    page[at++] = n
  } else if (n < 0x10000) {
    page[at++] = first | 25
    at = page.writeUInt16BE(n, at)
  } else if (n < 0x100000000) {
    page[at++] = first | 26
    at = page.writeUInt32BE(n, at)
  } else {
    page[at++] = first | 27
    at = page.writeUInt32BE(Math.floor(n / 0x100000000), at)
    at = page.writeUInt32BE(n % 0x100000000, at)
  }
}

const string = (value: string): void => {
  head(text, Buffer.byteLength(value))
  at += page.write(value, at)
}

const byteString = (value: Uint8Array): void => {
  head(bytes, value.length)
  page.set(value, at)
  at += value.length
}
