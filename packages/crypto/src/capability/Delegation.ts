/**
 * A capability: what one (the issuer) lets another (the audience) do with what belongs to a third (the subject, its owner).
 *
 * C1  What is minted reads back as it was meant, and what reads is of the form UCAN 1.0 gives delegations.
 * C2  What is passed on carries every bound of what it is made of unless a tighter one is given; what would be wider is refused.
 *
 * Source: UCAN delegation 1.0.
 */
import { Did } from "@vivim/event-schemas/ids"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Command } from "./Command.ts"
import * as Envelope from "./Envelope.ts"
import * as Statement from "./Statement.ts"

/** Seconds since 1970. */
export const Seconds = Schema.Int.pipe(Schema.between(0, 2 ** 43))

const Payload = Schema.Struct({
  iss: Did,
  aud: Did,
  sub: Schema.NullOr(Did),
  cmd: Command,
  pol: Schema.Array(Schema.Unknown),
  nonce: Schema.Uint8ArrayFromSelf,
  exp: Schema.NullOr(Seconds),
  nbf: Schema.optionalWith(Seconds, { exact: true }),
  meta: Schema.optionalWith(Schema.Record({ key: Schema.String, value: Schema.Unknown }), { exact: true })
})

/** The bounds of VIVIM's own that stand in `meta`. */
const Bounds = Schema.Struct({
  /** Uses at most; each use of what is passed on counts as well. */
  max: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 2 ** 31)), { exact: true }),
  /** The resource's number when it was minted: another one now means that all of it was taken back. */
  epoch: Schema.optionalWith(Schema.Int.pipe(Schema.nonNegative()), { exact: true }),
  /** How often it may still be passed on. */
  depth: Schema.optionalWith(Schema.Int.pipe(Schema.between(0, 8)), { exact: true })
})
export type Bounds = typeof Bounds.Type

export interface Delegation {
  readonly envelope: Envelope.Envelope
  readonly cid: string
  readonly issuer: Did
  readonly audience: Did
  /** Null where it is for whatever the issuer will be given. */
  readonly subject: Did | null
  readonly command: string
  readonly policy: Statement.Policy
  readonly statements: ReadonlyArray<unknown>
  readonly nonce: Uint8Array
  /** Seconds since 1970; null: it has no end. */
  readonly expires: number | null
  readonly notBefore: number | null
  /** Null where `meta` holds what this build does not know. */
  readonly bounds: Bounds | null
}

const decode = Schema.decodeUnknownOption(Payload, { onExcessProperty: "error" })
const boundsOf = Schema.decodeUnknownOption(Bounds, { onExcessProperty: "error" })

/** Reads a delegation, whoever signed it; null when the bytes are none. */
export const read = (bytes: Uint8Array): Delegation | null => {
  const envelope = Envelope.open(bytes, "ucan/dlg@1.0.0")
  if (envelope === null) return null
  const payload = Option.getOrNull(decode(envelope.payload))
  const policy = payload === null ? null : Statement.parsePolicy(payload.pol)
  if (payload === null || policy === null) return null
  return {
    envelope,
    cid: envelope.cid,
    issuer: payload.iss,
    audience: payload.aud,
    subject: payload.sub,
    command: payload.cmd,
    policy,
    statements: payload.pol,
    nonce: payload.nonce,
    expires: payload.exp,
    notBefore: payload.nbf ?? null,
    bounds: Option.getOrNull(boundsOf(payload.meta ?? {}))
  }
}

/** The resource a capability is for stands first in its policy, as `["==", ".res", "document/…"]`; null where it does not. */
export const resourceOf = ({ statements }: Delegation): string | null => {
  const first = statements[0]
  if (!Array.isArray(first) || first.length !== 3) return null
  const [op, at, value] = first as ReadonlyArray<unknown>
  return op === "==" && at === ".res" && typeof value === "string" ? value : null
}

/** What is granted, and the bounds of it. */
export interface Granted {
  readonly audience: Did
  readonly command: string
  /** Seconds since 1970. */
  readonly expires: number
  readonly notBefore?: number
  readonly statements?: ReadonlyArray<unknown>
  readonly bounds?: Bounds
}

/** Who signs, and the bytes that make it one of its kind. */
export interface Signing {
  readonly issuer: Did
  readonly sign: Envelope.Sign
  /** At least 12 random bytes. */
  readonly nonce: Uint8Array
}

const write = (
  subject: Did,
  { audience, bounds = {}, command, expires, notBefore, statements = [] }: Granted,
  { issuer, nonce, sign }: Signing
): Uint8Array =>
  Envelope.seal("ucan/dlg@1.0.0", {
    iss: issuer,
    aud: audience,
    sub: subject,
    cmd: command,
    pol: statements,
    nonce,
    exp: expires,
    ...notBefore === undefined ? {} : { nbf: notBefore },
    ...Object.keys(bounds).length === 0 ? {} : { meta: bounds }
  }, sign)

/** A capability of the owner's own: the beginning of every chain. */
export const mint = (resource: string, granted: Granted, owner: Signing): Uint8Array =>
  write(owner.issuer, { ...granted, statements: [["==", ".res", resource], ...granted.statements ?? []] }, owner)

/** Passes a capability on, or part of it; what is not said is as in the one it is made of. Whether that may be, its verifier says. */
export const delegate = (
  parent: Delegation,
  granted: Partial<Granted> & Pick<Granted, "audience">,
  holder: Signing
): Uint8Array => {
  const { depth, ...bounds } = parent.bounds ?? {}
  return write(parent.subject!, {
    command: parent.command,
    expires: parent.expires!,
    ...granted,
    bounds: { ...bounds, ...depth === undefined ? {} : { depth: depth - 1 }, ...granted.bounds }
  }, holder)
}
