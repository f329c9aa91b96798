/**
 * One operation of a `did:vivim` log: what an account is from now on, signed by a key the operation before it committed to.
 * It says all of it, not what changed: whoever knows the newest operation knows the account.
 *
 * O1  An operation has one form in bytes; any other bytes are refused, however close.
 * O2  An account's DID commits to its first operation: nobody makes two that have one.
 *
 * Canonical dag-cbor. `v`, the suite, is the only name of one letter and so the first thing in the bytes; the signature is over a
 * domain and everything else, `v` with it.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { base32 } from "multiformats/bases/base32"
import { SuiteV1 } from "../CryptoSuite.ts"
import * as DidKey from "../DidKey.ts"
import * as SignedBytes from "../SignedBytes.ts"
import * as StrictCbor from "../StrictCbor.ts"

const bytes = (length: number) =>
  Schema.Uint8ArrayFromSelf.pipe(Schema.filter((is) => is.length === length, { message: () => `${length} bytes` }))

const Hash = bytes(32)
const Natural = Schema.Int.pipe(Schema.nonNegative())

/** Printable ASCII without spaces: a URI, as far as an account needs to know. */
const Uri = Schema.String.pipe(Schema.pattern(/^[a-z][a-z0-9+.-]*:[\x21-\x7e]{1,500}$/))

/** A device: the key part of its did:key is its name. */
const Device = Schema.Struct({
  /** SHA-256 of its X-Wing public key: the key itself has 1,216 bytes, and is fetched by this. */
  kem: Hash,
  /** Hash of the key it will sign its next operation with; null for a device that signs none. */
  next: Schema.NullOr(Hash)
})

const Devices = Schema.Record({
  key: Schema.String.pipe(Schema.filter((id) => DidKey.publicKeyOf(id) !== null)),
  value: Device
})

const Services = Schema.Record({
  key: Schema.String.pipe(Schema.pattern(/^[a-z][a-z0-9-]{0,31}$/)),
  value: Schema.Struct({ type: Schema.String.pipe(Schema.pattern(/^[A-Za-z][A-Za-z0-9]{0,63}$/)), endpoint: Uri })
})

const statement = {
  /** The suite: Ed25519, SHA-256, X-Wing. Another one is another format. */
  v: Schema.Literal(SuiteV1),
  seq: Natural,
  /** Hash of the operation before it; null for the first. */
  prev: Schema.NullOr(Hash),
  /** The Ed25519 key it is signed with. The operation before committed to its hash, so it was nowhere to be seen until now. */
  key: bytes(32),
  devices: Devices,
  /** Hashes of the keys that may take the account back, the highest first: a kit, guardians. */
  recovery: Schema.Array(Hash),
  services: Services,
  /** Other names of the account, as URIs. */
  aka: Schema.Array(Uri),
  /** Milliseconds since 1970. */
  ts: Natural
}

/** An operation before it is signed. */
export const Statement = Schema.Struct(statement)
const Signed = Schema.Struct({ ...statement, sig: bytes(64) })

export type Statement = typeof Statement.Type
export type Operation = typeof Signed.Type
export type Device = typeof Device.Type

/** The bytes a signature of this statement is over. */
export const messageOf = (unsigned: Statement): Uint8Array =>
  SignedBytes.message("vivim/did-operation", sha256(Canonical.encode(unsigned)))

/** The statement without its signature. */
export const unsigned = ({ sig: _, ...rest }: Operation): Statement => rest

/** The signed operation in bytes; `sig` is over `messageOf`. */
export const signed = (statement: Statement, sig: Uint8Array): Uint8Array => Canonical.encode({ ...statement, sig })

const read = Schema.decodeUnknownEither(Signed, { onExcessProperty: "error" })

/** The operation these bytes are; null when they are none, or not the bytes this operation has. */
export const decode = (given: Uint8Array): Operation | null =>
  Either.getOrNull(Either.flatMap(StrictCbor.decode(given), (value) => read(value)))

/** What the next operation calls this one by. */
export const hashOf = (operation: Uint8Array): Uint8Array => sha256(operation)

/** What an operation commits to in place of the key itself. */
export const keyHash = (publicKey: Uint8Array): Uint8Array => sha256(publicKey)

/** The DID of the account that begins with this statement: 200 bits of its hash. */
export const didOf = (genesis: Statement): Did =>
  `did:vivim:${base32.encode(sha256(Canonical.encode(genesis)).subarray(0, 25)).slice(1)}` as Did

/** Whether a DID is one of an account with a log. */
export const isDidVivim = (did: string): boolean => /^did:vivim:[a-z2-7]{40}$/.test(did)

/** The devices an operation names, by id. */
export const devicesOf = ({ devices }: Pick<Statement, "devices">): ReadonlyMap<DeviceId, Device> =>
  new Map(Object.entries(devices) as unknown as ReadonlyArray<readonly [DeviceId, Device]>)
