/** A passkey as its row keeps it, sealed: which one it is, and what its answers are verified with. Nothing of it is secret to its user. */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { DeviceId } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"

const Passkey = Schema.Struct({
  /** As its authenticator calls it. */
  id: Schema.String,
  /** COSE (RFC 9052). */
  publicKey: Schema.Uint8ArrayFromSelf,
  rpId: Schema.String,
  /** How a browser reaches the authenticator. */
  transports: Schema.Array(Schema.String),
  /** The device of the account whose keys it gives to a browser that has none. */
  device: Schema.NullOr(DeviceId)
})
export type Passkey = typeof Passkey.Type

export const encode = (passkey: Passkey): Uint8Array => Canonical.encode(Schema.encodeSync(Passkey)(passkey))
export const decode = (bytes: Uint8Array): Passkey => Schema.decodeUnknownSync(Passkey)(Canonical.decode(bytes))

const digest = (...words: ReadonlyArray<string>) => createHash("sha256").update(words.join(" ")).digest("base64url")

/** What a passkey is found by: one passkey is of one account. */
export const referenceOf = (id: string): string => `passkey ${digest(id)}`

/** Who a passkey is for, as its authenticator knows them: the same for each of an account's. */
export const userHandleOf = (userId: string): string => digest("vivim/passkey-user/1", userId)
