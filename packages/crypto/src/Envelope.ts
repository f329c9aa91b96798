/**
 * The envelope private things travel in: who says it, where it stands in their log, and a body that only the holders of a key can open.
 *
 * V1  What was put in comes out for who has the key, after the signature was found good; nobody else learns more than the header and
 *     about how long it is.
 * V2  No byte can be altered, no body moved under another header, no header under another signature.
 * V3  One envelope has one form, hence one address.
 *
 * The header is public, and bound to the body: it is the body's `aad`. The signature is over the bytes as they were received; an
 * envelope is passed on as it came. The address is the CID (version 1, dag-cbor, SHA-256) of its bytes.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CID } from "multiformats/cid"
import * as Cid from "./Cid.ts"
import {
  CryptoSuite,
  type MalformedKey,
  NotOpened,
  type Secret,
  type Signer,
  type UnknownSuite
} from "./CryptoSuite.ts"
import * as Padding from "./Padding.ts"
import * as SignedBytes from "./SignedBytes.ts"
import * as StrictCbor from "./StrictCbor.ts"

const domain = "vivim/env/1"

const Count = Schema.Number.pipe(Schema.int(), Schema.nonNegative())
const Text = Schema.String.pipe(Schema.maxLength(2_048))
const Link = Schema.declare((value: unknown): value is CID => value instanceof CID)

/** What everybody can read. */
export const Header = Schema.Struct({
  type: Text,
  id: Text,
  /** The DID that says it. */
  author: Text,
  /** Which of the author's keys signs. */
  kid: Text,
  /** Its place among what the author said, from 0. */
  seq: Count,
  /** The address of the one before it. */
  prev: Schema.NullOr(Link),
  /** When, in milliseconds since 1970. */
  at: Count
})
export type Header = typeof Header.Type

/** An envelope as it was received; whether it is genuine, `verify` says. */
export interface Envelope {
  readonly header: Header
  readonly body: Uint8Array
  readonly signed: SignedBytes.SignedBytes
}

type Unreadable = StrictCbor.NotCanonical | UnknownSuite | SignedBytes.SignatureRefused

const fields = ({ at, author, id, kid, prev, seq, type }: Header) => [type, id, author, kid, seq, prev, at] as const
const Fields = Schema.Tuple(Text, Text, Text, Text, Count, Schema.NullOr(Link), Count, Schema.Uint8ArrayFromSelf)
const decodeFields = Schema.decodeUnknownOption(Fields)

const scope = (header: Header): Uint8Array => Canonical.encode([domain, ...fields(header)])

/** Seals the body under the key, signs the whole. */
export const seal = (
  signer: Signer,
  key: Secret,
  header: Header,
  plain: Uint8Array
): Effect.Effect<Uint8Array, MalformedKey, CryptoSuite> =>
  Effect.gen(function*() {
    const { seal } = yield* CryptoSuite
    const body = yield* seal(key, scope(header), Padding.pad(plain))
    return yield* SignedBytes.sign(signer, domain, Canonical.encode([...fields(header), body]))
  })

/** What the bytes say they are. */
export const read = (bytes: Uint8Array): Effect.Effect<Envelope, Unreadable> =>
  Effect.gen(function*() {
    const signed = yield* SignedBytes.read(bytes)
    const decoded = decodeFields(yield* StrictCbor.decode(signed.bytes))
    if (Option.isNone(decoded)) return yield* new SignedBytes.SignatureRefused()
    const [type, id, author, kid, seq, prev, at, body] = decoded.value
    return { header: { type, id, author, kid, seq, prev, at }, body, signed }
  })

/** Passes if the holder of this key signed it. That the key is the author's `kid` is for the caller to know. */
export const verify = (
  publicKey: Uint8Array,
  envelope: Envelope
): Effect.Effect<void, SignedBytes.SignatureRefused, CryptoSuite> =>
  SignedBytes.verify(publicKey, domain, envelope.signed)

/** What it holds. */
export const open = (
  key: Secret,
  { body, header }: Envelope
): Effect.Effect<Uint8Array, NotOpened | UnknownSuite | MalformedKey, CryptoSuite> =>
  Effect.gen(function*() {
    const { open } = yield* CryptoSuite
    const plain = Padding.unpad(yield* open(key, scope(header), body))
    return Option.isSome(plain) ? plain.value : yield* new NotOpened()
  })

/** Its address: what the next one calls `prev`. */
export const address = (bytes: Uint8Array): Effect.Effect<CID, never, CryptoSuite> =>
  Effect.gen(function*() {
    const { sha256 } = yield* CryptoSuite
    return Cid.ofDigest(yield* sha256(bytes))
  })
