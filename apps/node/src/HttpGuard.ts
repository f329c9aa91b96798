/** What every answer of the node carries, and which requests are turned away before any door: foreign origins, foreign hosts. */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as PeerAddress from "./PeerAddress.ts"

/** Nothing is loaded from elsewhere and nothing runs that is not ours; pictures may come from memory. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'"
].join("; ")

/** The page that describes the REST face brings its script and style inside itself. */
const docsPolicy =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; frame-ancestors 'none'"

const headersFor = (url: string) => ({
  "content-security-policy": url.startsWith("/api/docs") ? docsPolicy : policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()"
})

const hostOf = (url: string | undefined) => {
  try {
    return url === undefined ? null : new URL(url).host
  } catch {
    return ""
  }
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/

/**
 * A page of another origin cannot use the reader's browser against the node: its `Origin` is not our `Host`.
 * While only the loopback is listened on, a foreign name that resolves to it (DNS rebinding) is turned away too.
 */
const isForeign = (headers: Readonly<Record<string, string | undefined>>, loopbackOnly: boolean) => {
  const host = headers["host"] ?? ""
  const origin = hostOf(headers["origin"])
  return (origin !== null && origin !== host) || (loopbackOnly && !loopback.test(host))
}

export const layer = (options: { readonly loopbackOnly: boolean }) =>
  HttpLayerRouter.middleware(
    (answer) =>
      Effect.gen(function*() {
        const { headers, url } = yield* HttpServerRequest.HttpServerRequest
        if (isForeign(headers, options.loopbackOnly)) {
          return HttpServerResponse.text("This node answers only under its own address.", { status: 403 })
        }
        return HttpServerResponse.setHeaders(yield* PeerAddress.mark(answer), headersFor(url))
      }),
    { global: true }
  )
