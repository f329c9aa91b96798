/** Hands out the built web client: hashed files for ever, the page itself always fresh, unknown paths as the page. */
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { gzipSync } from "node:zlib"

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".wasm": "application/wasm",
  ".txt": "text/plain; charset=utf-8"
}

interface Asset {
  readonly type: string
  readonly body: Uint8Array
  readonly packed: Uint8Array | null
  readonly cache: string
}

/** Found once by listing the folder: a request only ever names a file that is known, so no path can lead outside. */
const list = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    !fs.existsSync(folder) ? [] : fs.readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => path.join(entry.parentPath, entry.name))
      .map((file) => [`/${path.relative(folder, file).split(path.sep).join("/")}`, file])
  )

const load = (url: string, file: string): Asset => {
  const body = fs.readFileSync(file)
  const type = types[path.extname(file)] ?? "application/octet-stream"
  const text = /text|json|javascript|svg|wasm/.test(type)
  return {
    type,
    body,
    packed: text && body.length > 1_024 ? gzipSync(body, { level: 9 }) : null,
    cache: url.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache"
  }
}

const respond = (asset: Asset, accepts: string) => {
  const packed = asset.packed !== null && /\bgzip\b/.test(accepts)
  return HttpServerResponse.uint8Array(packed ? asset.packed! : asset.body, {
    contentType: asset.type,
    headers: { "cache-control": asset.cache, vary: "accept-encoding", ...packed ? { "content-encoding": "gzip" } : {} }
  })
}

const missing = HttpServerResponse.text(
  "The web client is not built. Run `npm start` once: it builds what is missing.",
  { status: 503 }
)

/** What browsers ask for on pages that name no icon, such as that of the REST face. */
const iconAsked = "/favicon.ico"
const icon = "/icon-180.png"

/** `folder` is the client's `dist`. */
export const layer = (folder: string) =>
  HttpLayerRouter.use((router) => {
    const files = list(folder)
    const loaded = new Map<string, Asset>()
    const find = (url: string): Asset | null => {
      const file = files.get(url)
      if (file === undefined) return null
      const asset = loaded.get(url) ?? load(url, file)
      loaded.set(url, asset)
      return asset
    }
    return router.add(
      "GET",
      "/*",
      Effect.map(HttpServerRequest.HttpServerRequest, ({ headers, url }) => {
        const name = decodePath(url)
        const asset = find(name === iconAsked ? icon : name) ??
          (path.posix.extname(name) === "" ? find("/index.html") : null)
        if (asset !== null) return respond(asset, headers["accept-encoding"] ?? "")
        return files.size === 0 ? missing : HttpServerResponse.text("Not found", { status: 404 })
      })
    )
  })

const decodePath = (url: string) => {
  try {
    return decodeURIComponent(new URL(url, "http://node").pathname)
  } catch {
    return "/?"
  }
}
