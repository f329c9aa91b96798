/** Hands an audit bundle to the node's operator: `GET /api/v1/audit/export?from=&to=&stream=&sealed=`. */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { AuditLog } from "@vivim/audit/AuditLog"
import * as Bundle from "@vivim/audit/Bundle"
import type { EventStore } from "@vivim/event-store/EventStore"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { authenticated } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"
import { version } from "./Version.ts"

class BadRequest extends Data.TaggedError("BadRequest")<{ readonly message: string }> {}

const positionIn = (asked: URLSearchParams, name: "from" | "to") => {
  const text = asked.get(name)
  if (text === null) return Effect.succeed({})
  const position = Number(text)
  return /^[1-9]\d*$/.test(text) && Number.isSafeInteger(position)
    ? Effect.succeed({ [name]: position })
    : new BadRequest({ message: `${name} is to be a position of the log, a number from 1` })
}

const selectionOf = (asked: URLSearchParams) =>
  Effect.gen(function*() {
    const stream = asked.get("stream")
    const selection: Bundle.Selection = {
      ...yield* positionIn(asked, "from"),
      ...yield* positionIn(asked, "to"),
      ...stream === null ? {} : { stream },
      sealed: asked.get("sealed") === "true"
    }
    if ((selection.from ?? 1) > (selection.to ?? Infinity)) {
      return yield* new BadRequest({ message: "from lies behind to" })
    }
    return selection
  })

const serve = Effect.gen(function*() {
  const ground = yield* Effect.context<AuditLog | EventStore>()
  const { url } = yield* HttpServerRequest.HttpServerRequest
  const text = yield* Bundle.make(yield* selectionOf(new URL(url, "http://node").searchParams), `VIVIM ${version}`)
  return HttpServerResponse.stream(
    text.pipe(
      Stream.encodeText,
      // The answer has begun: all that is left is to end it early; a bundle without its end is none.
      Stream.tapErrorCause((cause) => Effect.logError("an audit bundle could not be finished", cause)),
      Stream.provideContext(ground)
    ),
    {
      contentType: "text/plain; charset=utf-8",
      headers: { "cache-control": "no-store", "content-disposition": "attachment; filename=\"vivim.audit\"" }
    }
  )
})

export const layer = HttpLayerRouter.add(
  "GET",
  "/api/v1/audit/export",
  Http.refusing(authenticated("operator", serve))
)
