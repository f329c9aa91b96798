/** A real node in a process of its own, as a user starts it, and its command line: for tests that must not know the inside. */
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as net from "node:net"
import * as os from "node:os"
import * as path from "node:path"
import { ensureBuilt } from "../../infra/build.ts"
import { atExit } from "./AtExit.ts"

export interface NodeProcess {
  readonly origin: string
  readonly dataDir: string
  readonly token: () => string
  /** Everything the process wrote so far. */
  readonly output: () => string
  /** Milliseconds from the start to the first good answer of `/readyz`. */
  readonly readyMs: number
  readonly pid: number
  /** SIGKILL, and wait until it is gone; its database server may outlive it. */
  readonly kill: () => Promise<void>
  /** Asked to end, as Ctrl-C does; answers the exit code. */
  readonly stop: () => Promise<number | null>
  /** The same node again, on the same data and port. */
  readonly again: () => Promise<NodeProcess>
  /** Runs the command line against this node. */
  readonly vivim: (...args: ReadonlyArray<string>) => Promise<Ran>
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Start {
  readonly dataDir?: string
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A node that counts no test's knocks and calls as too many. */
export const oftenAsked: Readonly<Record<string, string>> = Object.fromEntries(
  ["CHALLENGE", "TOKEN", "REFRESH", "SIGN_UP", "EXPORT", "DEFAULT"].map((
    kind
  ) => [`VIVIM_LIMIT_${kind}_BURST`, "10000"])
)

/** A folder that is gone when the process of the tests is. */
export const temporary = (name: string): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), `vivim-${name}-`))
  atExit(() => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })

const ended = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once("exit", (code) => resolve(code)))

/** Runs a program to its end; whatever the surroundings set for VIVIM does not reach it. */
export const run = async (
  program: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
): Promise<Ran> => {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...clean(), ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const said = { stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => said.stdout += chunk)
  child.stderr.on("data", (chunk) => said.stderr += chunk)
  return { code: await ended(child), ...said }
}

const clean = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VIVIM_")))

/** Starts a node and waits until it is ready; fails with what it wrote when it ends before. */
export const startNode = async (options: Start = {}): Promise<NodeProcess> => {
  const { node, vivim } = await ensureBuilt()
  const dataDir = options.dataDir ?? path.join(temporary("node"), "data")
  const port = options.port ?? await freePort()
  const env = { ...options.env, VIVIM_DATA_DIR: dataDir, VIVIM_PORT: String(port) }
  const origin = `http://127.0.0.1:${port}`
  const since = performance.now()
  const child = spawn(process.execPath, [node], { env: { ...clean(), ...env }, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (chunk) => output += chunk)
  child.stderr.on("data", (chunk) => output += chunk)
  child.once("exit", atExit(() => child.kill("SIGKILL")))
  await ready(origin, child, () => output)
  const readyMs = performance.now() - since
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended(child)
  }
  return {
    origin,
    dataDir,
    readyMs,
    pid: child.pid!,
    output: () => output,
    token: () => fs.readFileSync(path.join(options.env?.["VIVIM_KEYS_DIR"] ?? dataDir, "session.token"), "utf8").trim(),
    kill: async () => void await end("SIGKILL"),
    stop: () => end("SIGINT"),
    again: () => startNode({ ...options, dataDir, port }),
    vivim: (...args) => run(vivim, args, env)
  }
}

/** Asks until the node says it can serve. */
const ready = async (origin: string, child: ChildProcess, output: () => string): Promise<void> => {
  const until = performance.now() + 90_000
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the node ended with ${child.exitCode}:\n${output()}`)
    }
    if (performance.now() > until) throw new Error(`the node is not ready after 90 s:\n${output()}`)
    const answer = await fetch(`${origin}/readyz`).catch(() => null)
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Asks again until the answer is as wished. */
export const until = async <A>(ask: () => Promise<A>, wished: (answer: A) => boolean, what: string): Promise<A> => {
  for (let n = 0; n < 600; n++) {
    const answer = await ask()
    if (wished(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`never came to be: ${what}`)
}

/** A call to the node's REST face in the name of its user. */
export const call = async (node: NodeProcess, method: string, at: string, body?: unknown): Promise<any> => {
  const response = await fetch(`${node.origin}/api/v1${at}`, {
    method,
    headers: { authorization: `Bearer ${node.token()}`, "content-type": "application/json" },
    ...body === undefined ? {} : { body: JSON.stringify(body) }
  })
  const text = await response.text()
  return { status: response.status, body: text === "" ? null : JSON.parse(text) }
}
