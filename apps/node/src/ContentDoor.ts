/** Hands out kept pictures and files to their owner: `GET /api/v1/content/<hash>`. */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { ContentStore } from "@vivim/content-store/ContentStore"
import { CurrentSession } from "@vivim/contract/Session"
import { ContentHash } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { authenticated } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"

/** Kinds a browser may show in place; anything else is a download, so that nothing kept can run as a page of this node. */
const shown = /^image\/(png|jpeg|gif|webp|avif|bmp)$/

const serve = Effect.gen(function*() {
  const { hash } = yield* HttpLayerRouter.params
  const { userId } = yield* CurrentSession
  const asked = Schema.decodeUnknownOption(ContentHash)(hash)
  const store = yield* ContentStore
  const found = Option.isNone(asked) ? null : yield* store.get(userId, asked.value)
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

export const layer = HttpLayerRouter.add(
  "GET",
  "/api/v1/content/:hash",
  Http.refusing(authenticated("session", serve))
)
