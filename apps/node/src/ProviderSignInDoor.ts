/**
 * Signing in by a provider: `GET /api/v1/sign-in/providers`, `POST /api/v1/sign-in/provider` and `/sign-in/provider/return` (`Provider.ts` in the contract
 * says what goes in and comes out).
 *
 * D5  Who comes back with what went along for another browser, was used, or is out of date, is answered as whoever shows nothing at all.
 * D6  Each door is counted by address.
 */
import type * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import { Departure, Provider, Returned, Visit } from "@vivim/contract/Provider"
import { Tokens } from "@vivim/contract/SignIn"
import { ProviderSignIn } from "@vivim/oidc/ProviderSignIn"
import type { RateLimit } from "@vivim/rate-limit/RateLimit"
import type { Sessions } from "@vivim/session/Sessions"
import type { Standings } from "@vivim/standing/Standings"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { Guard } from "./Guard.ts"
import { knock } from "./Knock.ts"
import { answered, body, door, from, mayOpen, provenKey } from "./SignInDoor.ts"

const offered = Effect.gen(function*() {
  yield* knock("default")
  const { offered } = yield* ProviderSignIn
  return answered(Schema.Array(Provider))(offered)
})

const depart = Effect.gen(function*() {
  yield* knock("challenge")
  const visit = yield* body(Visit)
  const { depart } = yield* ProviderSignIn
  const url = yield* depart(visit, { purpose: "sign-in", bound: yield* provenKey })
  return answered(Departure)({ url: url.href })
})

const signIn = Effect.gen(function*() {
  yield* knock("token")
  const returned = yield* body(Returned)
  const { signIn } = yield* ProviderSignIn
  return answered(Tokens)(yield* signIn(returned, yield* provenKey, yield* from, yield* mayOpen))
})

type Needs = Guard | ProviderSignIn | RateLimit | Sessions | Standings

export const layer = Layer.mergeAll(
  door("GET", "/sign-in/providers", offered),
  door("POST", "/sign-in/provider", depart),
  door("POST", "/sign-in/provider/return", signIn)
) as Layer.Layer<never, never, HttpLayerRouter.HttpRouter | Needs>
