/**
 * A passkey as a kit: the kit's secret follows from what the passkey's authenticator makes (PRF, WebAuthn 3, 10.1.4) instead of from chance.
 * Whatever takes a kit takes this one, as it would be printed; it may be printed too, and is one kit then, on paper and in the authenticator.
 *
 * K1  The same passkey gives the same kit in every browser; another passkey, another user handle, or its bytes as a device give another.
 * K2  It does what a kit does: it takes the account back from nothing, voids what a thief stated, and brings the account to another node.
 * K3  A passkey that was made to be a kit is told from one that signs in, by its user handle, which says nothing of whose it is.
 *
 * It is made before its account is, so that there is no account without a way back: its user handle is the one thing of it that is fixed then,
 * is not secret, and comes back with each answer. The node hears of no passkey.
 */
import { bytesEqual, concat, utf8 } from "@vivim/crypto/Bytes"
import { CryptoSuite, type Secret } from "@vivim/crypto/CryptoSuite"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Kit from "./Kit.ts"

/** What an authenticator makes its bytes of. Not what it makes those of a device of (`PasskeyDevice`). */
export const prfInput: Uint8Array = utf8("vivim/passkey-kit/1")

const mark = utf8("vivim/kit/1 ")
const RandomBytes = 32

/** The user handle of a new one; WebAuthn takes up to 64 bytes. */
export const newUserHandle: Effect.Effect<Uint8Array, never, CryptoSuite> = Effect.gen(function*() {
  const { randomBytes } = yield* CryptoSuite
  return concat(mark, yield* randomBytes(RandomBytes))
})

/** Whether a passkey with this user handle was made to be a kit. */
export const isUserHandle = (handle: Uint8Array): boolean =>
  handle.length === mark.length + RandomBytes && bytesEqual(handle.subarray(0, mark.length), mark)

/** The kit that follows from what a passkey brought. */
export const kitOf = (prf: Secret, userHandle: Uint8Array): Effect.Effect<Kit.NewKit, never, CryptoSuite> =>
  Effect.gen(function*() {
    const { hkdf } = yield* CryptoSuite
    const salt = concat(utf8("vivim/passkey-kit/1 "), userHandle)
    return yield* Kit.ofSecret(
      Redacted.make(yield* hkdf({ key: Redacted.value(prf), salt, info: utf8("kit"), length: 32 }))
    )
  })
