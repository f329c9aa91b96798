/**
 * Sign-in of a local development node, all of it: one token for whoever runs the node, and the accounts it may act as.
 * The token is made at the first start, told once, and kept in a file only the owner can read. Later sign-in replaces this page.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as ActorHost from "@vivim/actor/ActorHost"
import { contentOf, type Reach, Reachable } from "@vivim/contract/Reachable"
import { NotAllowed, NotSignedIn } from "@vivim/contract/Refusal"
import { CurrentSession, type Needed, Needs, Session, SessionGuard } from "@vivim/contract/Session"
import { UserAddress } from "@vivim/contract/User"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as DidKey from "@vivim/crypto/DidKey"
import { type Did, DisplayName, Handle } from "@vivim/event-schemas/ids"
import { Views } from "@vivim/projection/Views"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { createHash, generateKeyPairSync, randomBytes, timingSafeEqual } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { CapabilityGuard, isCapability } from "./CapabilityGuard.ts"
import type { Folders } from "./Folders.ts"
import * as PeerAddress from "./PeerAddress.ts"

/** What came with a call. */
interface Credentials {
  readonly authorization: string | undefined
  readonly actAs: string | undefined
}

export class LocalSession extends Context.Tag("@vivim/node/LocalSession")<LocalSession, {
  /** Whose call it is, if it may be made at all. */
  readonly authenticate: (
    credentials: Credentials,
    needs: Needed | undefined
  ) => Effect.Effect<Session, NotSignedIn | NotAllowed>
  /** The account with this handle, opened if it is new. */
  readonly ensureAccount: (
    handle: Handle
  ) => Effect.Effect<{ readonly session: Session; readonly isNew: boolean }, NotAllowed>
  /** True when the token was made by this start. */
  readonly isNew: boolean
  readonly token: string
}>() {}

const digest = (text: string) => createHash("sha256").update(text).digest()

/** Writes a file only its owner may read, whole or not at all, unless it is there already. */
const keep = (file: string, content: () => string): { readonly content: string; readonly isNew: boolean } => {
  const kept = () => ({ content: fs.readFileSync(file, "utf8").trim(), isNew: false })
  if (fs.existsSync(file)) return kept()
  const fresh = `${file}.${randomBytes(8).toString("hex")}.new`
  const made = content()
  fs.writeFileSync(fresh, `${made}\n`, { mode: 0o600, flag: "wx", flush: true })
  try {
    // A link is refused where the file is there already: of two processes that begin at once, one makes it for both.
    fs.linkSync(fresh, file)
    return { content: made, isNew: true }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause
    return kept()
  } finally {
    fs.unlinkSync(fresh)
  }
}

/** An account's key pair; its DID is the public half. */
const newKey = () => generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })
const didOf = (jwk: { readonly x?: string }): Did => DidKey.fromEd25519(Buffer.from(jwk.x ?? "", "base64url"))

const fileOf = (at: Folders, handle: string) => path.join(at.accounts, `${handle}.key`)
const sessionOf = (at: Folders, handle: Handle): Session | null => {
  const file = fileOf(at, handle)
  if (!fs.existsSync(file)) return null
  return new Session({ userId: didOf(JSON.parse(fs.readFileSync(file, "utf8"))), handle, device: null, operator: true })
}

/** Opens the account through its actor; that it is open already is just as well. */
const register = Effect.fnUntraced(function*(session: Session) {
  const ask = yield* ActorHost.client(UserAddress)
  const { handle, userId } = session
  yield* ask("RegisterUser", {
    commandId: yield* CommandIds.next,
    userId,
    handle,
    displayName: DisplayName.make(handle)
  }, {
    by: userId,
    device: null
  }).pipe(
    Effect.tap((receipt) => Effect.flatMap(Views, (views) => views.waitFor(receipt.position))),
    // The account is open all the same; a view that stands still is told where views are told of.
    Effect.catchTag("ViewStopped", () => Effect.void),
    // Who has a vault has an account.
    Effect.catchTags({ UserTaken: () => Effect.void, VaultLocked: () => Effect.void }),
    Effect.mapError((error) => new NotAllowed({ message: error.message }))
  )
})

export const layer = (at: Folders, first: string) =>
  Layer.effect(
    LocalSession,
    Effect.gen(function*() {
      const ground = yield* Effect.context<Views | Sharding.Sharding>()
      const one = yield* Effect.makeSemaphore(1)
      const { content: token, isNew } = keep(at.token, () => randomBytes(32).toString("base64url"))
      const expected = digest(token)
      const owner = Handle.make(first)

      const ensureAccount = (handle: Handle) =>
        one.withPermits(1)(Effect.gen(function*() {
          const { isNew } = keep(fileOf(at, handle), () => JSON.stringify(newKey()))
          const session = sessionOf(at, handle)!
          yield* register(session).pipe(Effect.provide(ground))
          return { session, isNew }
        }))
      yield* ensureAccount(owner)

      const asWhom = (actAs: string | undefined) => {
        const handle = Schema.decodeUnknownOption(Handle)(actAs ?? owner)
        const session = Option.isNone(handle) ? null : sessionOf(at, handle.value)
        return session === null
          ? Effect.fail(new NotSignedIn({ message: `there is no account "${actAs}" on this node` }))
          : Effect.succeed(session)
      }

      return LocalSession.of({
        token,
        isNew,
        ensureAccount,
        authenticate: Effect.fn("LocalSession.authenticate")(function*({ actAs, authorization }, needs) {
          const given = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1]
          // Digests have one length, and the comparison takes one time: it tells nothing about where a guess went wrong.
          if (given === undefined || !timingSafeEqual(digest(given), expected)) {
            return yield* new NotSignedIn({ message: "send the node's token as `Authorization: Bearer <token>`" })
          }
          if (needs === undefined) return yield* new NotAllowed({ message: "this call does not say who may make it" })
          const session = yield* asWhom(actAs)
          return needs === "operator" && !session.operator
            ? yield* new NotAllowed({ message: "this is for the node's operator" })
            : session
        })
      })
    })
  )

/** What stands on a call about a tag; undefined when nothing does. */
const declared = <I, S>(annotations: Context.Context<never>, tag: Context.Tag<I, S>): S | undefined =>
  Option.getOrUndefined(Context.getOption(annotations as Context.Context<I>, tag))

/** The guard of every RPC. */
export const guard: Layer.Layer<SessionGuard, never, LocalSession | CapabilityGuard> = Layer.effect(
  SessionGuard,
  Effect.map(
    Effect.all([LocalSession, CapabilityGuard]),
    ([{ authenticate }, { admit }]) =>
      SessionGuard.of(({ headers, payload, rpc }) => {
        const authorization = headers["authorization"]
        if (!isCapability(authorization)) {
          return authenticate({ authorization, actAs: headers["vivim-as"] }, declared(rpc.annotations, Needs))
        }
        const reach = declared(rpc.annotations, Reachable)
        const content = reach === undefined ? new Uint8Array() : contentOf(rpc, payload)
        return admit({ authorization, reach, payload, call: rpc._tag, content, ip: PeerAddress.of(headers) })
      })
  )
)

/** The guard of every plain HTTP door. `reach`: by which capability it opens, and what it is asked. */
export const authenticated = <A, E, R>(
  needs: Needed | undefined,
  work: Effect.Effect<A, E, R>,
  reach?: { readonly by: Reach | undefined; readonly payload: unknown }
) =>
  Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const authorization = request.headers["authorization"]
    const session = isCapability(authorization)
      ? yield* lent(request, authorization, reach)
      : yield* (yield* LocalSession).authenticate({ authorization, actAs: request.headers["vivim-as"] }, needs)
    return yield* Effect.provideService(work, CurrentSession, session)
  })

/** Over HTTP a use is bound to the method, the address and the very bytes of the body. */
const lent = (
  request: HttpServerRequest.HttpServerRequest,
  authorization: string,
  reach: { readonly by: Reach | undefined; readonly payload: unknown } | undefined
) =>
  Effect.gen(function*() {
    const { admit } = yield* CapabilityGuard
    const body = reach?.by === undefined || request.method === "GET"
      ? ""
      : yield* Effect.orElseSucceed(request.text, () => "")
    return yield* admit({
      authorization,
      reach: reach?.by,
      payload: reach?.payload,
      call: `${request.method} ${request.originalUrl}`,
      content: new TextEncoder().encode(body),
      ip: PeerAddress.of(request.headers)
    })
  })
