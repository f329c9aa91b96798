/** How the plain HTTP doors say no: the same form as the REST face, a tag and a sentence. */
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DiskFull from "@vivim/contract/DiskFull"
import * as Effect from "effect/Effect"

export const refuse = (status: number, tag: string, message: string) =>
  HttpServerResponse.unsafeJson({ _tag: tag, message }, { status })

const statusOf: Readonly<Record<string, number>> = {
  NotSignedIn: 401,
  NotAllowed: 403,
  VaultLocked: 423,
  Locked: 423,
  UploadTooLarge: 413,
  LimitExceeded: 413,
  BadRequest: 400
}

/** Every failure becomes an answer; what the caller cannot help is logged and called unavailable. */
export const refusing = <R>(
  work: Effect.Effect<HttpServerResponse.HttpServerResponse, { readonly _tag: string; readonly message?: string }, R>
) =>
  Effect.catchAll(work, (error) => {
    const status = statusOf[error._tag]
    if (DiskFull.isDiskFull(error)) return Effect.succeed(refuse(507, "Unavailable", DiskFull.sentence))
    return status === undefined
      ? Effect.as(
        Effect.logWarning("a door failed", error),
        refuse(503, "Unavailable", "The node cannot serve this just now.")
      )
      : Effect.succeed(refuse(status, error._tag, error.message ?? error._tag))
  })
