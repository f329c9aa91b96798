/** Takes files in for import: `POST /api/v1/imports?name=<file name>`, the body being the file. Answers 201 with the import's id. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { CurrentSession } from "@vivim/contract/Session"
import { Imports } from "@vivim/import/Imports"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { IncomingMessage } from "node:http"
import { authenticated } from "./Guard.ts"
import * as Http from "./HttpRefusal.ts"

const NameMax = 512

/** The upload broke off before the file was whole. */
class UploadBroken extends Data.TaggedError("UploadBroken")<{ readonly cause: unknown }> {}

const take = Effect.fnUntraced(function*(heardOutMax: Duration.DurationInput) {
  const request = yield* HttpServerRequest.HttpServerRequest
  const { userId } = yield* CurrentSession
  const imports = yield* Imports
  const name = new URL(request.url, "http://node").searchParams.get("name")?.slice(0, NameMax) || "upload"
  const incoming = NodeHttpServerRequest.toIncomingMessage(request)
  const bytes = NodeStream.fromReadable<UploadBroken, Uint8Array>(
    () => incoming,
    (cause) => new UploadBroken({ cause }),
    { closeOnDone: false }
  )
  const importId = yield* Effect.onError(
    imports.start({ owner: userId, name, bytes }),
    () => heardOut(incoming, heardOutMax)
  )
  return HttpServerResponse.unsafeJson({ importId }, { status: 201 })
})

/** Whoever is still talking does not hear the answer: what is left of a refused file is read for so long, and forgotten. */
const heardOut = (incoming: IncomingMessage, max: Duration.DurationInput): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (incoming.readableEnded || incoming.destroyed) return resume(Effect.void)
    for (const end of ["end", "close", "error"]) incoming.once(end, () => resume(Effect.void))
    incoming.resume()
  }).pipe(Effect.timeoutOption(max), Effect.asVoid)

export const layer = (heardOutMax: Duration.DurationInput) =>
  HttpLayerRouter.add(
    "POST",
    "/api/v1/imports",
    Http.refusing(authenticated({ role: "user", bucket: "import" }, take(heardOutMax)))
  )
