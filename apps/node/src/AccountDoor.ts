/** Opens further accounts on a local development node: `PUT /api/v1/local/accounts/<handle>`. Part of the local session. */
import * as Headers from "@effect/platform/Headers"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { CurrentSession } from "@vivim/contract/Session"
import { Handle } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { authenticated } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"
import { LocalSession } from "./LocalSession.ts"

const open = Effect.gen(function*() {
  const { ensureAccount } = yield* LocalSession
  const { runsNode } = yield* CurrentSession
  if (!runsNode) return Http.refuse(403, "NotAllowed", "This is for whoever runs the node.")
  const { handle } = yield* HttpLayerRouter.params
  const asked = Schema.decodeUnknownOption(Handle)(handle)
  if (Option.isNone(asked)) {
    return Http.refuse(
      400,
      "BadHandle",
      "A handle is 1 to 40 lower-case letters, digits, dots, dashes or underscores, beginning with a letter."
    )
  }
  const { isNew, session } = yield* ensureAccount(asked.value)
  return HttpServerResponse.unsafeJson({ handle: asked.value, userId: session.userId }, { status: isNew ? 201 : 200 })
})

/** The account that `vivim-as` names may be the very one that is to be opened: whoever runs the node asks as themselves. */
const asRunner = <A, E, R>(work: Effect.Effect<A, E, R>) =>
  Effect.updateService(
    work,
    HttpServerRequest.HttpServerRequest,
    (request) => request.modify({ headers: Headers.remove(request.headers, "vivim-as") })
  )

export const layer = HttpLayerRouter.add(
  "PUT",
  "/api/v1/local/accounts/:handle",
  Http.refusing(asRunner(authenticated("operator", open)))
)
