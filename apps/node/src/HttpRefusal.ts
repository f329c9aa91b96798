/** How the plain HTTP doors say no: the same form as the REST face, a tag and a sentence. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as DiskFull from "@vivim/contract/DiskFull"
import * as Rest from "@vivim/contract/Rest"
import { Turned } from "@vivim/contract/Session"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

export const refuse = (status: number, tag: string, message: string) =>
  HttpServerResponse.unsafeJson({ _tag: tag, message }, { status })

const encode = Schema.encodeUnknownOption(Turned)

/** What the guard says in full, as in the REST face; of others their name and sentence. */
const told = (error: { readonly _tag: string; readonly message?: string }): object =>
  Option.getOrElse(encode(error), () => ({ _tag: error._tag, message: error.message || error._tag }))

/** As in the REST face, and what only these doors answer. */
const statusOf: Readonly<Record<string, number>> = {
  ...Rest.statusOf,
  Locked: 423,
  UploadTooLarge: 413,
  BadRequest: 400,
  NoSuchProvider: 404,
  IdentityNotLinked: 404,
  HandleTaken: 409,
  HandleReserved: 409,
  OperationRefused: 409,
  UserTaken: 409
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
      : Effect.succeed(HttpServerResponse.unsafeJson(told(error), { status }))
  })

/** Bytes of what somebody shows to be let in: no such answer is long, so nothing an operator has to set. */
export const ShownBytesMax = 16 * 1_024

/** A request whose body says it is longer is refused; one that lies is cut off, and its connection with it. */
export const small = (bytesMax: number) => <E, R>(work: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    Number(headers["content-length"] ?? 0) > bytesMax
      ? Effect.succeed(refuse(413, "LimitExceeded", `A request may be ${bytesMax} bytes long here.`))
      : HttpServerRequest.withMaxBodySize(work, Option.some(bytesMax)))
