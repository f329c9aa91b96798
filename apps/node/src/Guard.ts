/**
 * Who may do what: the one place where every call is let in or turned away, be it RPC, REST or one of the plain HTTP doors.
 *
 * G1  A call that does not say what it needs is refused.
 * G2  A call is let in for whom it needs: an account that may act, with the role, having shown who they are of late where it cannot be taken back.
 * G3  Calls are counted by account, device and address, wrong credentials by address; whoever runs the node is not.
 * G4  What is still being answered to a session ends with it, or as soon as its account may no longer ask it.
 * G5  A capability opens what declares itself for it, and nothing else; whoever shows one is counted by address.
 * G6  Whom a provider vouched for does nothing before a second factor where there is one, and changes nothing of whose account it is before a
 *     device or second factor.
 */
import * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as RpcSchema from "@effect/rpc/RpcSchema"
import { contentOf, type Reach, Reachable } from "@vivim/contract/Reachable"
import { AccountNotActive, NotAllowed, NotSignedIn, StepUpNeeded, type TooManyRequests } from "@vivim/contract/Refusal"
import {
  CurrentSession,
  type Need,
  type Needed,
  needOf,
  Needs,
  Session,
  SessionEnd,
  SessionGuard,
  type Turned
} from "@vivim/contract/Session"
import { RateLimit } from "@vivim/rate-limit/RateLimit"
import { Sessions } from "@vivim/session/Sessions"
import { type Stand, Standings } from "@vivim/standing/Standings"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type Asker, Authorities, type Credentials } from "./Authority.ts"
import { CapabilityGuard, isCapability, type Presented, refused } from "./CapabilityGuard.ts"
import { addressOf } from "./ClientAddress.ts"
import { LocalSession } from "./LocalSession.ts"

export interface GuardOptions {
  /** How long somebody who has shown who they are may do what cannot be taken back. */
  readonly stepUpMax: Duration.DurationInput
  /** Proxies of the operator's own before the node. */
  readonly proxies: number
}

export class Guard extends Context.Tag("@vivim/node/Guard")<Guard, {
  readonly options: GuardOptions
  /** Whose call it is, if it may be made. */
  readonly admit: (credentials: Credentials, needs: Needed | undefined) => Effect.Effect<Session, Turned>
  /** The same for who comes with a capability of the owner's. `ip`: the network it came from. */
  readonly lend: (presented: Presented & { readonly ip: string }) => Effect.Effect<Session, Turned>
}>() {}

const holds = (roles: Stand["roles"], role: Need["role"]) =>
  role === "user" || roles.includes(role) || roles.includes("admin")

/** Refuses an account that stands otherwise than a call needs. */
const enough = ({ rests, roles }: Stand, need: Need): Effect.Effect<void, AccountNotActive | NotAllowed> => {
  if (rests !== null && (rests.banned || need.whileSuspended !== true)) {
    return new AccountNotActive({ state: rests.banned ? "banned" : "suspended", until: rests.until })
  }
  if (!holds(roles, need.role)) return new NotAllowed({ message: `this is for the node's ${need.role}` })
  return need.withoutRoles === true && roles.length > 0
    ? new NotAllowed({ message: `give back what you are here first: ${roles.join(", ")}` })
    : Effect.void
}

/** Who was suspended or banned here neither lends nor is lent anything. */
const lending = (
  limit: Context.Tag.Service<RateLimit>,
  standings: Context.Tag.Service<Standings>,
  { admit }: Context.Tag.Service<CapabilityGuard>
) =>
  Effect.fn("Guard.lend")(function*(presented: Presented) {
    yield* limit.pass("default", `address ${presented.ip}`)
    const session = yield* admit(presented)
    const now = yield* Clock.currentTimeMillis
    const rests = [session.userId, session.holder].some((did) => standings.of(did, now).rests !== null)
    return rests ? yield* refused : session
  })

const make = Effect.fnUntraced(function*(options: GuardOptions) {
  const local = yield* LocalSession
  const authorities = yield* Authorities
  const limit = yield* RateLimit
  const standings = yield* Standings
  const capabilities = yield* CapabilityGuard

  const recognise = Effect.fnUntraced(function*(credentials: Credentials) {
    for (const { recognise } of authorities) {
      const asker = yield* recognise(credentials)
      if (asker !== null) return asker
    }
    return yield* new NotSignedIn({
      message:
        "send the node's token as `Authorization: Bearer <token>`, or a session's as `Authorization: DPoP <token>`"
    })
  })

  const count = Effect.fnUntraced(
    function*({ session }: Asker, { address }: Credentials, { bucket = "default" }: Need) {
      yield* limit.pass(bucket, `account ${session.userId}`)
      if (session.device !== null) yield* limit.pass(bucket, `device ${session.device}`)
      if (bucket !== "default") yield* limit.pass(bucket, `address ${address}`)
    }
  )

  /** The asker as they stand here, if that is enough. */
  const judge = Effect.fnUntraced(function*({ session, surety, unproven }: Asker, need: Need) {
    const now = yield* Clock.currentTimeMillis
    const stand = standings.of(session.userId, now)
    yield* enough(stand, need)
    if (unproven !== undefined && (need.proven === true || (unproven.owing && need.unproven !== true))) {
      // It may have been shown in another process.
      const { means, shownAt } = yield* surety
      if (shownAt === null) return yield* new StepUpNeeded({ means, maxAgeMs: Duration.toMillis(options.stepUpMax) })
    }
    if (need.stepUp === true) {
      const { means, shownAt } = yield* surety
      const maxAgeMs = Duration.toMillis(options.stepUpMax)
      if (shownAt === null || shownAt + maxAgeMs < now) return yield* new StepUpNeeded({ means, maxAgeMs })
    }
    const { roles } = stand
    return new Session({ ...session, roles, operator: roles.includes("operator") || roles.includes("admin") })
  })

  return Guard.of({
    options,
    admit: Effect.fn("Guard.admit")(function*(credentials, needs) {
      const runner = yield* local.recognise(credentials)
      if (runner === null) yield* limit.pass("default", `address ${credentials.address}`)
      const asker = runner ?? (yield* recognise(credentials))
      if (needs === undefined) return yield* new NotAllowed({ message: "this call does not say who may make it" })
      // Whoever runs the node holds the file that says so: there is nothing to count, and nobody above to hold them up.
      if (asker.session.runsNode) return asker.session
      const need = needOf(needs)
      yield* count(asker, credentials, need)
      return yield* judge(asker, need)
    }),
    lend: lending(limit, standings, capabilities)
  })
})

export const layer = (
  options: GuardOptions
): Layer.Layer<Guard, never, Authorities | CapabilityGuard | LocalSession | RateLimit | Standings> =>
  Layer.effect(Guard, make(options))

/** What stands on a call about a tag; undefined when nothing does. */
const declared = <I, S>(rpc: { readonly annotations: Context.Context<never> }, tag: Context.Tag<I, S>): S | undefined =>
  Option.getOrUndefined(Context.getOption(rpc.annotations as Context.Context<I>, tag))

/** The guard of every RPC. */
export const rpc: Layer.Layer<SessionGuard, never, Guard> = Layer.effect(
  SessionGuard,
  Effect.map(Guard, ({ admit, lend, options }) =>
    SessionGuard.of(({ clientId, headers, payload, rpc }) =>
      // The socket's own request says where it comes from: what is written into a message could be anything.
      Effect.flatMap(Effect.serviceOption(HttpServerRequest.HttpServerRequest), (request) => {
        const authorization = headers["authorization"]
        const address = Option.match(request, {
          onNone: () => "unknown",
          onSome: (from) => networkOf(from, options.proxies)
        })
        if (isCapability(authorization)) {
          const reach = declared(rpc as never, Reachable)
          const content = reach === undefined ? new Uint8Array() : contentOf(rpc, payload)
          return lend({ authorization, reach, payload, call: rpc._tag, content, ip: address })
        }
        return admit({
          authorization,
          actAs: headers["vivim-as"],
          proof: headers["dpop"],
          method: "GET",
          path: "/rpc",
          socket: clientId,
          address
        }, declared(rpc as never, Needs))
      })
    ))
)

/** Ends the watches of a session with it, or with what its account was let in for. */
export const rpcEnd: Layer.Layer<SessionEnd, never, Sessions | Standings> = Layer.effect(
  SessionEnd,
  Effect.map(
    Effect.all([Sessions, Standings]),
    ([sessions, standings]) =>
      SessionEnd.of(({ next, rpc }) =>
        Effect.flatMap(Effect.serviceOption(CurrentSession), (session) => {
          const { sessionId, userId } = Option.getOrElse(session, () => ({ sessionId: null, userId: null }))
          const needed = declared(rpc as never, Needs)
          if (
            sessionId === null || userId === null || needed === undefined ||
            !RpcSchema.isStreamSchema(rpc.successSchema)
          ) {
            return next
          }
          const over = Effect.zipRight(
            sessions.ended(sessionId),
            Effect.fail(new NotSignedIn({ message: "the session is over" }))
          )
          const fallen = Stream.runForEach(standings.watch(userId), (stand) => enough(stand, needOf(needed)))
          return Effect.raceFirst(next, Effect.raceFirst(over, Effect.zipRight(fallen, Effect.never)))
        })
      )
  )
)

const networkOf = (request: HttpServerRequest.HttpServerRequest, proxies: number) =>
  addressOf({ headers: request.headers, remoteAddress: Option.getOrUndefined(request.remoteAddress) }, proxies)

/** The network the request of this HTTP door comes from. */
export const address = Effect.gen(function*() {
  const { options } = yield* Guard
  return networkOf(yield* HttpServerRequest.HttpServerRequest, options.proxies)
})

/** What came with a request of a plain HTTP door. */
const credentials = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  return {
    authorization: request.headers["authorization"],
    actAs: request.headers["vivim-as"],
    proof: request.headers["dpop"],
    method: request.method,
    path: request.originalUrl.split("?")[0]!,
    socket: null,
    address: yield* address
  } satisfies Credentials
})

/** Tells a client how long to wait in the words of HTTP as well (RFC 9110, 10.2.3). */
export const retryAfter = ({ retryAfterMs }: TooManyRequests) =>
  HttpApp.appendPreResponseHandler((_, response) =>
    Effect.succeed(HttpServerResponse.setHeader(response, "retry-after", String(Math.ceil(retryAfterMs / 1_000))))
  )

/** By which capability a plain HTTP door opens, and what it is asked. */
interface Lending {
  readonly by: Reach | undefined
  readonly payload: unknown
}

/** Over HTTP a use is bound to the method, the address and the very bytes of the body. */
const lent = (request: HttpServerRequest.HttpServerRequest, authorization: string, lending: Lending | undefined) =>
  Effect.gen(function*() {
    const { lend } = yield* Guard
    const body = lending?.by === undefined || request.method === "GET"
      ? ""
      : yield* Effect.orElseSucceed(request.text, () => "")
    return yield* lend({
      authorization,
      reach: lending?.by,
      payload: lending?.payload,
      call: `${request.method} ${request.originalUrl}`,
      content: new TextEncoder().encode(body),
      ip: yield* address
    })
  })

/** The guard of every plain HTTP door. */
export const authenticated = <A, E, R>(
  needs: Needed | undefined,
  work: Effect.Effect<A, E, R>,
  lending?: Lending
) =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { authorization } = request.headers
    const { admit } = yield* Guard
    const admitted = isCapability(authorization)
      ? lent(request, authorization, lending)
      : admit(yield* credentials, needs)
    const session = yield* Effect.tapErrorTag(admitted, "TooManyRequests", retryAfter)
    return yield* Effect.provideService(work, CurrentSession, session)
  })
