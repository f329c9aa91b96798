/**
 * Hands users all that is theirs in one file: `GET /api/v1/account/export`. It is made while it is taken; what broke off is asked for anew.
 * Only the user gets it, having shown of late who they are, with the vault unlocked; their security log tells of it.
 */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { CurrentSession } from "@vivim/contract/Session"
import { AccountExported } from "@vivim/event-schemas/session/index"
import * as AccountExport from "@vivim/export/AccountExport"
import { weatherproof } from "@vivim/projection/Doorway"
import { Sessions } from "@vivim/session/Sessions"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { authenticated } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"
import { from } from "./SignInDoor.ts"
import { version } from "./Version.ts"

const serve = Effect.gen(function*() {
  const { sessionId, userId } = yield* CurrentSession
  const ground = yield* Effect.context<AccountExport.Ground>()
  const { bytes, name } = yield* weatherproof(
    "export your account",
    AccountExport.make(userId, `VIVIM ${version}`),
    ["NoSuchUser"]
  )
  const { note } = yield* Sessions
  yield* note(userId, AccountExported({ userId, sessionId, ...yield* from }))
  return HttpServerResponse.stream(
    bytes.pipe(
      // The answer has begun: all that is left is to end it early, and a file without its end is refused wherever it is brought.
      Stream.tapErrorCause((cause) => Effect.logError("an export could not be finished", cause)),
      Stream.provideContext(ground)
    ),
    {
      contentType: "application/zip",
      headers: { "cache-control": "no-store", "content-disposition": `attachment; filename="${name}"` }
    }
  )
})

export const layer = HttpLayerRouter.add(
  "GET",
  "/api/v1/account/export",
  Http.refusing(
    authenticated({ role: "user", stepUp: true, whileSuspended: true, bucket: "export" }, serve)
  )
)
