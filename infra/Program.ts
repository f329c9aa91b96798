/** Other programs: how the tools find one on this machine, and run it. */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"

/** The root of the repository. */
export const root = path.resolve(import.meta.dirname, "..")

export interface Ended {
  /** The exit code; 128 + signal number when a signal ended it, 127 when it could not be started. */
  readonly code: number
  /** What it wrote, both streams in the order they came. Empty unless the output was kept. */
  readonly output: string
}

export interface RunOptions {
  /** `keep` gathers the output, `show` lets it through to this terminal. */
  readonly output: "keep" | "show"
  readonly env?: Readonly<Record<string, string>>
  /** Where it runs: the root, unless said otherwise. */
  readonly cwd?: string
  /** Let a shell read the command line: for what stands in package.json's scripts. */
  readonly shell?: boolean
}

/** Tools of the project come first, as npm would have it. */
const pathWithTools = () =>
  [path.join(root, "node_modules", ".bin"), process.env["PATH"] ?? ""].filter((part) => part !== "").join(
    path.delimiter
  )

const signalNumbers: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 }

/** Runs a program to its end. Never rejects: a program that cannot be started has ended with 127. */
export const run = (command: string, args: ReadonlyArray<string>, options: RunOptions): Promise<Ended> =>
  new Promise((resolve) => {
    const chunks: Array<Buffer> = []
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, PATH: pathWithTools(), ...options.env },
      shell: options.shell ?? false,
      stdio: options.output === "show" ? "inherit" : ["ignore", "pipe", "pipe"]
    })
    const end = (code: number) => resolve({ code, output: Buffer.concat(chunks).toString("utf8") })
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk))
    child.on("error", (error) => {
      chunks.push(Buffer.from(`${command}: ${error.message}\n`))
      end(127)
    })
    child.on("close", (code, signal) => end(code ?? 128 + (signalNumbers[signal ?? ""] ?? 0)))
  })

const isExecutable = (file: string): boolean => {
  try {
    fs.accessSync(file, fs.constants.X_OK)
    return fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/** The first of these files that can be executed. */
export const firstExecutable = (files: ReadonlyArray<string>): string | undefined => files.find(isExecutable)

/** Where a program of this name may lie: one candidate for each folder of PATH. */
export const inPath = (name: string): ReadonlyArray<string> => {
  const file = process.platform === "win32" ? `${name}.exe` : name
  return (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "")
    .map((folder) => path.join(folder, file))
}

/** Debian and its children let root install what the tests need. */
export const canInstall = (): boolean =>
  process.platform === "linux" && process.getuid?.() === 0 && firstExecutable(inPath("apt-get")) !== undefined

/** `apt-get` without questions. Throws what apt said when it fails. */
export const apt = async (...args: ReadonlyArray<string>): Promise<void> => {
  const { code, output } = await run("apt-get", args, { output: "keep", env: { DEBIAN_FRONTEND: "noninteractive" } })
  if (code !== 0) throw new Error(`apt-get ${args.join(" ")} ended with ${code}:\n${output.trimEnd()}`)
}
