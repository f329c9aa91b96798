/**
 * Takes files in that a device sealed, or opened again: `POST /api/v1/content?mime=<type>`, the body being the file. Answers 201 with its
 * address. Hands out kept pictures and files to their owner: `GET /api/v1/content/<hash>`; and to who may read a conversation that holds them:
 * `GET /api/v1/content/<hash>?of=<conversation>`.
 */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { ContentStore } from "@vivim/content-store/ContentStore"
import { LentSession } from "@vivim/contract/Capability"
import { ofDocument } from "@vivim/contract/Reachable"
import { CurrentSession, type Session } from "@vivim/contract/Session"
import * as ConversationView from "@vivim/document/ConversationView"
import { inLibrary } from "@vivim/document/LibraryDoor"
import { ContentHash } from "@vivim/event-schemas/ids"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { authenticated } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"

/** The file broke off before it was whole. */
class UploadBroken extends Data.TaggedError("UploadBroken")<{ readonly cause: unknown }> {}

/** Kinds a browser may show in place; anything else is a download, so that nothing kept can run as a page of this node. */
const shown = /^image\/(png|jpeg|gif|webp|avif|bmp)$/

/** By a capability only what a conversation holds that it lets its holder read. */
const mayHave = (session: Session, documentId: string, hash: ContentHash) =>
  session instanceof LentSession
    ? inLibrary(session.userId, (db) => ConversationView.holds(db, documentId, hash))
    : Effect.succeed(true)

const serve = (documentId: string) =>
  Effect.gen(function*() {
    const { hash } = yield* HttpLayerRouter.params
    const session = yield* CurrentSession
    const asked = Schema.decodeUnknownOption(ContentHash)(hash)
    const store = yield* ContentStore
    const found = Option.isSome(asked) && (yield* mayHave(session, documentId, asked.value))
      ? yield* store.get(session.userId, asked.value)
      : null
    if (found === null) return Http.refuse(404, "NoSuchContent", "There is no such content, or it is not yours.")
    return HttpServerResponse.stream(found.bytes, {
      contentType: shown.test(found.ref.mime) ? found.ref.mime : "application/octet-stream",
      contentLength: found.ref.bytes,
      headers: {
        "cache-control": "private, max-age=31536000, immutable",
        "content-disposition": shown.test(found.ref.mime) ? "inline" : "attachment"
      }
    })
  })

const open = Effect.gen(function*() {
  const { url } = yield* HttpServerRequest.HttpServerRequest
  const documentId = new URL(url, "http://node").searchParams.get("of") ?? ""
  return yield* authenticated("session", serve(documentId), {
    by: ofDocument("/content/read"),
    payload: { documentId }
  })
})

/** A media type without parameters. What a browser may show in place is decided when it is handed out. */
const mimeOf = (url: URL) => {
  const mime = url.searchParams.get("mime") ?? ""
  return /^[a-z]+\/[a-z0-9.+-]{1,100}$/.test(mime) ? mime : "application/octet-stream"
}

const take = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  const { userId } = yield* CurrentSession
  const store = yield* ContentStore
  const bytes = Stream.mapError(request.stream, (cause) => new UploadBroken({ cause }))
  const ref = yield* store.putStream(userId, bytes, mimeOf(new URL(request.url, "http://node")))
  return HttpServerResponse.unsafeJson(ref, { status: 201 })
}).pipe(
  Effect.catchTag(
    "ContentTooLarge",
    ({ max }) =>
      Effect.succeed(Http.refuse(413, "LimitExceeded", `The file is larger than the ${max} bytes this node takes.`))
  )
)

export const layer = Layer.mergeAll(
  HttpLayerRouter.add("GET", "/api/v1/content/:hash", Http.refusing(open)),
  HttpLayerRouter.add("POST", "/api/v1/content", Http.refusing(authenticated("session", take)))
)
