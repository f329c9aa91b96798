/**
 * One use of a capability: its holder signs what is asked, once, for a short time.
 *
 * N1  It is bound to the request: another call, other content, another resource, another holder, and it opens nothing.
 * N2  It reads only in the form UCAN 1.0 gives invocations.
 *
 * Source: UCAN invocation 1.0.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import { Did } from "@vivim/event-schemas/ids"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CID } from "multiformats/cid"
import { Command } from "./Command.ts"
import { Seconds, type Signing } from "./Delegation.ts"
import * as Envelope from "./Envelope.ts"

const Cid = Schema.declare((value: unknown): value is CID => CID.asCID(value) !== null)

const Payload = Schema.Struct({
  iss: Did,
  sub: Did,
  aud: Schema.optionalWith(Did, { exact: true }),
  cmd: Command,
  args: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
  prf: Schema.Array(Cid),
  nonce: Schema.Uint8ArrayFromSelf,
  exp: Schema.NullOr(Seconds),
  iat: Schema.optionalWith(Seconds, { exact: true }),
  cause: Schema.optionalWith(Cid, { exact: true }),
  meta: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.Unknown }), { exact: true })
})

export interface Invocation {
  readonly envelope: Envelope.Envelope
  readonly cid: string
  readonly issuer: Did
  readonly subject: Did
  readonly audience: Did | null
  readonly command: string
  readonly args: Readonly<Record<string, unknown>>
  readonly proofs: ReadonlyArray<string>
  /** Seconds since 1970; null: it has no end. */
  readonly expires: number | null
}

const decode = Schema.decodeUnknownOption(Payload, { onExcessProperty: "error" })

/** Reads an invocation, whoever signed it; null when the bytes are none. */
export const read = (bytes: Uint8Array): Invocation | null => {
  const envelope = Envelope.open(bytes, "ucan/inv@1.0.0")
  const payload = envelope === null ? null : Option.getOrNull(decode(envelope.payload))
  if (envelope === null || payload === null) return null
  return {
    envelope,
    cid: envelope.cid,
    issuer: payload.iss,
    subject: payload.sub,
    audience: payload.aud ?? null,
    command: payload.cmd,
    args: payload.args,
    proofs: payload.prf.map((cid) => cid.toString()),
    expires: payload.exp
  }
}

/**
 * The request an invocation is for: over RPC the call's tag and the canonical bytes of its payload as it travels; over HTTP the
 * method and address (`GET /api/v1/…`) and the bytes of the body.
 */
export interface Request {
  readonly resource: string
  readonly call: string
  readonly content: Uint8Array
}

/** What an invocation says of its request. */
export const argsOf = ({ call, content, resource }: Request) => ({ res: resource, call, hash: sha256(content) })

/** Signs a use. `chain` are the delegations' CIDs, the owner's first. */
export const make = (
  use: {
    readonly subject: Did
    readonly command: string
    readonly chain: ReadonlyArray<string>
    readonly request: Request
    /** Seconds since 1970: soon. */
    readonly expires: number
  },
  holder: Signing
): Uint8Array =>
  Envelope.seal("ucan/inv@1.0.0", {
    iss: holder.issuer,
    sub: use.subject,
    cmd: use.command,
    args: argsOf(use.request),
    prf: use.chain.map((cid) => CID.parse(cid)),
    nonce: holder.nonce,
    exp: use.expires
  }, holder.sign)
