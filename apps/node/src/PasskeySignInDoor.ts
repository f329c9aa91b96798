/**
 * Signing in with a passkey: `POST /api/v1/sign-in/passkey/challenge` and `/sign-in/passkey` (`Passkeys.ts` in the contract says what goes in
 * and comes out). As at the other doors, what was wrong with an answer is not said, nor whether there is such a passkey or account.
 */
import type * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import { PasskeyAnswer, PasskeyAsked, PasskeyChallenge } from "@vivim/contract/Passkeys"
import { Tokens } from "@vivim/contract/SignIn"
import type { RateLimit } from "@vivim/rate-limit/RateLimit"
import { Passkeys } from "@vivim/session/Passkeys"
import type { Sessions } from "@vivim/session/Sessions"
import type { Standings } from "@vivim/standing/Standings"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Guard } from "./Guard.ts"
import { knock } from "./Knock.ts"
import { answered, body, door, from, mayOpen, provenKey } from "./SignInDoor.ts"

const challenge = Effect.gen(function*() {
  yield* knock("challenge")
  const { challenge } = yield* Passkeys
  return answered(PasskeyChallenge)(yield* challenge(yield* body(PasskeyAsked)))
})

const signIn = Effect.gen(function*() {
  yield* knock("token")
  const answer = yield* body(PasskeyAnswer)
  yield* knock("token", `passkey ${answer.id}`)
  const { signIn } = yield* Passkeys
  return answered(Tokens)(yield* signIn(answer, yield* provenKey, yield* from, yield* mayOpen))
})

type Needs = Guard | Passkeys | RateLimit | Sessions | Standings

export const layer = Layer.merge(
  door("POST", "/sign-in/passkey/challenge", challenge),
  door("POST", "/sign-in/passkey", signIn)
) as Layer.Layer<never, never, HttpLayerRouter.HttpRouter | Needs>
