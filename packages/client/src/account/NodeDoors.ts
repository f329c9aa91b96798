/** The doors of a node that need no session: logs and what is sealed to kits read, operations brought. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { KemKey, Sealed, SignedOperation, type Statement } from "@vivim/contract/IdentityBytes"
import type { Secret } from "@vivim/crypto/CryptoSuite"
import { type ContentHash, Did } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
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

/** What anybody between here and the node may have kept of an earlier answer is not asked for. */
const get = <A, I>(origin: string, path: string, schema: Schema.Schema<A, I>) =>
  ask(
    origin,
    schema,
    HttpClientRequest.get(`${origin}${path}`).pipe(HttpClientRequest.setHeader("cache-control", "no-cache"))
  )

const post = <A, I>(origin: string, path: string, body: object, schema: Schema.Schema<A, I>) =>
  ask(origin, schema, HttpClientRequest.bodyUnsafeJson(HttpClientRequest.post(`${origin}${path}`), body))

const pathOf = (who: string, rest: string) => `/api/v1/identity/${encodeURIComponent(who)}${rest}`

const Log = Schema.Struct({ did: Did, operations: Schema.Array(SignedOperation) })

/** The operations of an account, by its DID or its handle (`@ada`), as the node has them. */
export const log = (origin: string, who: string): Asked<typeof Log.Type> => get(origin, pathOf(who, "/log"), Log)

const KitWrap = Schema.Struct({ generation: Schema.Int, sealed: Sealed })

/** The newest master key, sealed to the account's kit: whoever has only the kit has no session to ask with. Null where there is none. */
export const kitWrap = (origin: string, did: Did): Asked<typeof KitWrap.Type | null> =>
  Effect.catchIf(
    get(origin, pathOf(did, "/kit"), KitWrap),
    (error) => error._tag === "NodeRefused" && error.refusal.startsWith("NoSuch"),
    () => Effect.succeed(null)
  )

const Bytes = Schema.encodeSync(Schema.Uint8ArrayFromBase64Url)
const written = ({ kemKeys, operation }: typeof Statement.Type) => ({
  operation: Bytes(operation),
  kemKeys: kemKeys.map((key) => Bytes(key))
})

/**
 * Brings an operation; one that forks the log is refused with `forked`. `storeKey` opens the vault of an account whose devices are all lost:
 * nothing can be stated in one that is locked.
 */
export const state = (
  origin: string,
  did: Did,
  statement: typeof Statement.Type,
  storeKey?: Secret
): Asked<unknown> =>
  post(
    origin,
    pathOf(did, "/log"),
    {
      ...written(statement),
      ...storeKey === undefined ? {} : { storeKey: Bytes(Redacted.value(storeKey)) }
    },
    Schema.Unknown
  )

/** The key with this hash that things are sealed to a device of the account with. The caller holds it against the hash. */
export const kemKey = (origin: string, did: Did, kem: ContentHash): Asked<Uint8Array> =>
  Effect.scoped(
    HttpClient.get(`${origin}${pathOf(did, `/keys/${kem}`)}`).pipe(
      Effect.flatMap((response) => response.arrayBuffer),
      Effect.flatMap((bytes) => Schema.validate(KemKey)(new Uint8Array(bytes))),
      Effect.mapError(away(origin))
    )
  )
