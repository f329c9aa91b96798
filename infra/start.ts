/**
 * `npm start`: builds what is missing or stale, says so, and starts the node in this terminal.
 *
 * The node is a process of its own, so that nothing of the build stays in its memory: it gets this terminal, every signal
 * this process gets, and its exit code becomes ours. `npm run dev` starts it from its sources instead, again at every
 * change, beside the web client's development server.
 */
import { type ChildProcess, spawn } from "node:child_process"
import * as path from "node:path"
import { ensureBuilt, viteFolder } from "./build.ts"
import { root } from "./Program.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const
const exitCodeOf = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** The address of the node's doors, for the development server to pass on to. The defaults are those of effect.config.ts. */
const doors = () => `http://${process.env["VIVIM_HOST"] ?? "127.0.0.1"}:${process.env["VIVIM_PORT"] ?? "4100"}`
const paths = ["/rpc", "/api", "/healthz", "/readyz", "/metrics"]

/** The terminal is shared; the fourth line is how the launched node notices that its launcher is gone. */
const launch = (args: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, args, { cwd: process.cwd(), stdio: ["inherit", "inherit", "inherit", "ipc"] })

/** Passes signals on to the child and takes over how it ended. */
const follow = (child: ChildProcess): void => {
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on("exit", (code, signal) => {
    process.exit(code ?? exitCodeOf[signal as keyof typeof exitCodeOf] ?? 1)
  })
}

const launched = ["--import", path.join(import.meta.dirname, "launched.js")]

const start = async (): Promise<void> => {
  const { node } = await ensureBuilt()
  follow(launch([...launched, node, ...process.argv.slice(2)]))
}

interface Vite {
  readonly createServer: (config: object) => Promise<{ listen(): Promise<unknown>; printUrls(): void }>
}

const startWeb = async (): Promise<void> => {
  // By its file: the tools do not lean on Vite, the web client does.
  const { createServer }: Vite = await import(path.join(viteFolder(), "dist", "node", "index.js"))
  const web = path.join(root, "apps", "web")
  const server = await createServer({
    root: web,
    configFile: path.join(web, "vite.config.ts"),
    server: { host: "127.0.0.1", proxy: Object.fromEntries(paths.map((at) => [at, { target: doors(), ws: true }])) }
  })
  await server.listen()
  server.printUrls()
}

const develop = async (): Promise<void> => {
  const tsx = path.join(root, "node_modules", "tsx", "dist", "cli.mjs")
  follow(launch([tsx, "watch", "--clear-screen=false", path.join(root, "apps", "node", "src", "main.ts")]))
  await startWeb()
}

await (process.argv.includes("--dev") ? develop() : start()).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
