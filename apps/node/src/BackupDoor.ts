/** Hands a backup to the node's operator: `GET /api/v1/backup`. */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as SqlClient from "@effect/sql/SqlClient"
import type { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Backup from "./Backup.ts"
import type { Folders } from "./Folders.ts"
import { authenticated } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"

const serve = (at: Folders) =>
  Effect.gen(function*() {
    const ground = yield* Effect.context<EventStore | PayloadCipher | SqlClient.SqlClient>()
    const bytes = yield* Backup.make(at)
    return HttpServerResponse.stream(
      bytes.pipe(
        // The answer has begun: all that is left is to end it early, which whoever takes it notices.
        Stream.tapErrorCause((cause) => Effect.logError("a backup could not be finished", cause)),
        Stream.provideContext(ground)
      ),
      {
        contentType: "application/octet-stream",
        headers: { "cache-control": "no-store", "content-disposition": "attachment; filename=\"vivim.backup\"" }
      }
    )
  })

export const layer = (at: Folders) =>
  HttpLayerRouter.add(
    "GET",
    "/api/v1/backup",
    Http.refusing(authenticated({ role: "operator", stepUp: true }, serve(at)))
  )
