/** The tools find what they are told to find: a rule that is only written into a settings file is not yet a rule. */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { effectTypeScript } from "../../infra/CheckSteps.ts"

const root = path.resolve(import.meta.dirname, "../..")
/** Inside of node_modules, so that packages are found and neither git nor another test sees it. */
const scratch = path.join(root, "node_modules", ".cache", "vivim", `tools-${process.pid}`)
/** Where the linter looks: it never goes into node_modules. */
const unseen = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-tools-"))

const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [file, text] of Object.entries(files)) {
    const at = path.join(folder, file)
    fs.mkdirSync(path.dirname(at), { recursive: true })
    fs.writeFileSync(at, text)
  }
}

const tool = (command: string, ...args: ReadonlyArray<string>): { readonly code: number; readonly said: string } => {
  const { status, stderr, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" }
  })
  return { code: status ?? -1, said: stdout + stderr }
}

beforeAll(() => fs.mkdirSync(scratch, { recursive: true }))
afterAll(() => [scratch, unseen].forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })))

/** What breaks each rule of the Effect compiler, in one line. */
const effectRules: Readonly<Record<string, string>> = {
  asyncFunction: "export const x = async () => 1",
  deterministicKeys: `export class Tea extends Context.Tag("Elsewhere")<Tea, { readonly hot: boolean }>() {}`,
  floatingEffect: "Effect.succeed(1)",
  globalConsole: "console.log(1)",
  globalConsoleInEffect: "export const x = Effect.gen(function*() { yield* Effect.void; console.log(1) })",
  globalDate: "export const x = Date.now()",
  globalDateInEffect: "export const x = Effect.gen(function*() { yield* Effect.void; return new Date() })",
  globalRandom: "export const x = Math.random()",
  globalRandomInEffect: "export const x = Effect.gen(function*() { yield* Effect.void; return Math.random() })",
  globalTimers: "export const x = setTimeout(() => {}, 1)",
  globalTimersInEffect: "export const x = Effect.gen(function*() { yield* Effect.void; setTimeout(() => {}, 1) })",
  processEnv: `export const x = process.env["X"]`,
  processEnvInEffect: `export const x = Effect.gen(function*() { yield* Effect.void; return process.env["X"] })`,
  strictEffectProvide: "export const x = Effect.provide(Effect.void, Layer.empty)",
  leakingRequirements: [
    `export class Cup extends Context.Tag("@vivim/scratch/leakingRequirements/Cup")<Cup, { readonly x: number }>() {}`,
    `export class Pot extends Context.Tag("@vivim/scratch/leakingRequirements/Pot")<Pot, {`,
    "  readonly pour: Effect.Effect<number, never, Cup>",
    "  readonly fill: Effect.Effect<number, never, Cup>",
    "}>() {}"
  ].join("\n")
}

const imports = ["Context", "Effect", "Layer"].map((name) => `import * as ${name} from "effect/${name}"`).join("\n")

describe("the compiler", () => {
  it("refuses what breaks each rule of Effect, and only that", () => {
    write(scratch, {
      "package.json": `{ "name": "@vivim/scratch", "type": "module" }`,
      "tsconfig.json": JSON.stringify({
        extends: path.join(root, "infra", "tsconfig.base.json"),
        compilerOptions: { types: ["node"] },
        files: [...Object.keys(effectRules), "clean"].map((rule) => `src/${rule}.ts`)
      }),
      "src/clean.ts":
        `${imports}\nexport const x = Effect.void\nexport type X = [Context.Context<1>, Layer.Layer<1>]\n`,
      ...Object.fromEntries(
        Object.entries(effectRules).map(([rule, text]) => [`src/${rule}.ts`, `${imports}\n${text}\n`])
      )
    })
    const { code, said } = tool(effectTypeScript(), "-p", path.join(scratch, "tsconfig.json"), "--pretty", "false")
    assert.notStrictEqual(code, 0)
    const fired = said.split(/\n(?=\S+\(\d+,\d+\): )/).map((one) =>
      `${/src\/(\w+)\.ts/.exec(one)?.[1]} error ${/effect\((\w+)\)\s*$/.exec(one)?.[1]}`
    )
    assert.deepStrictEqual(fired.toSorted(), Object.keys(effectRules).map((rule) => `${rule} error ${rule}`).toSorted())
    assert.notInclude(said, "warning TS")
  })

  it("holds the strict options", () => {
    write(scratch, {
      "strict/tsconfig.json": JSON.stringify({
        extends: path.join(root, "infra", "tsconfig.base.json"),
        files: ["Options.ts"]
      }),
      "strict/Options.ts": [
        "export const first: string = [\"a\"][0]",
        "export const exact: { readonly a?: string } = { a: undefined }",
        "export enum Erased { A }",
        "import { Effect } from \"effect/Effect\"\nexport type E = Effect<1>",
        "export const newer = new Set([1]).union(new Set([2]))"
      ].join("\n")
    })
    const { said } = tool(effectTypeScript(), "-p", path.join(scratch, "strict", "tsconfig.json"), "--pretty", "false")
    // noUncheckedIndexedAccess, exactOptionalPropertyTypes, erasableSyntaxOnly, verbatimModuleSyntax, lib of Node 20.
    for (const code of ["TS2322", "TS2375", "TS1294", "TS1484", "TS2550"]) assert.include(said, code)
  })
})

describe("the linter", () => {
  it("refuses the front page of a package, a cycle, and a test that is alone", () => {
    write(unseen, {
      "lint/A.ts": `import * as B from "./B.ts"\nimport { Effect } from "effect"\nexport const a = [B, Effect]\n`,
      "lint/B.ts": `import * as A from "./A.ts"\nexport const b = A\n`,
      "lint/C.test.ts": `import { it } from "vitest"\nit.only("x", () => {})\n`,
      "lint/D.tsx": `export const D = () => <img src="x" />\n`
    })
    const oxlint = path.join(root, "node_modules", "oxlint", "bin", "oxlint")
    const { code, said } = tool(
      process.execPath,
      oxlint,
      "--config",
      "infra/oxlintrc.json",
      "--no-ignore",
      "-f",
      "unix",
      path.join(unseen, "lint")
    )
    assert.notStrictEqual(code, 0)
    for (const rule of ["no-restricted-imports", "no-cycle", "no-focused-tests", "alt-text"]) assert.include(said, rule)
  })
})
