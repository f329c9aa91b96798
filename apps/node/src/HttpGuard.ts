/**
 * What every answer of the node carries, and which requests are turned away before any door: foreign origins, foreign hosts, bodies too large.
 *
 * W1  A page of another origin cannot use the reader's browser against the node, unless its origin is on the operator's list.
 * W2  No page of the node runs what is not its own: what stands inside a page is named by its hash.
 * W3  A body that says it is too large is refused before it is read; one that lies is cut off.
 */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import type { NodeConfig } from "../../../effect.config.ts"
import * as Http from "./HttpRefusal.ts"

export interface HttpGuardOptions {
  readonly loopbackOnly: boolean
  readonly publicOrigin: string
  /** Other origins whose pages may use the node. */
  readonly origins: ReadonlyArray<string>
  readonly bodyBytesMax: number
}

const isLoopback = (host: string) => host === "localhost" || host === "::1" || host.startsWith("127.")

export const optionsOf = ({ door, node }: NodeConfig): HttpGuardOptions => ({
  loopbackOnly: isLoopback(node.host),
  publicOrigin: node.publicOrigin,
  origins: door.origins.split(",").filter((origin) => origin !== ""),
  bodyBytesMax: door.bodyBytesMax
})

/** Nothing is loaded from elsewhere and nothing runs that is not ours; pictures may come from memory. */
const policy = (scripts: string, styles: string) =>
  [
    "default-src 'none'",
    `script-src ${scripts}`,
    `style-src ${styles}`,
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'"
  ].join("; ")

const own = policy("'self'", "'self'")

const hashes = (html: string, element: "script" | "style") =>
  [...html.matchAll(new RegExp(`<${element}[^>]*>([\\s\\S]*?)</${element}>`, "g"))]
    .map(([, text]) => `'sha256-${createHash("sha256").update(text!).digest("base64")}'`).join(" ")

/** The page that describes the REST face brings its script and style inside itself: they are named by their hashes, found out once. */
const docsPolicies = new Map<string, string>()
const docsPolicy = (response: HttpServerResponse.HttpServerResponse): string => {
  if (response.body._tag !== "Uint8Array") return own
  const html = new TextDecoder().decode(response.body.body)
  const digest = createHash("sha256").update(html).digest("base64")
  const known = docsPolicies.get(digest) ?? policy(hashes(html, "script"), hashes(html, "style"))
  docsPolicies.set(digest, known)
  return known
}

const headersFor = (
  url: string,
  response: HttpServerResponse.HttpServerResponse,
  { publicOrigin }: HttpGuardOptions
) => ({
  "content-security-policy": url.startsWith("/api/docs") ? docsPolicy(response) : own,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  ...publicOrigin.startsWith("https:") ? { "strict-transport-security": "max-age=31536000" } : {}
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
const isForeign = (headers: Readonly<Record<string, string | undefined>>, options: HttpGuardOptions) => {
  const host = headers["host"] ?? ""
  const origin = hostOf(headers["origin"])
  const isOurs = !options.loopbackOnly || loopback.test(host) || host === hostOf(options.publicOrigin || undefined)
  return !isOurs || (origin !== null && origin !== host && !isListed(headers["origin"], options))
}

const isListed = (origin: string | undefined, { origins }: HttpGuardOptions): origin is string =>
  origin !== undefined && origins.includes(origin)

/** What a page of a listed origin may do (Fetch, 3.2). Credentials a browser sends by itself there are none. */
const allowing = (origin: string) => ({
  "access-control-allow-origin": origin,
  "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers": "authorization, content-type, dpop, idempotency-key",
  "access-control-expose-headers": "retry-after",
  "access-control-max-age": "600",
  "cross-origin-resource-policy": "cross-origin",
  vary: "origin"
})

/** Files come in by doors of their own, which count what they take. */
const isUpload = (method: string, url: string) => method === "POST" && /^\/api\/v1\/(imports|content)(\?|$)/.test(url)

export const layer = (options: HttpGuardOptions) =>
  HttpLayerRouter.middleware(
    (answer) =>
      Effect.gen(function*() {
        const request = yield* HttpServerRequest.HttpServerRequest
        const { headers, method, url } = request
        if (isForeign(headers, options)) {
          return HttpServerResponse.text("This node answers only under its own address.", { status: 403 })
        }
        const { origin } = headers
        const isAsked = method === "OPTIONS" && headers["access-control-request-method"] !== undefined
        const response = isAsked && isListed(origin, options)
          ? HttpServerResponse.empty({ status: 204 })
          : yield* isUpload(method, url) ? answer : Http.small(options.bodyBytesMax)(answer)
        return HttpServerResponse.setHeaders(response, {
          ...headersFor(url, response, options),
          ...isListed(origin, options) && hostOf(origin) !== headers["host"] ? allowing(origin) : {}
        })
      }),
    { global: true }
  )
