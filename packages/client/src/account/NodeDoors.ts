/** The doors of a node that need no session: logs read, operations brought. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { KemKey, SignedOperation, type Statement } from "@vivim/contract/IdentityBytes"
import type { ContentHash, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { decode, type NodeRefused } from "../NodeRefused.ts"

/** The node is not to be had, or answers what no node does. */
export class NodeAway extends Schema.TaggedError<NodeAway>()("NodeAway", { message: Schema.String }) {}

type Asked<A> = Effect.Effect<A, NodeRefused | NodeAway, HttpClient.HttpClient>

const away = (origin: string) => () =>
  new NodeAway({ message: `The node at ${origin} cannot be spoken to just now: see that it runs and can be reached.` })

const answer = <A, I>(origin: string, schema: Schema.Schema<A, I>, response: HttpClientResponse.HttpClientResponse) =>
  Effect.gen(function*() {
    const json = yield* response.json
    if (response.status < 300) return yield* Schema.decodeUnknown(schema)(json)
    return yield* Effect.flatMap(decode(json), Effect.fail)
  }).pipe(Effect.catchTags({ ParseError: away(origin), ResponseError: away(origin) }))

const ask = <A, I>(
  origin: string,
  schema: Schema.Schema<A, I>,
  request: HttpClientRequest.HttpClientRequest
): Asked<A> =>
  Effect.scoped(Effect.flatMap(
    Effect.mapError(
      HttpClient.execute(request) as Effect.Effect<
        HttpClientResponse.HttpClientResponse,
        HttpClientError.HttpClientError,
        HttpClient.HttpClient
      >,
      away(origin)
    ),
    (response) => answer(origin, schema, response)
  )) as Asked<A>

const get = <A, I>(origin: string, path: string, schema: Schema.Schema<A, I>) =>
  ask(origin, schema, HttpClientRequest.get(`${origin}${path}`))

const post = <A, I>(origin: string, path: string, body: object, schema: Schema.Schema<A, I>) =>
  ask(origin, schema, HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post(`${origin}${path}`), body))

/** The operations of an account, as the node has them. */
export const log = (origin: string, did: Did): Asked<ReadonlyArray<Uint8Array>> =>
  Effect.map(
    get(
      origin,
      `/api/v1/identity/${encodeURIComponent(did)}/log`,
      Schema.Struct({ operations: Schema.Array(SignedOperation) })
    ),
    ({ operations }) => operations
  )

const Bytes = Schema.encodeSync(Schema.Uint8ArrayFromBase64Url)
const written = ({ kemKeys, operation }: typeof Statement.Type) => ({
  operation: Bytes(operation),
  kemKeys: kemKeys.map((key) => Bytes(key))
})

/** Brings an operation; one that forks the log is refused with `forked`. */
export const state = (origin: string, did: Did, statement: typeof Statement.Type): Asked<unknown> =>
  post(origin, `/api/v1/identity/${encodeURIComponent(did)}/log`, written(statement), Schema.Unknown)

/** The key with this hash that things are sealed to a device of the account with. The caller holds it against the hash. */
export const kemKey = (origin: string, did: Did, kem: ContentHash): Asked<Uint8Array> =>
  Effect.scoped(
    HttpClient.get(`${origin}/api/v1/identity/${encodeURIComponent(did)}/keys/${kem}`).pipe(
      Effect.flatMap((response) => response.arrayBuffer),
      Effect.flatMap((bytes) => Schema.validate(KemKey)(new Uint8Array(bytes))),
      Effect.mapError(away(origin))
    )
  )
