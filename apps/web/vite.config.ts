/** How the web client is built: one small shell, each screen in its own chunk, and a service worker that keeps what any screen needs. */
import tailwindcss from "@tailwindcss/vite"
import { defineConfig, type Plugin } from "vite"
import { VitePWA } from "vite-plugin-pwa"
import solid from "vite-plugin-solid"
import { budget } from "./Budget.ts"

/** What the page itself allows, whatever serves it. The node says the same, and that it may not be framed, in a header. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'"
].join("; ")

/** Only in what is built: the development server puts styles into the page itself. */
const contentSecurityPolicy: Plugin = {
  name: "vivim:content-security-policy",
  apply: "build",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: policy }, injectTo: "head-prepend" }
  ]
}

/** KaTeX offers each font in three formats; every browser that can run this client takes the first. */
const onlyWoff2: Plugin = {
  name: "vivim:only-woff2",
  enforce: "pre",
  transform: (code, id) =>
    /katex(\.min)?\.css/i.test(id)
      ? code.replaceAll(/,url\([^)]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)/g, "")
      : undefined
}

/** Chunks by what they are for, so that the service worker can tell what every screen needs from what some messages do. */
const folderOf = (modules: ReadonlyArray<string>): string => {
  if (modules.some((id) => id.includes("/@shikijs/langs/"))) return "assets/languages"
  if (modules.some((id) => id.includes("/@shikijs/") || id.includes("/shiki/"))) return "assets/code"
  if (modules.some((id) => id.includes("/katex/"))) return "assets/formulas"
  return "assets"
}

export default defineConfig({
  plugins: [
    solid(),
    tailwindcss(),
    onlyWoff2,
    contentSecurityPolicy,
    VitePWA({
      registerType: "prompt",
      injectRegister: null,
      includeAssets: ["icon.svg", "icon-180.png", "appearance.js"],
      manifest: {
        name: "VIVIM",
        short_name: "VIVIM",
        description: "A privacy-first home for your AI conversations.",
        id: "/",
        start_url: "/",
        display: "standalone",
        background_color: "#f8f6f0",
        theme_color: "#f8f6f0",
        icons: [
          { src: "/icon.svg", sizes: "any", type: "image/svg+xml", purpose: "any" },
          { src: "/icon-192.png", sizes: "192x192", type: "image/png", purpose: "any" },
          { src: "/icon-512.png", sizes: "512x512", type: "image/png", purpose: "any" },
          { src: "/icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" }
        ],
        shortcuts: [
          { name: "Search", url: "/search" },
          { name: "Import", url: "/import" }
        ]
      },
      workbox: {
        globPatterns: ["index.html", "assets/*.{js,css}"],
        navigateFallback: "/index.html",
        navigateFallbackDenylist: [/^\/rpc/, /^\/api\//, /^\/healthz/, /^\/readyz/, /^\/metrics/],
        cleanupOutdatedCaches: true,
        runtimeCaching: [{
          urlPattern: ({ url, sameOrigin }) =>
            sameOrigin && /^\/assets\/(?:languages|code|formulas)\//.test(url.pathname),
          handler: "CacheFirst",
          options: { cacheName: "lazy", expiration: { maxEntries: 160 }, cacheableResponse: { statuses: [200] } }
        }]
      }
    }),
    budget({
      shellKb: 60,
      screenKb: 60,
      lineKb: 130,
      // What a move, an exchange of keys and a kit have in common with signing in lies in parts of its own, and packs a little worse.
      keysKb: 162,
      // age brings ciphers of its own; loaded by who gives a passphrase, and by nobody else.
      workerKb: 100,
      free: ["assets/languages/", "assets/code/", "assets/formulas/"]
    })
  ],
  // A folder of their own: they are weighed by themselves, and not kept by the service worker before somebody needs one.
  worker: { format: "es", rolldownOptions: { output: { entryFileNames: "assets/workers/[name]-[hash].js" } } },
  build: {
    target: "es2022",
    // Small fonts written into style sheets would need a policy that allows them.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_000,
    // What is preloaded for a dynamic import is the import's own business; the polyfill is for browsers that cannot run this client.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: (chunk) => `${folderOf(chunk.moduleIds)}/[name]-[hash].js`,
        assetFileNames: ({ names }) =>
          names.some((name) => /katex|typesetter/i.test(name))
            ? "assets/formulas/[name]-[hash][extname]"
            : "assets/[name]-[hash][extname]"
      }
    }
  },
  server: {
    proxy: Object.fromEntries(
      ["/rpc", "/api", "/healthz", "/readyz", "/metrics"].map((
        path
      ) => [path, { target: "http://127.0.0.1:4100", ws: path === "/rpc" }])
    )
  }
})
