/** How content is cut, compressed and sealed: parts of at most 1 MiB, each bound to its place. */
import type { Cipher, KeyFailure, PayloadUnreadable } from "@vivim/crypto/Cipher"
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import { deflateRawSync, inflateRawSync } from "node:zlib"

export const PartMax = 1 << 20

const Plain = 0
const Deflated = 1

/** Already compressed kinds gain nothing from another round. */
const compressible = (mime: string) => !/^(image\/(?!svg)|audio\/|video\/|application\/(zip|gzip|pdf|x-7z))/.test(mime)

/** A new name for all parts of one content: by it the content has a data key of its own, and can be destroyed on its own. */
export const newPlace = (): string => `content/${randomUUID()}`

/** Contents of older builds shared one key. */
export const subject = (owner: string, place: string) => ({
  owner,
  stream: place.startsWith("content/") ? place : "content"
})
const context = (upload: string, part: number) => Canonical.encode(["vivim-content/1", upload, part])

/** `place` is what names all parts of one content; it is bound into each. */
export const seal = (cipher: Cipher, owner: string, place: string, part: number, bytes: Uint8Array, mime: string) => {
  const packed = compressible(mime) ? deflateRawSync(bytes, { level: 1 }) : bytes
  const smaller = packed.length < bytes.length
  const form = smaller ? Deflated : Plain
  return cipher.seal(
    subject(owner, place),
    context(place, part),
    Buffer.concat([Buffer.of(form), smaller ? packed : bytes])
  )
}

export const open = (
  cipher: Cipher,
  owner: string,
  place: string,
  part: number,
  sealed: Uint8Array
): Effect.Effect<Uint8Array, PayloadUnreadable | KeyFailure> =>
  Effect.map(
    cipher.open(subject(owner, place), context(place, part), sealed),
    (plain) =>
      plain[0] === Deflated ? inflateRawSync(plain.subarray(1), { maxOutputLength: PartMax }) : plain.subarray(1)
  )

/** The same bytes in parts of exactly `PartMax`, but for the last; one empty part when there are none. */
export const cut = <E>(bytes: Stream.Stream<Uint8Array, E>): Stream.Stream<Uint8Array, E> =>
  Stream.suspend(() => cutOnce(bytes))

const cutOnce = <E>(bytes: Stream.Stream<Uint8Array, E>): Stream.Stream<Uint8Array, E> => {
  let pending: Array<Uint8Array> = []
  let size = 0
  const take = (chunk: Uint8Array): ReadonlyArray<Uint8Array> => {
    pending.push(chunk)
    size += chunk.length
    if (size < PartMax) return []
    const all = Buffer.concat(pending)
    const whole = Math.floor(size / PartMax)
    pending = [all.subarray(whole * PartMax)]
    size -= whole * PartMax
    return Array.from({ length: whole }, (_, i) => all.subarray(i * PartMax, (i + 1) * PartMax))
  }
  let given = 0
  return bytes.pipe(
    Stream.mapConcat(take),
    Stream.tap(() => Effect.sync(() => given++)),
    Stream.concat(Stream.suspend(() => size > 0 || given === 0 ? Stream.make(Buffer.concat(pending)) : Stream.empty))
  )
}
