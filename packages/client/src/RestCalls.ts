/**
 * Calls of the contract over HTTP, one request each, in the name of a session: for whoever makes few of them, or has no line to the node yet.
 * Address, question, answer and refusals are the contract's own; nothing is said of a call here.
 *
 * E1  A call answers, and refuses, as it does over the line; of a watch the present answer comes, and it ends.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcClient from "@effect/rpc/RpcClient"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as RpcSchema from "@effect/rpc/RpcSchema"
import { RestRoute } from "@vivim/contract/Call"
import { Unavailable } from "@vivim/contract/Refusal"
import { Turned } from "@vivim/contract/Session"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { NodeSession } from "./NodeSession.ts"

type AnySchema = Schema.Schema<any, any>

const away = (origin: string) => () =>
  new Unavailable({ message: `the node at ${origin} does not answer`, retryAfterMs: 1_000 })

/** Fields named in the path are written there; all others go into the body. */
const written = (path: string, fields: Readonly<Record<string, unknown>>) => {
  const rest = { ...fields }
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = String(rest[name])
    delete rest[name]
    return encodeURIComponent(value)
  })
  return { path: filled, rest }
}

interface Asking {
  readonly rpc: Rpc.AnyWithProps
  readonly origin: string
  readonly session: NodeSession["Type"]
  readonly client: HttpClient.HttpClient
}

const ask = ({ client, origin, rpc, session }: Asking, payload: unknown): Effect.Effect<unknown, unknown> =>
  Effect.gen(function*() {
    const stream = RpcSchema.getStreamSchemas(rpc.successSchema.ast)
    const success = Option.match(stream, { onNone: () => rpc.successSchema, onSome: ({ success }) => success })
    const refusals = Option.match(stream, { onNone: () => rpc.errorSchema, onSome: ({ failure }) => failure })
    const { method, path } = Context.get(rpc.annotations as Context.Context<RestRoute>, RestRoute)
    const fields = yield* Effect.orDie(Schema.encodeUnknown(rpc.payloadSchema as unknown as AnySchema)(payload))
    const { path: filled, rest } = written(path, fields)
    const url = `${origin}/api/v1${filled}`
    const headers = yield* session.headers({ method, url })
    const request = HttpClientRequest.make(method)(url).pipe(HttpClientRequest.setHeaders(headers))
    const response = yield* client.execute(
      method === "GET" ? request : HttpClientRequest.bodyUnsafeJson(request, rest)
    ).pipe(Effect.mapError(away(origin)))
    const json = yield* Effect.mapError(response.json, away(origin))
    const read = <A, I>(schema: Schema.Schema<A, I>) =>
      Effect.mapError(Schema.decodeUnknown(schema)(json), away(origin))
    if (response.status < 300) return yield* read(success as AnySchema)
    return yield* Effect.flatMap(
      read(Schema.Union(Turned, refusals as AnySchema) as unknown as AnySchema),
      Effect.fail
    )
  }).pipe(Effect.scoped) as Effect.Effect<unknown, unknown>

const call = (asking: Asking) => (payload: unknown) => {
  const answer = ask(asking, payload)
  return RpcSchema.isStreamSchema(asking.rpc.successSchema) ? Stream.fromEffect(answer) : answer
}

/** The calls of a group, in the name of the session. */
export const make = <R extends Rpc.Any>(
  group: RpcGroup.RpcGroup<R>
): Effect.Effect<RpcClient.RpcClient<R>, never, HttpClient.HttpClient | NodeSession> =>
  Effect.gen(function*() {
    const session = yield* NodeSession
    const client = yield* HttpClient.HttpClient
    const { origin } = session
    return Object.fromEntries(
      [...group.requests.values()].map((rpc) => [
        rpc._tag,
        call({ rpc: rpc as unknown as Rpc.AnyWithProps, origin, session, client })
      ])
    ) as unknown as RpcClient.RpcClient<R>
  })
