/**
 * Files sealed with age (age-encryption.org/v1), as streams: what a person seals here any age program opens, and the other way round. It is done
 * where the person is: no node sees the passphrase.
 *
 * G1  What is sealed opens with its passphrase or key to the same bytes, a piece at a time, and with no other.
 * G2  A file that was changed or cut is found out before its end.
 */
import { Decrypter, Encrypter } from "age-encryption"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

/** It cannot be sealed to this, or not be opened with this. */
export class AgeRefused extends Schema.TaggedError<AgeRefused>()("AgeRefused", { message: Schema.String }) {}

/** Who can open it: whoever knows the passphrase, or has the key behind a recipient (`age1…`). */
export type SealedFor = { readonly passphrase: Redacted.Redacted } | { readonly recipient: string }
/** What opens it: the passphrase, or the key (`AGE-SECRET-KEY-1…`). */
export type OpenedWith = { readonly passphrase: Redacted.Redacted } | { readonly identity: Redacted.Redacted }

type Bytes = ReadableStream<Uint8Array>

const magic = new TextEncoder().encode("age-encryption.org/v1\n")

/** So many bytes tell whether a file is sealed. */
export const headBytes = magic.length

/** Whether a file that begins so is sealed. */
export const isSealed = (head: Uint8Array): boolean => magic.every((byte, at) => head[at] === byte)

/** Seals a file as it comes. */
export const seal = (bytes: Bytes, sealed: SealedFor): Effect.Effect<Bytes, AgeRefused> =>
  Effect.tryPromise({
    try: () => {
      const age = new Encrypter()
      if ("recipient" in sealed) age.addRecipient(sealed.recipient)
      else age.setPassphrase(Redacted.value(sealed.passphrase))
      return age.encrypt(bytes)
    },
    catch: () => new AgeRefused({ message: "This is no recipient that a file can be sealed to." })
  })

/** Opens a file as it comes. A stream that was changed fails where it was. */
export const open = (bytes: Bytes, opened: OpenedWith): Effect.Effect<Bytes, AgeRefused> =>
  Effect.tryPromise({
    try: () => {
      const age = new Decrypter()
      if ("identity" in opened) age.addIdentity(Redacted.value(opened.identity))
      else age.addPassphrase(Redacted.value(opened.passphrase))
      return age.decrypt(bytes)
    },
    catch: () => new AgeRefused({ message: "The file does not open with this." })
  })
