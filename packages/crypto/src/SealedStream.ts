/**
 * Large content, sealed and opened as it flows: 64 KiB at a time, in constant memory.
 *
 * T1  What was sealed opens with the same key and `aad` only, whatever pieces it arrives in.
 * T2  Altered, left out, repeated, reordered, cut off or appended: a chunk that is not at its place is refused, and none of its
 *     bytes leaves. What came before it was genuine; the whole is only once the stream has ended without a failure.
 * T3  Neither way holds more than a few chunks, however long the content.
 *
 * Form: suite, 32 bytes commitment, 16 bytes salt; then each chunk with its tag. The nonce of a chunk is its number (11 bytes, big
 * endian) and a last byte that is 1 for the final chunk. Only the first chunk may be empty, so that content has one form.
 * Source: STREAM ("Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", Hoang et al., 2015).
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { bytesEqual, concat, utf8 } from "./Bytes.ts"
import { commit, CommitmentBytes, SaltBytes, symmetric } from "./Commitment.ts"
import {
  type ChunkCipher,
  CryptoSuite,
  type MalformedKey,
  NotOpened,
  type Secret,
  SuiteV1,
  UnknownSuite
} from "./CryptoSuite.ts"

/** Plain bytes in a chunk. */
export const ChunkBytes = 65_536
const TagBytes = 16
/** Crumbs are swept together when there are so many. */
const PartsMax = 64
const HeadBytes = 1 + CommitmentBytes + SaltBytes
const label = utf8("vivim/stream/1\0")
const noBytes = new Uint8Array(0)

interface Piece {
  readonly bytes: Uint8Array
  readonly number: number
  readonly isFinal: boolean
}

const nonceOf = ({ isFinal, number }: Piece): Uint8Array => {
  const nonce = new Uint8Array(12)
  new DataView(nonce.buffer).setBigUint64(3, BigInt(number))
  nonce[11] = isFinal ? 1 : 0
  return nonce
}

interface Held {
  readonly parts: ReadonlyArray<Uint8Array>
  readonly length: number
  readonly number: number
}

/** Cuts what flows into pieces, each of its own size. Which one is the final one is known when nothing follows it. */
const pieces =
  (sizeOf: (number: number) => number) => <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Piece, E, R> =>
    bytes.pipe(
      // One by one: however much arrives at once, hardly more than a piece is copied together at a time.
      Stream.mapConcat(split),
      Stream.rechunk(1),
      Stream.map(Option.some),
      Stream.concat(Stream.succeed(Option.none<Uint8Array>())),
      Stream.mapAccum<Held, Option.Option<Uint8Array>, Option.Option<Piece>>(
        { parts: [], length: 0, number: 0 },
        (held, part) => {
          const { number } = held
          if (Option.isNone(part)) return [held, Option.some({ bytes: concat(...held.parts), number, isFinal: true })]
          const [parts, length, size] = [[...held.parts, part.value], held.length + part.value.length, sizeOf(number)]
          if (length <= size) {
            return [{ parts: parts.length < PartsMax ? parts : [concat(...parts)], length, number }, Option.none()]
          }
          const [bytes, rest] = take(parts, size)
          return [
            { parts: rest, length: length - size, number: number + 1 },
            Option.some({ bytes, number, isFinal: false })
          ]
        }
      ),
      Stream.filterMap((piece) => piece)
    )

/** The first so many bytes, copied together only where they lie apart; and what remains. */
const take = (parts: ReadonlyArray<Uint8Array>, size: number): readonly [Uint8Array, ReadonlyArray<Uint8Array>] => {
  const taken: Array<Uint8Array> = []
  let [at, left] = [0, size]
  while (parts[at]!.length <= left) {
    taken.push(parts[at]!)
    left -= parts[at++]!.length
  }
  if (left > 0) taken.push(parts[at]!.subarray(0, left))
  const rest = [parts[at]!.subarray(left), ...parts.slice(at + 1)]
  return [taken.length === 1 ? taken[0]! : concat(...taken), rest]
}

const split = (part: Uint8Array): ReadonlyArray<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  for (let at = 0; at < part.length; at += ChunkBytes) parts.push(part.subarray(at, at + ChunkBytes))
  return parts
}

/** Seals what flows through. */
export const seal =
  (key: Secret, aad: Uint8Array) =>
  <E, R>(plain: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E | MalformedKey, R | CryptoSuite> =>
    Stream.unwrap(Effect.gen(function*() {
      const suite = yield* CryptoSuite
      const salt = yield* suite.randomBytes(SaltBytes)
      const { cipher, commitment } = yield* commit(suite, yield* symmetric(key), salt, label, aad)
      const sealed = Stream.mapEffect(
        pieces(() => ChunkBytes)(plain),
        (piece) => cipher.seal(nonceOf(piece), noBytes, piece.bytes)
      )
      return Stream.prepend(sealed, Chunk.of(concat(Uint8Array.of(SuiteV1), commitment, salt)))
    }))

/** Who opens the chunks, once the head has said which key it holds for. */
const cipherOf = (key: Secret, aad: Uint8Array, { bytes, isFinal }: Piece) =>
  Effect.gen(function*() {
    const named = bytes[0] ?? SuiteV1
    if (named !== SuiteV1) return yield* new UnknownSuite({ suite: named })
    if (isFinal) return yield* new NotOpened()
    const salt = bytes.subarray(1 + CommitmentBytes)
    const { cipher, commitment } = yield* commit(yield* CryptoSuite, yield* symmetric(key), salt, label, aad)
    if (!bytesEqual(commitment, bytes.subarray(1, 1 + CommitmentBytes))) return yield* new NotOpened()
    return cipher
  })

/** The head is piece 0, the first chunk piece 1. */
const openPiece = (cipher: ChunkCipher, { bytes, isFinal, number }: Piece): Effect.Effect<Uint8Array, NotOpened> =>
  number > 1 && bytes.length === TagBytes
    ? Effect.fail(new NotOpened())
    : cipher.open(nonceOf({ bytes, isFinal, number: number - 1 }), noBytes, bytes)

/** Opens what flows through. */
export const open = (key: Secret, aad: Uint8Array) =>
<E, R>(
  sealed: Stream.Stream<Uint8Array, E, R>
): Stream.Stream<Uint8Array, E | NotOpened | UnknownSuite | MalformedKey, R | CryptoSuite> =>
  pieces((number) => number === 0 ? HeadBytes : ChunkBytes + TagBytes)(sealed).pipe(
    Stream.mapAccumEffect(Option.none<ChunkCipher>(), (known, piece) =>
      Option.match(known, {
        onNone: () => Effect.map(cipherOf(key, aad, piece), (cipher) => [Option.some(cipher), noBytes] as const),
        onSome: (cipher) => Effect.map(openPiece(cipher, piece), (plain) => [known, plain] as const)
      })),
    Stream.filter((plain) => plain.length > 0)
  )
