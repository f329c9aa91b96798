/**
 * Proofs that a caller holds a key: DPoP (RFC 9449). A token without the key it is bound to is of no use.
 *
 * D1  A proof is taken for the method, address, token and minute it was made for, signed by the key inside it; for nothing else.
 * D2  A proof is taken once, by all processes of a node together.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from "jose"
import { createHash } from "node:crypto"

/** What the proof must be about. */
export interface About {
  readonly method: string
  /** Scheme, host and path: what the client may believe to have asked. */
  readonly urls: ReadonlyArray<string>
  /** The token it comes with; null where one is asked for. */
  readonly token: string | null
  readonly now: number
  readonly maxAgeMs: number
}

/** Whose proof, and by what it is known again. */
export interface Proof {
  readonly jkt: string
  readonly id: string
  /** When one like it would be too old in any case, in milliseconds. */
  readonly until: number
}

const algorithms = ["ES256", "EdDSA", "Ed25519"]
/** Clocks that go before ours by so much are still believed. */
const AheadMsMax = 10_000

const Claims = Schema.Struct({
  jti: Schema.String.pipe(Schema.minLength(8), Schema.maxLength(128)),
  htm: Schema.String,
  htu: Schema.String,
  iat: Schema.Number,
  ath: Schema.optional(Schema.String)
})
const isClaims = Schema.is(Claims)

/** The address as RFC 9449, 4.3 compares it: without query and fragment. */
const bare = (url: string): string | null => {
  try {
    const { host, pathname, protocol } = new URL(url)
    return `${protocol.replace(/^ws/, "http")}//${host}${pathname}`
  } catch {
    return null
  }
}

/** The `ath` of a token (RFC 9449, 4.2). */
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url")

/** The key a proof brings along; null for one that should be secret, or that both sides would hold. */
const keyOf = (jws: string): JWK | null => {
  const { jwk } = decodeProtectedHeader(jws) as { readonly jwk?: JWK }
  return jwk === undefined || "d" in jwk || "k" in jwk ? null : jwk
}

const isAbout = (claims: typeof Claims.Type, { maxAgeMs, method, now, token, urls }: About): boolean => {
  const madeAt = claims.iat * 1_000
  return claims.htm === method
    && bare(claims.htu) !== null && urls.some((url) => bare(url) === bare(claims.htu))
    && madeAt <= now + AheadMsMax && madeAt > now - maxAgeMs
    && claims.ath === (token === null ? undefined : hashOf(token))
}

/** What a proof shows, or null when it shows nothing. */
export const read = (jws: string | undefined, about: About): Effect.Effect<Proof | null> =>
  Effect.gen(function*() {
    if (jws === undefined || jws.length > 4_096) return null
    const jwk = yield* Effect.try(() => keyOf(jws))
    if (jwk === null) return null
    const { payload } = yield* Effect.tryPromise(() =>
      importJWK(jwk, jwk.kty === "OKP" ? "EdDSA" : "ES256").then((key) =>
        jwtVerify(jws, key, {
          algorithms,
          typ: "dpop+jwt",
          currentDate: DateTime.toDate(DateTime.unsafeMake(about.now))
        })
      )
    )
    if (!isClaims(payload) || !isAbout(payload, about)) return null
    const jkt = yield* Effect.tryPromise(() => calculateJwkThumbprint(jwk))
    return { jkt, id: `${jkt}.${payload.jti}`, until: payload.iat * 1_000 + about.maxAgeMs + AheadMsMax }
  }).pipe(Effect.orElseSucceed(() => null))
