/**
 * DID documents: what an account, a device or a node shows of its keys. Made from what is known here, read from what came from afar.
 *
 * W1  A document says what the log or the key says, and no more; reading it back gives the same keys.
 * W2  Of a document from afar only Ed25519 Multikeys of its own subject are taken.
 *
 * Source: W3C DID Core 1.0; Controlled Identifiers 1.0 (Multikey). An X-Wing key has no multicodec yet and 1,216 bytes: it is linked to
 * by its SHA-256 (`digestMultibase`, a multihash), and can be fetched where `serviceEndpoint` of the account's node says.
 */
import type { DeviceId } from "@vivim/event-schemas/ids"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { base58btc } from "multiformats/bases/base58"
import * as DidKey from "../DidKey.ts"
import * as Operation from "./Operation.ts"

/** A document as JSON: DID Core leaves it open to further members. */
export type DidDocument = { readonly id: string } & Readonly<Record<string, unknown>>

/** A key that may sign for the subject, and what for. */
export interface VerificationKey {
  readonly id: string
  readonly publicKey: Uint8Array
}

const contexts = [
  "https://www.w3.org/ns/did/v1",
  "https://w3id.org/security/multikey/v1",
  {
    VivimKemKey: "https://vivim.org/ns#VivimKemKey",
    digestMultibase: {
      "@id": "https://w3id.org/security#digestMultibase",
      "@type": "https://w3id.org/security#multibase"
    }
  }
]

const multikey = (did: string, id: DeviceId) => ({
  id: `${did}#${id}`,
  type: "Multikey",
  controller: did,
  publicKeyMultibase: id as string
})

/** Multihash `sha2-256`, 32 bytes. */
const digest = (hash: Uint8Array) => base58btc.encode(Uint8Array.of(0x12, 0x20, ...hash))

const document = (did: string, ids: ReadonlyArray<DeviceId>, rest: object): DidDocument => {
  const names = ids.map((id) => `${did}#${id}`)
  return {
    "@context": contexts,
    id: did,
    verificationMethod: ids.map((id) => multikey(did, id)),
    authentication: names,
    assertionMethod: names,
    capabilityInvocation: names,
    ...rest
  }
}

export interface Known {
  /** Where the account is; told as its data server. */
  readonly pds?: string
  readonly alsoKnownAs?: ReadonlyArray<string>
}

/** The document of an account, as the newest operation of its log (`head`) has it. */
export const ofAccount = (
  { did, head }: { readonly did: string; readonly head: Pick<Operation.Statement, "devices" | "services" | "aka"> },
  { alsoKnownAs = [], pds }: Known
): DidDocument => {
  const devices = [...Operation.devicesOf(head)]
  const stated = Object.entries(head.services).map(([id, { endpoint, type }]) => ({
    id: `${did}#${id}`,
    type,
    serviceEndpoint: endpoint
  }))
  const isSaid = "pds" in head.services || pds === undefined
  return document(did, devices.map(([id]) => id), {
    keyAgreement: devices.map(([id, { kem }]) => ({
      id: `${did}#${id}-kem`,
      type: "VivimKemKey",
      controller: did,
      digestMultibase: digest(kem)
    })),
    service: isSaid ? stated : [...stated, { id: `${did}#pds`, type: "VivimPds", serviceEndpoint: pds }],
    alsoKnownAs: [...new Set([...head.aka, ...alsoKnownAs])]
  })
}

/** The document of a `did:key`, or of a node with one key. */
export const ofKey = (did: string, publicKey: Uint8Array, rest: object = {}): DidDocument =>
  document(did, [DidKey.deviceId(publicKey)], rest)

const Method = Schema.Struct({
  id: Schema.String,
  type: Schema.Literal("Multikey"),
  controller: Schema.String,
  publicKeyMultibase: Schema.String
})
const Members = Schema.Struct({
  id: Schema.String,
  verificationMethod: Schema.optional(Schema.Array(Schema.Unknown).pipe(Schema.maxItems(64))),
  authentication: Schema.optional(Schema.Array(Schema.Unknown).pipe(Schema.maxItems(64))),
  assertionMethod: Schema.optional(Schema.Array(Schema.Unknown).pipe(Schema.maxItems(64)))
})

const isMembers = Schema.decodeUnknownOption(Members)
const isMethod = Schema.decodeUnknownOption(Method)

/** Whether anything can be read of it: it is a document, and of this subject. */
export const isOf = (did: string, json: unknown): json is DidDocument =>
  Option.exists(isMembers(json), ({ id }) => id === did)

/** The keys a document lets sign for its subject: those it lists and refers to, or says in the very place, of its own. */
export const keysOf = (
  json: DidDocument,
  purpose: "authentication" | "assertionMethod"
): ReadonlyArray<VerificationKey> => {
  const members = Option.getOrNull(isMembers(json))
  if (members === null) return []
  const listed = new Map(
    (members.verificationMethod ?? []).flatMap((one) => Option.toArray(isMethod(one))).map((one) => [one.id, one])
  )
  return (members[purpose] ?? []).flatMap((one) => {
    const reference = typeof one === "string" ? one.startsWith("#") ? `${members.id}${one}` : one : null
    const method = reference === null
      ? Option.getOrUndefined(isMethod(one))
      : listed.get(reference) ?? listed.get(reference.slice(members.id.length))
    const publicKey = method === undefined ? null : DidKey.publicKeyOf(method.publicKeyMultibase)
    return method === undefined || publicKey === null || method.controller !== members.id
      ? []
      : [{ id: reference ?? method.id, publicKey }]
  })
}
