/**
 * Access tokens: what a session shows with each call. JWTs (RFC 9068) by the node's own key, short-lived, bound to the key of their client.
 *
 * T1  A token is taken that this node signed, as it signs, for itself, and that has not expired; no other algorithm, key, kind or node's.
 * T2  A token is bound to the key of the client it was handed to (RFC 9449, 6).
 */
import { DeviceId, Did, Handle } from "@vivim/event-schemas/ids"
import { SessionId } from "@vivim/event-schemas/session/Means"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { jwtVerify, SignJWT } from "jose"
import { createHash, randomUUID } from "node:crypto"
import type { SessionKey } from "./SessionKey.ts"

const Claims = Schema.Struct({
  sub: Did,
  sid: SessionId,
  handle: Handle,
  device: Schema.NullOr(DeviceId),
  auth_time: Schema.Int,
  exp: Schema.Int,
  cnf: Schema.Struct({ jkt: Schema.String })
})
export type Claims = typeof Claims.Type

const decode = Schema.decodeUnknownEither(Claims)
const kind = "at+jwt"

export const make = (
  key: SessionKey,
  claims: Omit<Claims, "exp">,
  now: number,
  lastsMs: number
): Effect.Effect<string> => {
  const { sub, ...others } = claims
  const seconds = Math.floor(now / 1_000)
  return Effect.promise(() =>
    new SignJWT(others)
      .setProtectedHeader({ alg: "EdDSA", typ: kind, kid: key.kid })
      .setIssuer(key.issuer).setAudience(key.issuer).setSubject(sub).setJti(randomUUID())
      .setIssuedAt(seconds).setExpirationTime(seconds + Math.floor(lastsMs / 1_000))
      .sign(key.private)
  )
}

/** Tokens that were looked at, by their digest: a client shows the same one with each call. */
const RememberedMax = 10_000

/** What a token says, or null for one that is none of this node's. */
export const reader = (key: SessionKey): (token: string) => Effect.Effect<Claims | null> => {
  const known = new Map<string, Claims>()
  const remember = (digest: string, claims: Claims | null) => {
    if (claims === null) return
    if (known.size >= RememberedMax) {
      for (const oldest of [...known.keys()].slice(0, RememberedMax / 10)) known.delete(oldest)
    }
    known.set(digest, claims)
  }
  return (token) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const digest = createHash("sha256").update(token).digest("base64url")
      const seen = known.get(digest)
      if (seen !== undefined) return Effect.succeed(seen.exp * 1_000 > now ? seen : null)
      return Effect.tap(read(key, token, now), (claims) => Effect.sync(() => remember(digest, claims)))
    })
}

const read = (key: SessionKey, token: string, now: number): Effect.Effect<Claims | null> =>
  Effect.tryPromise(() =>
    jwtVerify(token, key.public, {
      algorithms: ["EdDSA"],
      issuer: key.issuer,
      audience: key.issuer,
      typ: kind,
      currentDate: DateTime.toDate(DateTime.unsafeMake(now)),
      requiredClaims: ["exp", "iat", "jti"]
    })
  ).pipe(
    Effect.map(({ payload, protectedHeader }) =>
      protectedHeader.kid === key.kid ? Either.getOrNull(decode(payload)) : null
    ),
    Effect.orElseSucceed(() => null)
  )
