/**
 * What a new device shows to the one that lets it in: its public keys in a code, and a comparison code over them and the account.
 *
 * P1  A code that was read is the one that was shown; anything else, and a code that was altered, is refused.
 * P2  Both sides get the same comparison code if and only if they mean the same keys and the same account.
 *
 * The comparison is 30 bits of PBKDF2 over everything: whoever carries the code and wants to slip in keys of their own has to find, while
 * people wait, keys whose slow hash begins alike.
 */
import { bytesEqual, concat, utf8 } from "@vivim/crypto/Bytes"
import { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import type { Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Schema from "effect/Schema"

/** The code is not one, or not whole. */
export class CodeRefused extends Schema.TaggedError<CodeRefused>()("CodeRefused", { message: Schema.String }) {}

/** The public half of a device. */
export interface Public {
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array
  /** Hash of the key it will sign its first operation with; 32 bytes. */
  readonly next: Uint8Array
  /** X-Wing, 1,216 bytes. */
  readonly kem: Uint8Array
}

const version = 1
const [keyBytes, nextBytes, kemBytes, checkBytes] = [32, 32, 1_216, 4]
const bodyBytes = 1 + keyBytes + nextBytes + kemBytes
const charactersMax = 4_096
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const rounds = 300_000

const check = (body: Uint8Array) =>
  Effect.map(Effect.flatMap(CryptoSuite, ({ sha256 }) => sha256(body)), (hash) => hash.subarray(0, checkBytes))

/** For a QR code, or to be copied: 1,714 characters. */
export const write = ({ kem, key, next }: Public): Effect.Effect<string, never, CryptoSuite> => {
  const body = concat(Uint8Array.of(version), key, next, kem)
  return Effect.map(check(body), (sum) => Encoding.encodeBase64Url(concat(body, sum)))
}

const refuse = () => new CodeRefused({ message: "This is no code of a device, or it is not whole: show it again." })

/** However it was carried: with spaces, or broken into lines. */
export const read = (code: string): Effect.Effect<Public, CodeRefused, CryptoSuite> =>
  Effect.gen(function*() {
    const text = code.replaceAll(/\s/g, "")
    const bytes = text.length > charactersMax
      ? null
      : Either.getOrNull(Encoding.decodeBase64Url(text))
    if (bytes === null || bytes.length !== bodyBytes + checkBytes || bytes[0] !== version) return yield* refuse()
    const body = bytes.slice(0, bodyBytes)
    if (!bytesEqual(yield* check(body), bytes.subarray(bodyBytes))) return yield* refuse()
    return {
      key: body.slice(1, 1 + keyBytes),
      next: body.slice(1 + keyBytes, 1 + keyBytes + nextBytes),
      kem: body.slice(1 + keyBytes + nextBytes)
    }
  })

const own = (bytes: Uint8Array) => bytes as Uint8Array<ArrayBuffer>

/** `ABC DEF`: the same on both sides. */
export const comparison = (did: Did, { kem, key, next }: Public): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => {
      const { subtle } = globalThis.crypto
      const salt = own(utf8(`vivim/pairing/1 ${did}`))
      return subtle.importKey("raw", own(concat(key, next, kem)), "PBKDF2", false, ["deriveBits"]).then((held) =>
        subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, held, 32)
      )
    }),
    (bits) => {
      const value = new DataView(bits).getUint32(0) >>> 2
      const letters = [25, 20, 15, 10, 5, 0].map((shift) => alphabet[(value >>> shift) & 31])
      return `${letters.slice(0, 3).join("")} ${letters.slice(3).join("")}`
    }
  )
