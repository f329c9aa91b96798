/**
 * Where operations of an account's log come in from those who have no session, as nobody has when all devices are lost:
 * `POST /api/v1/identity/{did}/log`. One is taken from whoever brings it: it speaks for itself.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as ActorHost from "@vivim/actor/ActorHost"
import { Statement } from "@vivim/contract/IdentityBytes"
import { UserAddress } from "@vivim/contract/User"
import { Secret32 } from "@vivim/contract/Vault"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import { CommandId, Did } from "@vivim/event-schemas/ids"
import { Views } from "@vivim/projection/Views"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Http from "./HttpRefusal.ts"
import { knock } from "./Knock.ts"

/** `storeKey`: for an account whose vault is locked, as it is when all its devices are lost. */
const Brought = Schema.Struct({
  commandId: Schema.optionalWith(CommandId, { exact: true }),
  storeKey: Schema.optionalWith(Secret32, { exact: true }),
  ...Statement.fields
})

const badRequest = (error: { readonly message: string }) =>
  Effect.succeed(Http.refuse(400, "BadRequest", error.message))

const statusOf = (tag: string) =>
  tag === "Unavailable" ? 503 : tag === "LimitExceeded" ? 413 : tag.startsWith("NoSuch") ? 404 : 409

/** A refusal of an actor, with all it says. */
const refusal = (error: { readonly _tag: string }) =>
  HttpServerResponse.unsafeJson(JSON.parse(JSON.stringify(error)), { status: statusOf(error._tag) })

/** Answers when the views show it: whoever asked will look there next. */
const shown = (answer: { readonly position: number }, status: number) =>
  Effect.flatMap(Views, (views) => views.waitFor(answer.position)).pipe(
    // It happened all the same; a view that stands still is told where views are told of.
    Effect.catchTag("ViewStopped", () => Effect.void),
    Effect.as(HttpServerResponse.unsafeJson(JSON.parse(JSON.stringify(answer)), { status }))
  )

/** Whoever has the store key may open the vault: it is all there is to show. */
const unlocked = (userId: Did, storeKey: typeof Secret32.Type) =>
  Effect.flatMap(KeyVault, (vault) => vault.state(userId) === "locked" ? vault.unlock(userId, storeKey) : Effect.void)

const bring = Effect.gen(function*() {
  yield* knock("default")
  const { did } = yield* HttpLayerRouter.params
  const userId = yield* Schema.decodeUnknown(Did)(did)
  const { commandId, storeKey, ...statement } = yield* HttpServerRequest.schemaBodyJson(Brought)
  if (storeKey !== undefined) yield* unlocked(userId, storeKey)
  const ask = yield* ActorHost.client(UserAddress)
  const stated = yield* ask(
    "StateOperation",
    { commandId: commandId ?? (yield* CommandIds.next), userId, ...statement },
    { by: userId, device: null }
  )
  return yield* shown(stated, stated.outcome === "forked" ? 409 : 200)
})

/** What the actors refuse is told as it is; what cannot be read is the caller's mistake. */
const told = <R>(work: Effect.Effect<HttpServerResponse.HttpServerResponse, any, R>) =>
  Effect.catchAll(work, (error) =>
    ["ParseError", "RequestError"].includes(error._tag)
      ? badRequest(error)
      : ["NotSignedIn", "NotAllowed", "TooManyRequests"].includes(error._tag)
      ? Effect.fail(error)
      : Effect.succeed(refusal(error)))

export const layer = Layer.unwrapEffect(
  Effect.map(Effect.context<KeyVault | Sharding.Sharding | Views>(), (ground) =>
    HttpLayerRouter.add(
      "POST",
      "/api/v1/identity/:did/log",
      Http.refusing(Effect.zipRight(knock("token"), told(Effect.provide(bring, ground))))
    ))
)
