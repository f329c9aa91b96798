/** The fetch of `openid-client`, through the guard of fetching: what a provider's documents name is what a stranger named. */
import * as SafeFetch from "@vivim/crypto/did/SafeFetch"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { CustomFetch } from "openid-client"

/** Answers that have no body (Fetch, 2.2.6). */
const bodiless = new Set([101, 103, 204, 205, 304])

const responseOf = ({ body, contentType, location, status }: SafeFetch.Answer): Response =>
  new Response(bodiless.has(status) ? null : new Uint8Array(body), {
    status,
    headers: { "content-type": contentType, ...location === null ? {} : { location } }
  })

/** Rejects with `NotFetched` where nothing came. */
export const make = (wire: SafeFetch.Wire, limits: SafeFetch.Limits): CustomFetch => (url, asked) => {
  const { body, headers, method, signal } = asked
  const sent = typeof body === "string" || body instanceof URLSearchParams ? { body: String(body) } : {}
  const answer = SafeFetch.ask(wire, limits, url, { method: method === "POST" ? "POST" : "GET", headers, ...sent })
  return Effect.runPromise(Effect.either(answer), signal === undefined ? {} : { signal }).then((answer) =>
    Either.isRight(answer) ? responseOf(answer.right) : Promise.reject(answer.left)
  )
}
