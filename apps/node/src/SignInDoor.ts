/**
 * The doors of those who have no session yet: `POST /api/v1/sign-in/challenge`, `/sign-in/token`, `/sign-in/refresh` and `/sign-up` (`SignIn.ts` in the
 * contract says what goes in and comes out).
 *
 * D1  Whatever is wrong with an answer, and whether there is such an account at all, is answered alike.
 * D2  Each door is counted by address; the doors that try a key or a token also by account or session, there where it is tried from: a stranger
 *     cannot use up somebody else's tries.
 * D3  Whether strangers may open accounts is the operator's to say: everybody, those with the invitation, or nobody. Whoever shows the node's own
 *     token as theirs is an admin with the account they open.
 * D4  An account is opened by a device of its newest operation, for this node, once: operations are public, and do not do alone.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Statement } from "@vivim/contract/IdentityBytes"
import { AccountNotActive, NotAllowed, NotSignedIn } from "@vivim/contract/Refusal"
import { Answer, Challenge, ChallengeAsked, Refresh, SignUp, Tokens } from "@vivim/contract/SignIn"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as Operation from "@vivim/crypto/did/Operation"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import { Views } from "@vivim/projection/Views"
import type { RateLimit } from "@vivim/rate-limit/RateLimit"
import { notOpened } from "@vivim/session/Opening"
import { sameWords } from "@vivim/session/SessionKey"
import { Sessions } from "@vivim/session/Sessions"
import { Standings } from "@vivim/standing/Standings"
import { Registration } from "@vivim/user/Registration"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { shortened } from "./ClientAddress.ts"
import { address, type Guard } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"
import { knock } from "./Knock.ts"
import { appoint, LocalSession } from "./LocalSession.ts"

/** Who may open an account without the node's own token. */
export interface SignUpRule {
  readonly signUp: "open" | "token" | "closed"
  readonly signUpToken: Redacted.Redacted
  /** Bytes of what is said to open an account: it may bring its log along. */
  readonly logBytesMax: number
}

class BadRequest extends Data.TaggedError("BadRequest")<{ readonly message: string }> {}

export const body = <A, I>(schema: Schema.Schema<A, I>) =>
  Effect.mapError(
    HttpServerRequest.schemaBodyJson(schema),
    () => new BadRequest({ message: "this is not what is asked for here" })
  )

export const answered = <A, I>(schema: Schema.Schema<A, I>) => (value: A) =>
  HttpServerResponse.unsafeJson(Schema.encodeSync(schema)(value), { headers: { "cache-control": "no-store" } })

/** Where this request comes from, as the user's own log keeps it. */
export const from = Effect.gen(function*() {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const agent = (headers["user-agent"] ?? "").replaceAll(/[^\x20-\x7e]/g, "").slice(0, 256)
  return { address: shortened(yield* address), agent }
})

/** The key this request shows. It is used up by asking. */
export const provenKey = Effect.gen(function*() {
  const { headers, method, originalUrl } = yield* HttpServerRequest.HttpServerRequest
  const sessions = yield* Sessions
  const proof = yield* sessions.prove(headers["dpop"], { method, path: originalUrl.split("?")[0]!, token: null })
  return proof === null ? yield* new NotSignedIn({ message: "send a `DPoP` proof for this address" }) : proof.jkt
})

/** Refuses an account that is shut out. Asked only for who has shown that it is theirs. */
export const mayOpen = Effect.map(Standings, (standings) =>
  Effect.fnUntraced(function*(userId: Did) {
    const { rests } = standings.of(userId, yield* Clock.currentTimeMillis)
    if (rests?.banned === true) return yield* new AccountNotActive({ state: "banned", until: null })
  }))

/** A door of those who have no session yet. Nothing said here is long, but by who brings a log along. */
export const door = (
  method: "GET" | "POST",
  path: `/${string}`,
  work: Effect.Effect<HttpServerResponse.HttpServerResponse, any, any>,
  bytesMax = Http.ShownBytesMax
) => HttpLayerRouter.add(method, `/api/v1${path}`, Http.refusing(work).pipe(Http.small(bytesMax)))

const challenge = Effect.gen(function*() {
  yield* knock("challenge")
  const asked = yield* body(ChallengeAsked)
  const sessions = yield* Sessions
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const origin = sessions.origins.find((origin) => new URL(origin).host === headers["host"]) ?? sessions.origins[0]!
  return answered(Challenge)(yield* sessions.challenge(asked, asked.sessionId ?? "", origin))
})

const token = Effect.gen(function*() {
  yield* knock("token")
  const answer = yield* body(Answer)
  yield* knock("token", `account ${answer.userId}`, `device ${answer.deviceId}`)
  const sessions = yield* Sessions
  return answered(Tokens)(
    yield* sessions.signIn(
      answer,
      yield* provenKey,
      yield* from,
      (yield* mayOpen)(answer.userId)
    )
  )
})

const refresh = Effect.gen(function*() {
  yield* knock("refresh")
  const { refreshToken } = yield* body(Refresh)
  yield* knock("refresh", `session ${refreshToken.split(".")[0]}`)
  const sessions = yield* Sessions
  return answered(Tokens)(yield* sessions.refresh(refreshToken, yield* provenKey, yield* from))
})

const isInvited = ({ signUp, signUpToken }: SignUpRule, invitation: string) =>
  signUp === "open" ||
  (signUp === "token" && Redacted.value(signUpToken) !== "" && sameWords(invitation, Redacted.value(signUpToken)))

type Said = typeof Statement.Type

/** A key is its own account's; a device is one of the account's newest operation, which the account's actor looks at further. */
const speaksFor = (userId: Did, deviceId: DeviceId, newest: Said | undefined): boolean =>
  newest === undefined
    ? userId === `did:key:${deviceId}`
    : Object.hasOwn(Operation.decode(newest.operation)?.devices ?? {}, deviceId)

/** Whether an account that was elsewhere says in its log that it is here: that was signed for this node, and for no other. */
const movesHere = (newest: Said | undefined, origins: ReadonlyArray<string>): boolean =>
  newest === undefined || origins.includes(Operation.decode(newest.operation)?.services["pds"]?.endpoint ?? "")

const signUp = (rule: SignUpRule) =>
  Effect.gen(function*() {
    yield* knock("signUp")
    const { after, answer, displayName, genesis, handle, invitation = "" } = yield* body(SignUp)
    const { deviceId, userId } = answer
    const isRunner = (yield* LocalSession).isToken(invitation)
    if (!isRunner && !isInvited(rule, invitation)) {
      return yield* new NotAllowed({ message: "accounts of this node are opened by invitation, if at all" })
    }
    const jkt = yield* provenKey
    const sessions = yield* Sessions
    const isRight = yield* sessions.isAnswered(answer, { purpose: "sign-up", bound: "" })
    // The key that signed is the account's own: nobody opens one in another's name.
    if (!isRight || !speaksFor(userId, deviceId, after?.at(-1) ?? genesis)) return yield* notOpened()
    if (!movesHere(after?.at(-1), sessions.origins)) {
      return yield* new NotAllowed({ message: "the log of this account does not say that it moves to this node" })
    }
    const { register } = yield* Registration
    const { position } = yield* register(
      {
        commandId: yield* CommandIds.next,
        userId,
        handle,
        displayName,
        ...genesis === undefined ? {} : { genesis },
        ...after === undefined ? {} : { after }
      },
      { by: userId, device: null }
    )
    yield* Effect.ignore((yield* Views).waitFor(position))
    if (isRunner) yield* appoint(userId, "opened with the node's own token")
    return answered(Tokens)(
      yield* sessions.open({ userId, handle, device: deviceId, means: "device", jkt, from: yield* from })
    )
  })

type Needs =
  | Guard
  | LocalSession
  | RateLimit
  | Registration
  | Sessions
  | Standings
  | Views
  | SqlClient.SqlClient
  | Sharding.Sharding

export const layer = (rule: SignUpRule): Layer.Layer<never, never, HttpLayerRouter.HttpRouter | Needs> =>
  Layer.mergeAll(
    door("POST", "/sign-in/challenge", challenge),
    door("POST", "/sign-in/token", token),
    door("POST", "/sign-in/refresh", refresh),
    door("POST", "/sign-up", signUp(rule), rule.logBytesMax)
  ) as Layer.Layer<never, never, HttpLayerRouter.HttpRouter | Needs>
