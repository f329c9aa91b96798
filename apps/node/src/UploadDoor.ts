/** Takes files in for import: `POST /api/v1/imports?name=<file name>`, the body being the file. Answers 201 with the import's id. */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { CurrentSession } from "@vivim/contract/Session"
import { Imports } from "@vivim/import/Imports"
import * as Effect from "effect/Effect"
import * as Http from "./HttpRefusal.ts"
import { authenticated } from "./LocalSession.ts"

const NameMax = 512

const take = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  const { userId } = yield* CurrentSession
  const imports = yield* Imports
  const name = new URL(request.url, "http://node").searchParams.get("name")?.slice(0, NameMax) || "upload"
  const importId = yield* imports.start({ owner: userId, name, bytes: request.stream })
  return HttpServerResponse.unsafeJson({ importId }, { status: 201 })
})

export const layer = HttpLayerRouter.add("POST", "/api/v1/imports", Http.refusing(authenticated("session", take)))
