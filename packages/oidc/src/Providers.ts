/**
 * The providers an operator named, each as its own issuer describes it. What one says of somebody is taken from an ID token alone, which
 * `openid-client` looks at: issuer, audience, nonce, time, and its signature by the provider's published keys.
 *
 * P1  Who comes back is who the ID token of this very visit says, or nobody: no other issuer, audience, nonce, key, algorithm or time.
 * P2  A code is of use with the verifier of its state alone, at the provider it came from.
 * P3  A provider that does not answer is weather, and is asked again; what it says of itself is remembered for a while.
 */
import { NoSuchProvider } from "@vivim/contract/Provider"
import { NotSignedIn, Unavailable } from "@vivim/contract/Refusal"
import * as SafeFetch from "@vivim/crypto/did/SafeFetch"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as client from "openid-client"
import * as GuardedFetch from "./GuardedFetch.ts"
import type { State } from "./State.ts"

/** A provider as its operator named it. */
export interface Named {
  readonly id: string
  readonly label: string
  readonly issuer: string
  readonly clientId: string
  /** Empty for a client without one: PKCE alone shows that it is the same. */
  readonly clientSecret: Redacted.Redacted
  readonly scopes: string
}

export interface Reach {
  readonly wire: SafeFetch.Wire
  readonly answerBytesMax: number
  readonly fetchMax: Duration.DurationInput
  /** How long what a provider says of itself is remembered. */
  readonly rememberedMax: Duration.DurationInput
  /** Providers may be on private hosts, and reached by plain http. */
  readonly private: boolean
}

/** Who somebody is at a provider. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  /** Where the provider was asked for it, and says that it is theirs. */
  readonly email: string | null
}

export const notShown = () => new NotSignedIn({ message: "this does not show who you are" })

const away = ({ label }: Named) =>
  new Unavailable({ message: `${label} does not answer just now`, retryAfterMs: 5_000 })

/** Nothing came of it, or the provider has a trouble of its own: not the fault of who came back. */
const isWeather = (error: unknown): boolean =>
  error instanceof Response
    ? error.status >= 500
    : error instanceof SafeFetch.NotFetched || (error instanceof Error && isWeather(error.cause))

/** By the header, unless the provider only takes it in the body. */
const authenticating = (secret: string): client.ClientAuth => {
  if (secret === "") return client.None()
  const [basic, post] = [client.ClientSecretBasic(secret), client.ClientSecretPost(secret)]
  return (as, ...how) => {
    const methods = as.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
    return (methods.includes("client_secret_basic") ? basic : post)(as, ...how)
  }
}

const discover = (named: Named, reach: Reach) =>
  Effect.tryPromise(() =>
    client.discovery(
      new URL(named.issuer),
      named.clientId,
      undefined,
      authenticating(Redacted.value(named.clientSecret)),
      {
        [client.customFetch]: GuardedFetch.make(reach.wire, {
          bytesMax: reach.answerBytesMax,
          timeMax: reach.fetchMax,
          redirectsMax: 0,
          privateToo: reach.private
        }),
        // The ID token comes straight from the provider, and its signature is looked at all the same.
        execute: [client.enableNonRepudiationChecks, ...reach.private ? [client.allowInsecureRequests] : []]
      }
    )
  ).pipe(
    Effect.tapError(({ error }) => Effect.logWarning(`the provider ${named.id} cannot be asked who it is`, error)),
    Effect.mapError(() => away(named))
  )

const identityOf = (claims: client.IDToken | undefined): Identity | null => {
  if (claims === undefined || claims.sub === "" || claims.sub.length > 255) return null
  const { email, email_verified: isVerified, iss, sub } = claims
  return { issuer: iss, subject: sub, email: typeof email === "string" && isVerified === true ? email : null }
}

const exchange = (named: Named, config: client.Configuration, url: URL, { nonce, state, verifier }: State) =>
  Effect.tryPromise(() =>
    client.authorizationCodeGrant(config, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true
    })
  ).pipe(
    Effect.tapError(({ error }) => Effect.logDebug(`${named.id} shows nobody`, error)),
    Effect.mapError(({ error }) => isWeather(error) ? away(named) : notShown()),
    Effect.flatMap((tokens): Effect.Effect<Identity, NotSignedIn> => {
      const identity = identityOf(tokens.claims())
      return identity === null ? notShown() : Effect.succeed(identity)
    })
  )

interface Known {
  readonly config: client.Configuration
  readonly until: number
}

export const make = (all: ReadonlyArray<Named>, reach: Reach) => {
  const known = new Map<string, Known>()

  const named = (id: string): Effect.Effect<Named, NoSuchProvider> => {
    const found = all.find((one) => one.id === id)
    return found === undefined
      ? new NoSuchProvider({ message: "this node knows no such provider" })
      : Effect.succeed(found)
  }

  const configOf = Effect.fnUntraced(function*(named: Named) {
    const now = yield* Clock.currentTimeMillis
    const kept = known.get(named.id)
    if (kept !== undefined && kept.until > now) return kept.config
    const config = yield* discover(named, reach)
    known.set(named.id, { config, until: now + Duration.toMillis(reach.rememberedMax) })
    return config
  })

  return {
    offered: all.map(({ id, label }) => ({ id, label })),
    labelOf: (id: string) => Effect.map(named(id), ({ label }) => label),
    /** Where to send somebody, to come back to `redirect` with this state. */
    departure: Effect.fn("Providers.departure")(
      function*(id: string, redirect: string, { nonce, state, verifier }: State) {
        const provider = yield* named(id)
        const config = yield* configOf(provider)
        const challenge = yield* Effect.promise(() => client.calculatePKCECodeChallenge(verifier))
        return client.buildAuthorizationUrl(config, {
          redirect_uri: redirect,
          scope: provider.scopes,
          state,
          nonce,
          code_challenge: challenge,
          code_challenge_method: "S256"
        })
      }
    ),
    /** Who came back to this address. The address is put together here: nothing of it is believed that was not looked at. */
    identity: Effect.fn("Providers.identity")(function*(id: string, url: URL, state: State) {
      const provider = yield* named(id)
      return yield* exchange(provider, yield* configOf(provider), url, state)
    })
  }
}

export type Providers = ReturnType<typeof make>
