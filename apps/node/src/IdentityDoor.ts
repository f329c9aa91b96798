/**
 * Shows DID documents and the logs that prove them, to anyone: `/.well-known/did.json`, `GET /api/v1/identity/{did}`, its `/log`, and
 * the keys its devices are linked to by hash. A handle, `@ada`, may stand in place of the DID. A document comes in the kinds DID Core
 * names, can be asked for again cheaply, and is gone when nobody can sign for it.
 */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { NoSuchIdentity } from "@vivim/contract/Identity"
import * as DidDocument from "@vivim/crypto/did/DidDocument"
import * as Operation from "@vivim/crypto/did/Operation"
import * as DidKey from "@vivim/crypto/DidKey"
import { ContentHash, Did } from "@vivim/event-schemas/ids"
import * as IdentityView from "@vivim/user/IdentityView"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"
import * as Http from "./HttpRefusal.ts"
import { knock } from "./Knock.ts"
import { NodeIdentity } from "./NodeIdentity.ts"

const documentKinds = ["application/did+ld+json", "application/did+json", "application/did", "application/json"]

/** The first kind that is accepted; null when none is. A client that says nothing takes anything. */
const accepted = (accept: string | undefined, kinds: ReadonlyArray<string>): string | null => {
  for (const one of (accept ?? "*/*").split(",")) {
    const [kind, ...parameters] = one.split(";").map((part) => part.trim().toLowerCase())
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue
    if (kind === "*/*" || kind === "application/*") return kinds[0]!
    if (kind !== undefined && kinds.includes(kind)) return kind
  }
  return null
}

/** Answers with JSON that may be kept for a while, and is not sent again to who has it. */
const show = (json: unknown, kinds: ReadonlyArray<string>, maxAge: number) =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) => {
    const kind = accepted(headers["accept"], kinds)
    if (kind === null) return Http.refuse(406, "NotAcceptable", `This is to be had as ${kinds.join(", ")}.`)
    const body = new TextEncoder().encode(JSON.stringify(json))
    const etag = `"${createHash("sha256").update(kind).update(body).digest("base64url").slice(0, 22)}"`
    const kept = { etag, "cache-control": `public, max-age=${maxAge}`, vary: "accept" }
    return headers["if-none-match"]?.split(",").some((one) => one.trim() === etag) === true
      ? HttpServerResponse.empty({ status: 304, headers: kept })
      : HttpServerResponse.uint8Array(body, { contentType: kind, headers: kept })
  })

const unknown = Http.refuse(404, "NoSuchIdentity", "There is no such identity on this node.")
const gone = Http.refuse(410, "IdentityGone", "Nobody can sign for this identity any more.")

/** The DID in the path, or the one of the account the handle in it (`@ada`) belongs to; null when it is neither. */
const asked = Effect.flatMap(HttpLayerRouter.params, ({ did }) =>
  did?.startsWith("@") === true
    ? IdentityView.didOf(did.slice(1))
    : Effect.orElseSucceed(Schema.decodeUnknown(Did)(did), () => null))

/** What is read of an account, or the answer that there is nothing to read. */
const present = <A, E, R>(did: Did, read: Effect.Effect<A, NoSuchIdentity | E, R>) =>
  Effect.catchIf(
    read,
    (error): error is NoSuchIdentity => error instanceof NoSuchIdentity,
    () => Effect.map(IdentityView.hasLeft(did), (left) => left ? gone : unknown)
  )

const document = Effect.gen(function*() {
  const did = yield* asked
  const { did: self, document, origin } = yield* NodeIdentity
  if (did === null) return unknown
  if (did === self) return yield* show(document, documentKinds, 300)
  const key = Option.getOrNull(DidKey.toEd25519(did))
  if (key !== null) return yield* show(DidDocument.ofKey(did, key), documentKinds, 86_400)
  const newest = yield* present(did, IdentityView.newest(did))
  if (HttpServerResponse.isServerResponse(newest)) return newest
  // It says all of the account, and was judged when it was taken in: nothing is folded for whoever looks.
  const head = newest.operation === null ? null : Operation.decode(newest.operation)
  if (head === null) return unknown
  if (newest.closed) return gone
  const alsoKnownAs = [`acct:${newest.handle}@${new URL(origin).host}`]
  return yield* show(DidDocument.ofAccount({ did, head }, { pds: origin, alsoKnownAs }), documentKinds, 60)
})

/** The operations themselves: whoever has them needs to believe nobody. */
const log = Effect.gen(function*() {
  const did = yield* asked
  const identity = did === null ? unknown : yield* present(did, IdentityView.read(did))
  if (HttpServerResponse.isServerResponse(identity)) return identity
  if (identity.operations.length === 0) return unknown
  const operations = identity.operations.map((operation) => Buffer.from(operation).toString("base64url"))
  return yield* show({ did, operations }, ["application/json"], 60)
})

const kemKey = Effect.gen(function*() {
  const did = yield* asked
  const { kem } = yield* HttpLayerRouter.params
  const hash = Schema.decodeUnknownOption(ContentHash)(kem)
  if (did === null || hash._tag === "None") return unknown
  return yield* IdentityView.kemKey(did, hash.value).pipe(
    Effect.map((key) =>
      HttpServerResponse.uint8Array(key, {
        contentType: "application/octet-stream",
        headers: { "cache-control": "public, max-age=31536000, immutable" }
      })
    ),
    Effect.catchTag("NoSuchIdentity", () => Effect.succeed(unknown))
  )
})

/** What the recovery kit opens: who has only the kit has no session to ask with, and to everybody else it is noise. */
const kit = Effect.gen(function*() {
  const did = yield* asked
  const wrap = did === null ? null : yield* IdentityView.kitWrap(did)
  if (wrap === null) return unknown
  const { generation, sealed } = wrap
  return yield* show({ generation, sealed: Buffer.from(sealed).toString("base64url") }, ["application/json"], 0)
})

const self = Effect.flatMap(NodeIdentity, ({ document }) => show(document, documentKinds, 300))

/** Anybody may ask, and each network so often. */
const counted = <R>(work: Effect.Effect<HttpServerResponse.HttpServerResponse, { readonly _tag: string }, R>) =>
  Http.refusing(Effect.zipRight(knock("default"), work))

export const layer = Layer.mergeAll(
  HttpLayerRouter.add("GET", "/.well-known/did.json", self),
  HttpLayerRouter.add("GET", "/api/v1/identity/:did", counted(document)),
  HttpLayerRouter.add("GET", "/api/v1/identity/:did/log", counted(log)),
  HttpLayerRouter.add("GET", "/api/v1/identity/:did/keys/:kem", counted(kemKey)),
  HttpLayerRouter.add("GET", "/api/v1/identity/:did/kit", counted(kit))
)
