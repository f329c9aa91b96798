/** Answers the REST face by the very handlers that answer RPC. */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import { Reachable } from "@vivim/contract/Reachable"
import { calls, RestApi, type RestCall } from "@vivim/contract/Rest"
import { Needs } from "@vivim/contract/Session"
import { Vivim } from "@vivim/contract/Vivim"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { CommandId } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { authenticated, type Guard } from "./Guard.ts"

interface Request {
  readonly path?: object
  readonly urlParams?: object
  readonly payload?: { readonly commandId?: string }
  readonly request: { readonly headers: Readonly<Record<string, string | undefined>> }
}

const isCommandId = Schema.is(CommandId)

/** A command's id comes in the body or as `Idempotency-Key`; without one the call is not safe to repeat. */
const commandIdOf = ({ payload, request }: Request) => {
  const given = payload?.commandId ?? request.headers["idempotency-key"]
  return isCommandId(given) ? Effect.succeed(given) : CommandIds.next
}

/** Progress comes to one answer at its end; a watch answers what is so now. */
const settle = (route: RestCall["route"], answer: unknown): Effect.Effect<unknown, unknown> => {
  if (Effect.isEffect(answer)) return answer as Effect.Effect<unknown, unknown>
  const stream = answer as Stream.Stream<unknown, unknown>
  return Effect.map(route.method === "GET" ? Stream.runHead(stream) : Stream.runLast(stream), Option.getOrNull)
}

const answer =
  ({ route, rpc, tag }: RestCall, handler: (payload: any, options: any) => unknown) => (request: Request) => {
    const given = { ...request.urlParams, ...request.payload, ...request.path }
    return authenticated(
      Option.getOrUndefined(Context.getOption(rpc.annotations as Context.Context<Needs>, Needs)),
      Effect.gen(function*() {
        const isCommand = "commandId" in (rpc.payloadSchema as unknown as { readonly fields: object }).fields
        const payload = isCommand ? { ...given, commandId: yield* commandIdOf(request) } : given
        return yield* settle(route, handler(payload, { clientId: -1, headers: request.request.headers }))
      }),
      {
        by: Option.getOrUndefined(Context.getOption(rpc.annotations as Context.Context<Reachable>, Reachable)),
        payload: given
      }
    ).pipe(Effect.withSpan(`rest.${tag}`))
  }

const handlers = HttpApiBuilder.group(RestApi as any, "vivim" as never, (group: any) =>
  Effect.gen(function*() {
    let handled = group
    for (const call of calls) {
      const handler: any = yield* Vivim.accessHandler(call.tag as never) as any
      handled = handled.handle(call.tag, answer(call, handler))
    }
    return handled
  }) as any)

/** `/api/v1/…`, its description at `/api/openapi.json`, and the same to read and try at `/api/docs`. */
export const layer: Layer.Layer<never, never, HttpLayerRouter.HttpRouter | Guard> = Layer.mergeAll(
  HttpLayerRouter.addHttpApi(RestApi as any, { openapiPath: "/api/openapi.json" }).pipe(Layer.provide(handlers as any)),
  HttpApiSwagger.layerHttpLayerRouter({ api: RestApi, path: "/api/docs" })
) as any
