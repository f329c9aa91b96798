/**
 * How a session begins and goes on: a challenge, the answer a device signs, and the tokens that come of it. These doors are plain HTTP,
 * for whoever knocks has no session yet: `POST /api/v1/sign-in/challenge`, `/sign-in/token`, `/sign-in/refresh`, `/sign-up`. All but the first
 * want a `DPoP` proof (RFC 9449), and what they hand out is bound to its key.
 *
 * C1  What a device signs is the same bytes for the same challenge, and other bytes for any other.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { DeviceId, Did, DisplayName, Handle, Millis } from "@vivim/event-schemas/ids"
import { SessionId } from "@vivim/event-schemas/session/Means"
import * as Schema from "effect/Schema"
import { Statement, Statements } from "./IdentityBytes.ts"

const Base64Url = (min: number, max: number) =>
  Schema.String.pipe(
    Schema.pattern(new RegExp(`^[A-Za-z0-9_-]{${min},${max}}$`)),
    Schema.annotations({ arbitrary: () => (fc: any) => fc.constantFrom("A".repeat(min), "_".repeat(max)) })
  )

/** What an answer is good for: one that opens a session cannot confirm another. */
export const Purpose = Schema.Literal("sign-in", "sign-up", "step-up")
export type Purpose = typeof Purpose.Type

export const ChallengeAsked = Schema.Struct({
  userId: Did,
  deviceId: DeviceId,
  purpose: Purpose,
  /** To step up: the session that is to be confirmed. */
  sessionId: Schema.optional(SessionId)
})
export type ChallengeAsked = typeof ChallengeAsked.Type

/** Good once, until `expiresAt`, for the one who asked. `origin` is what the node is reached by: who signs another one is on another site. */
export const Challenge = Schema.Struct({
  nonce: Base64Url(32, 128),
  origin: Schema.String.pipe(Schema.maxLength(512)),
  expiresAt: Millis
})
export type Challenge = typeof Challenge.Type

/** A challenge, signed by the device; `origin` is where its user believes to be. */
export const Answer = Schema.Struct({
  userId: Did,
  deviceId: DeviceId,
  ...Challenge.fields,
  /** Ed25519, 64 bytes, over `signed`. */
  signature: Base64Url(86, 86)
})
export type Answer = typeof Answer.Type

export const SignUp = Schema.Struct({
  answer: Answer,
  handle: Handle,
  displayName: DisplayName,
  /** The first operation of an account that has a log; the device that answers is one of its devices. */
  genesis: Schema.optional(Statement),
  /** Of an account that moves here. The device that answers is then one of the last of them, whose service `pds` is this node. */
  after: Schema.optional(Statements),
  /** Where the node asks for one: the token its operator gives to those who may come. */
  invitation: Schema.optional(Schema.String.pipe(Schema.maxLength(256)))
})
export type SignUp = typeof SignUp.Type

export const Refresh = Schema.Struct({ refreshToken: Schema.String.pipe(Schema.maxLength(256)) })

/** What a session is carried on with. The access token lasts `expiresInMs`; the refresh token is good once. */
export const Tokens = Schema.Struct({
  sessionId: SessionId,
  userId: Did,
  handle: Handle,
  accessToken: Schema.String,
  expiresInMs: Schema.Int,
  refreshToken: Schema.String
})
export type Tokens = typeof Tokens.Type

const domain = new TextEncoder().encode("vivim-auth/1\0")

/** The bytes a device signs: the domain, then origin, account, device, nonce and expiry as canonical CBOR. */
export const signed = (answer: Omit<Answer, "signature">): Uint8Array => {
  const { deviceId, expiresAt, nonce, origin, userId } = answer
  const said = Canonical.encode([origin, userId, deviceId, nonce, expiresAt])
  const bytes = new Uint8Array(domain.length + said.length)
  bytes.set(domain)
  bytes.set(said, domain.length)
  return bytes
}
