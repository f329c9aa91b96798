/**
 * Hands out kept pictures and files to their owner: `GET /api/v1/content/<hash>`; and to who may read a conversation that holds them:
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
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { authenticated } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"

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

export const layer = HttpLayerRouter.add("GET", "/api/v1/content/:hash", Http.refusing(open))
