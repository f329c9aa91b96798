/**
 * Where a request came from, as this node saw it: laid on every request under a name nobody outside can know, so that neither a
 * request nor a message over an open line can say it in its place.
 */
import * as Headers from "@effect/platform/Headers"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { randomBytes } from "node:crypto"

const name = `vivim-peer-${randomBytes(16).toString("hex")}`

/** Lays the address on the request. */
export const mark = <A, E, R>(answer: Effect.Effect<A, E, R>) =>
  Effect.updateService(answer, HttpServerRequest.HttpServerRequest, (request) =>
    Option.match(request.remoteAddress, {
      onNone: () => request,
      onSome: (address) => request.modify({ headers: Headers.set(request.headers, name, address) })
    }))

/** The address laid on a request or on the line a message came over; null where none was. */
export const of = (headers: Readonly<Record<string, string | undefined>>): string | null => headers[name] ?? null
