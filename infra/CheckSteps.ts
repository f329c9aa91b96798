/**
 * What can be said of the sources without running them: types with the Effect rules, lint, format, and what nobody uses.
 *
 * The types are checked by the TypeScript that `@effect/tsgo` brings: version 7 itself, with the Effect rules built in.
 * The linters are the `lint` script of package.json, one step for each of its commands.
 */
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as path from "node:path"
import { type Ended, firstExecutable, root, run } from "./Program.ts"

interface CheckStep {
  readonly name: string
  readonly command: () => string
}

/** Every tsconfig.json that is a program of its own: the root's, and those of rooms that do not run on Node. */
const programs = ["tsconfig.json", "apps/web/tsconfig.json"]

/**
 * The compiler of `@effect/tsgo` for the TypeScript that is installed.
 * Found by hand: the package's own `lib/getExePath` does not understand its platform packages' index in 0.45.0.
 */
export const effectTypeScript = (): string => {
  const { version } = createRequire(import.meta.url)("typescript/package.json") as { readonly version: string }
  const platform = `@effect/tsgo-${process.platform}-${process.arch}`
  const file = path.join(root, "node_modules", platform, "artifacts", "typescript", version, "tsc")
  const found = firstExecutable([file, `${file}.exe`])
  if (found === undefined) throw new Error(`${platform} with TypeScript ${version} is not installed: run npm ci.`)
  return found
}

const types = (): ReadonlyArray<CheckStep> =>
  programs.map((program) => ({
    name: `types of ${program}`,
    command: () => `"${effectTypeScript()}" -p ${program} --pretty false`
  }))

const linters = (): ReadonlyArray<CheckStep> => {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"))
  return String(scripts.lint).split("&&").map((command) => ({
    name: command.trim().split(" ")[0] ?? "",
    command: () => command.trim()
  }))
}

interface CheckOutcome {
  readonly passed: number
  readonly failed: number
}

/** Colours are for terminals; a log keeps what is written into it. */
const plain: Readonly<Record<string, string>> = process.stdout.isTTY ? {} : { NO_COLOR: "1" }

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`

const runStep = async (command: () => string): Promise<Ended> => {
  try {
    return await run(command(), [], { output: "keep", shell: true, env: plain })
  } catch (error) {
    return { code: 1, output: error instanceof Error ? error.message : String(error) }
  }
}

/** Runs every step, also after one that failed, and says what each found. */
export const runCheckSteps = async (): Promise<CheckOutcome> => {
  const outcome = { passed: 0, failed: 0 }
  for (const { name, command } of [...types(), ...linters()]) {
    const since = performance.now()
    const { code, output } = await runStep(command)
    console.log(`${code === 0 ? "✓" : "✗"} ${name} (${seconds(since)})`)
    if (code === 0) outcome.passed++
    else {
      outcome.failed++
      console.log(`${output.trimEnd()}\n`)
    }
  }
  return outcome
}
