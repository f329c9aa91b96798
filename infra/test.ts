/**
 * `npm test`: finds or installs what the tests need, checks the sources, runs every test of the house, and counts.
 *
 * The last line says `N passed, N failed` (and how many were skipped): all tests and all checks together.
 * The exit code is 1 when anything failed, or when no test ran at all. Arguments choose files: `npm test -- packages/crypto`.
 */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { runCheckSteps } from "./CheckSteps.ts"
import { ensureChromium } from "./Chromium.ts"
import { ensurePostgresBinaries } from "./PostgresBinaries.ts"
import { root, run } from "./Program.ts"
import type { TestOutcome } from "./TestReporter.ts"

/** Says where a program is. What cannot be found or installed is one failure, and the tests that need it say so again. */
const found = async (name: string, where: () => Promise<string>): Promise<TestOutcome> => {
  try {
    console.log(`✓ ${name}: ${await where()}`)
    return { passed: 0, failed: 0, skipped: 0 }
  } catch (error) {
    console.log(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

const readOutcome = (file: string): TestOutcome | undefined =>
  fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : undefined

/** Vitest in a process of its own: when it crashes, or ends badly without naming a test, that is a failure too. */
const runTests = async (files: ReadonlyArray<string>): Promise<TestOutcome> => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-test-"))
  const file = path.join(folder, "outcome.json")
  const vitest = path.join(root, "node_modules", "vitest", "vitest.mjs")
  const { code } = await run(process.execPath, [vitest, "run", "--config", "test/vitest.config.ts", ...files], {
    output: "show",
    env: { VIVIM_TEST_OUTCOME: file }
  })
  const outcome = readOutcome(file)
  fs.rmSync(folder, { recursive: true, force: true })
  if (outcome === undefined) {
    console.log(`✗ vitest ended with ${code} before it could count`)
    return { passed: 0, failed: 1, skipped: 0 }
  }
  if (outcome.passed + outcome.failed === 0) {
    console.log("✗ no test ran")
    return { ...outcome, failed: 1 }
  }
  return code === 0 ? outcome : { ...outcome, failed: Math.max(outcome.failed, 1) }
}

const parts: ReadonlyArray<TestOutcome> = [
  await found("Chromium", ensureChromium),
  await found("PostgreSQL", async () => (await ensurePostgresBinaries()).folder),
  { ...await runCheckSteps(), skipped: 0 },
  await runTests(process.argv.slice(2))
]
const sum = (key: keyof TestOutcome) => parts.reduce((total, part) => total + part[key], 0)
process.exitCode = sum("failed") === 0 ? 0 : 1
console.log(
  `\n${sum("passed")} passed, ${sum("failed")} failed${sum("skipped") === 0 ? "" : `, ${sum("skipped")} skipped`}`
)
