/**
 * A session at a node, as its client carries it on: opens an account or signs in with a device's key, refreshes in time and in the background, and makes the proofs
 * (RFC 9449) without which its tokens are of no use. In browsers and in Node; the device's key is wherever the signer has it.
 *
 * J1  Who signs in signs for the origin it is connected to, whatever origin the node names.
 * J2  However many calls, in however many tabs, find that the token is old, it is refreshed once; a refresh that was lost is asked for again.
 * J3  A session that is over is forgotten, and whoever asks for it is told so; one that cannot be refreshed just now is neither.
 * J4  Who opens an account is in its first session at once; a node that does not want it says why.
 */
import { type PasskeyAnswer, type PasskeyAsked, PasskeyChallenge, type PasskeyPurpose } from "@vivim/contract/Passkeys"
import { NotSignedIn, Unavailable } from "@vivim/contract/Refusal"
import { type Answer, Challenge, type Purpose, signed, SignUp, Tokens } from "@vivim/contract/SignIn"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { base64url, exportJWK, generateKeyPair, type GenerateKeyPairResult, SignJWT } from "jose"
import { decode, NodeRefused } from "./NodeRefused.ts"
import { type KeptSession, SessionKeeper } from "./SessionKeeper.ts"

/** A device that may act for an account, wherever its Ed25519 key is. */
export interface Signer extends Pick<Answer, "userId" | "deviceId"> {
  readonly sign: (bytes: Uint8Array) => Effect.Effect<Uint8Array>
}

/** An account that is to be: its name, and its first operation. */
export interface Opening extends Omit<SignUp, "answer" | "invitation"> {
  /** Where the node asks for one. */
  readonly invitation?: Redacted.Redacted
}

/** A request that is to carry the session; `isProven`: its socket has carried a proof already. */
export interface Carrying {
  readonly method: string
  readonly url: string
  readonly isProven?: boolean
}

export class NodeSession extends Context.Tag("@vivim/client/NodeSession")<NodeSession, {
  /** Where the node is. */
  readonly origin: string
  /** Opens the account of a device, and with it its first session. */
  readonly signUp: (signer: Signer, opening: Opening) => Effect.Effect<void, NodeRefused | Unavailable>
  readonly signIn: (signer: Signer) => Effect.Effect<KeptSession, NotSignedIn | Unavailable>
  /** What a passkey is to answer on this node's own pages: to open a session, or to confirm the one there is. */
  readonly askPasskey: (
    purpose: PasskeyPurpose
  ) => Effect.Effect<PasskeyChallenge, NodeRefused | NotSignedIn | Unavailable>
  readonly signInByPasskey: (answer: PasskeyAnswer) => Effect.Effect<KeptSession, NotSignedIn | Unavailable>
  /** The session as it is, refreshed where it was time. */
  readonly current: Effect.Effect<KeptSession, NotSignedIn | Unavailable>
  /** What a request must carry; nothing where there is no session. */
  readonly headers: (request: Carrying) => Effect.Effect<ReadonlyArray<[string, string]>, Unavailable>
  /** A device's answer to a challenge for this session: what `StepUp` asks for. */
  readonly confirm: (signer: Signer) => Effect.Effect<Answer, NotSignedIn | Unavailable>
  /** Forgets the session here; `EndSession` ends it at the node. */
  readonly forget: Effect.Effect<void>
}>() {
  /** `origin` is where the node is: `https://vivim.example`. */
  static readonly layer = (origin: string): Layer.Layer<NodeSession, never, SessionKeeper> =>
    Layer.scoped(NodeSession, make(new URL(origin).origin))
}

/** So long before its end a token is exchanged. */
const EarlyMs = 60_000
/** How often it is looked whether that is near. */
const LookEvery = "20 seconds"

const over = () => new NotSignedIn({ message: "there is no session: sign in" })
const away = (origin: string) =>
  new Unavailable({ message: `the node at ${origin} does not answer`, retryAfterMs: 1_000 })

const proof = (keys: GenerateKeyPairResult, { method, url }: Carrying, token: string | null) =>
  Effect.flatMap(Clock.currentTimeMillis, (now) =>
    Effect.promise(() =>
      Promise.all([
        exportJWK(keys.publicKey),
        token === null ? null : globalThis.crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))
      ]).then(([jwk, hash]) =>
        new SignJWT({
          htm: method,
          htu: url.split(/[?#]/)[0]!,
          jti: globalThis.crypto.randomUUID(),
          ...hash === null ? {} : { ath: base64url.encode(new Uint8Array(hash)) }
        }).setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk }).setIssuedAt(Math.floor(now / 1_000)).sign(
          keys.privateKey
        )
      )
    ))

/** An answer that says no. */
class Turned extends Data.TaggedError("Turned")<{ readonly response: Response; readonly refusal: NodeRefused }> {}

/** Says something to a door of the node, with a proof of these keys where it wants one. */
export const ask = Effect.fnUntraced(function*<A, I>(
  origin: string,
  path: string,
  body: object,
  answer: Schema.Schema<A, I>,
  keys?: GenerateKeyPairResult
) {
  const url = `${origin}/api/v1${path}`
  const dpop = keys === undefined ? {} : { dpop: yield* proof(keys, { method: "POST", url }, null) }
  const response = yield* Effect.tryPromise({
    try: (signal) =>
      fetch(url, {
        method: "POST",
        signal,
        headers: { "content-type": "application/json", ...dpop },
        body: JSON.stringify(body)
      }),
    catch: () => away(origin)
  })
  const json = Effect.tryPromise({ try: () => response.json() as Promise<unknown>, catch: () => away(origin) })
  if (!response.ok) return yield* new Turned({ response, refusal: yield* refusalOf(response.status, json) })
  return yield* Effect.mapError(Schema.decodeUnknown(answer)(yield* json), () => away(origin))
})

/** A node says no in words; whatever stands before it may not. */
const refusalOf = (status: number, json: Effect.Effect<unknown, Unavailable>) =>
  Effect.orElseSucceed(
    Effect.flatMap(json, decode),
    () => new NodeRefused({ refusal: status === 429 ? "TooManyRequests" : "NodeAway", reason: "" })
  )

/** What the node refuses is no session, unless it only has no time. */
const noSession = (origin: string) =>
(
  { response: { headers, status } }: Turned
): Effect.Effect<never, NotSignedIn | Unavailable> => {
  if (status !== 429 && status < 500) return new NotSignedIn({ message: "the node does not open a session for this" })
  const seconds = Number(headers.get("retry-after") ?? 1)
  return new Unavailable({ message: `the node at ${origin} is busy`, retryAfterMs: seconds * 1_000 })
}

const answerTo = Effect.fnUntraced(function*(origin: string, signer: Signer, purpose: Purpose, sessionId?: string) {
  const { deviceId, userId } = signer
  const asked = { userId, deviceId, purpose, ...sessionId === undefined ? {} : { sessionId } }
  const { expiresAt, nonce } = yield* ask(origin, "/sign-in/challenge", asked, Challenge)
  // Not the origin it names: a node that hands on another's challenge gets an answer that is of no use there.
  const answer = { userId, deviceId, nonce, expiresAt, origin }
  return { ...answer, signature: base64url.encode(yield* signer.sign(signed(answer))) }
})

const asked = ({ invitation, ...opening }: Opening) => (answer: Answer) =>
  Schema.encodeSync(SignUp)({
    answer,
    ...opening,
    ...invitation === undefined ? {} : { invitation: Redacted.value(invitation) }
  })

const passkeyAsked = (
  origin: string,
  purpose: PasskeyAsked["purpose"],
  current: Effect.Effect<KeptSession, NotSignedIn | Unavailable>
) =>
  Effect.gen(function*() {
    const sessionId = purpose === "sign-in" ? undefined : (yield* current).sessionId
    const asked: PasskeyAsked = { origin, purpose, ...sessionId === undefined ? {} : { sessionId } }
    return yield* ask(origin, "/sign-in/passkey/challenge", asked, PasskeyChallenge)
  }).pipe(Effect.catchTag("Turned", ({ refusal }) => refusal))

const carrying = (request: Carrying, { accessToken, keys }: KeptSession) =>
  Effect.map(
    request.isProven === true ? Effect.succeed(null) : proof(keys, request, accessToken),
    (dpop): ReadonlyArray<[string, string]> => [
      ["authorization", `DPoP ${accessToken}`],
      ...dpop === null ? [] : [["dpop", dpop] as [string, string]]
    ]
  )

const make = Effect.fnUntraced(function*(origin: string) {
  const keeper = yield* SessionKeeper

  const keep = Effect.fnUntraced(function*({ expiresInMs, ...tokens }: Tokens, keys: GenerateKeyPairResult) {
    const kept: KeptSession = { ...tokens, keys, expiresAt: (yield* Clock.currentTimeMillis) + expiresInMs }
    yield* keeper.save(kept)
    return kept
  })

  const refreshed = (kept: KeptSession) =>
    ask(origin, "/sign-in/refresh", { refreshToken: kept.refreshToken }, Tokens, kept.keys).pipe(
      Effect.catchTag("Turned", noSession(origin)),
      // The same token may be shown again within a grace: an answer that was lost is not the end of the session.
      Effect.retry({ while: (error) => error._tag === "Unavailable", times: 3, schedule: Schedule.spaced("1 second") }),
      Effect.flatMap((tokens) => keep(tokens, kept.keys)),
      Effect.tapErrorTag("NotSignedIn", () => keeper.save(null))
    )

  const looked = Effect.gen(function*() {
    const kept = yield* keeper.load
    if (kept === null) return yield* over()
    return { kept, leftMs: kept.expiresAt - (yield* Clock.currentTimeMillis) }
  })

  /** Whoever waited for their turn looks again: another one, or another tab, has refreshed it meanwhile. */
  const freshened = keeper.alone(Effect.gen(function*() {
    const { kept, leftMs } = yield* looked
    if (leftMs > EarlyMs) return kept
    // A node that is away for a moment does not matter while the token is good.
    return yield* leftMs > 0
      ? Effect.catchTag(refreshed(kept), "Unavailable", () => Effect.succeed(kept))
      : refreshed(kept)
  }))

  const current = Effect.flatMap(looked, ({ kept, leftMs }) => leftMs > EarlyMs ? Effect.succeed(kept) : freshened)

  yield* Effect.forkScoped(Effect.repeat(Effect.ignore(current), Schedule.spaced(LookEvery)))

  /** A session with keys of its own, by what is said at a door. */
  const opened = <E>(path: string, body: Effect.Effect<object, E>) =>
    keeper.alone(Effect.gen(function*() {
      const keys = yield* Effect.promise(() => generateKeyPair("ES256", { extractable: false }))
      return yield* keep(yield* ask(origin, path, yield* body, Tokens, keys), keys)
    }))

  return NodeSession.of({
    origin,
    current,
    signUp: (signer, opening) =>
      opened("/sign-up", Effect.map(answerTo(origin, signer, "sign-up"), asked(opening))).pipe(
        Effect.catchTag("Turned", ({ refusal }) => refusal)
      ),
    signIn: (signer) =>
      Effect.catchTag(opened("/sign-in/token", answerTo(origin, signer, "sign-in")), "Turned", noSession(origin)),
    askPasskey: (purpose) => passkeyAsked(origin, purpose, current),
    signInByPasskey: (answer) =>
      Effect.catchTag(opened("/sign-in/passkey", Effect.succeed(answer)), "Turned", noSession(origin)),
    headers: (request) =>
      Effect.flatMap(current, (kept) => carrying(request, kept)).pipe(
        Effect.catchTag("NotSignedIn", () => Effect.succeed([]))
      ),
    confirm: (signer) =>
      current.pipe(
        Effect.flatMap(({ sessionId }) => answerTo(origin, signer, "step-up", sessionId)),
        Effect.catchTag("Turned", noSession(origin))
      ),
    // Not in the middle of a refresh, which would keep what it got.
    forget: keeper.alone(keeper.save(null))
  })
})
