/**
 * Signing in by a provider, as its client does it: asks the node where to go, and hands on what came back. Both are proven by one key, which the
 * session is bound to from then on; it has to be kept while the browser is away at the provider, and need not be extractable.
 */
import { Departure, Provider, Returned } from "@vivim/contract/Provider"
import { Unavailable } from "@vivim/contract/Refusal"
import { Tokens } from "@vivim/contract/SignIn"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { generateKeyPair, type GenerateKeyPairResult } from "jose"
import { ask } from "./NodeSession.ts"
import { SessionKeeper } from "./SessionKeeper.ts"

/** Which providers the node at this origin knows. */
export const offered = (origin: string) => {
  const away = () => new Unavailable({ message: `the node at ${origin} does not answer`, retryAfterMs: 1_000 })
  return Effect.tryPromise({
    try: (signal) => fetch(`${origin}/api/v1/sign-in/providers`, { signal }).then((answer) => answer.json() as unknown),
    catch: away
  }).pipe(
    Effect.flatMap(Schema.decodeUnknown(Schema.Array(Provider))),
    Effect.mapError(away)
  )
}

/** Where to go, and the key that is wanted again when one comes back. */
export const depart = Effect.fn("ProviderVisit.depart")(function*(origin: string, provider: string) {
  const keys = yield* Effect.promise(() => generateKeyPair("ES256", { extractable: false }))
  const { url } = yield* Effect.catchTag(
    ask(origin, "/sign-in/provider", { provider, origin }, Departure, keys),
    "Turned",
    ({ refusal }) => refusal
  )
  return { url, keys }
})

/** Opens the session of who came back, and keeps it. */
export const arrive = Effect.fn("ProviderVisit.arrive")(function*(returned: Returned, keys: GenerateKeyPairResult) {
  const keeper = yield* SessionKeeper
  const { expiresInMs, ...tokens } = yield* Effect.catchTag(
    ask(returned.origin, "/sign-in/provider/return", Schema.encodeSync(Returned)(returned), Tokens, keys),
    "Turned",
    ({ refusal }) => refusal
  )
  const session = { ...tokens, keys, expiresAt: (yield* Clock.currentTimeMillis) + expiresInMs }
  yield* keeper.alone(keeper.save(session))
  return session
})
