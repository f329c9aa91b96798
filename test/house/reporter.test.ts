/** The count at the end of `npm test` is what really ran: nothing that failed, or never began, is left out of it. */
import { spawnSync } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"

const root = path.resolve(import.meta.dirname, "../..")
const scratch = path.join(root, "node_modules", ".cache", "vivim", `reporter-${process.pid}`)

beforeEach(() => fs.mkdirSync(scratch, { recursive: true }))
afterEach(() => fs.rmSync(scratch, { recursive: true, force: true }))

const runTests = (files: Readonly<Record<string, string>>) => {
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(scratch, file), text)
  const counted = path.join(scratch, "outcome.json")
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [
      path.join(root, "node_modules", "vitest", "vitest.mjs"),
      "run",
      "--root",
      scratch,
      "--dir",
      scratch,
      "--exclude",
      "nothing",
      "--reporter",
      path.join(root, "infra", "TestReporter.ts")
    ],
    { cwd: scratch, encoding: "utf8", env: { ...process.env, VIVIM_TEST_OUTCOME: counted, NO_COLOR: "1" } }
  )
  return { code: status, said: stdout + stderr, outcome: JSON.parse(fs.readFileSync(counted, "utf8")) }
}

const from = `import { beforeAll, describe, it } from "vitest"\n`

describe("the reporter", () => {
  it("counts what passed, failed and was skipped, and shows what failed and what its file printed", () => {
    const { code, outcome, said } = runTests({
      "a.test.ts": `${from}it("one", () => {})\nit("two", () => {})\nit.skip("three", () => {})`,
      "b.test.ts":
        `${from}console.log("printed by b")\nit("four", () => { throw new Error("it broke") })\nit("five", (t) => t.skip("no server here"))`,
      "c.test.ts": `${from}console.log("printed by c")\nit("six", () => {})`
    })
    assert.deepStrictEqual(outcome, { passed: 3, failed: 1, skipped: 2 })
    assert.strictEqual(code, 1)
    for (const line of ["✓ a.test.ts: 2 passed, 1 skipped", "✗ b.test.ts: 0 passed, 1 failed, 1 skipped", "it broke"]) {
      assert.include(said, line)
    }
    assert.include(said, "b.test.ts > five (no server here)")
    assert.include(said, "printed by b")
    assert.notInclude(said, "printed by c")
  })

  it("counts a hook that broke and a file that could not be loaded as failures", () => {
    const { code, outcome, said } = runTests({
      "hook.test.ts":
        `${from}describe("d", () => { beforeAll(() => { throw new Error("no hook") }); it("never", () => {}) })`,
      "load.test.ts": `import "./nothing-of-this-name.ts"`
    })
    assert.deepStrictEqual(outcome, { passed: 0, failed: 2, skipped: 1 })
    assert.strictEqual(code, 1)
    assert.include(said, "no hook")
    assert.include(said, "nothing-of-this-name")
  })

  it("counts an error outside of every test as a failure", () => {
    const { code, outcome } = runTests({
      "late.test.ts":
        `${from}it("seven", () => { Promise.reject(new Error("late")); return new Promise((done) => setTimeout(done, 100)) })`
    })
    assert.deepStrictEqual(outcome, { passed: 1, failed: 1, skipped: 0 })
    assert.strictEqual(code, 1)
  })

  it("counts nothing where there is nothing, and that is no success", () => {
    const { code, outcome } = runTests({ "readme.txt": "no tests here" })
    assert.deepStrictEqual(outcome, { passed: 0, failed: 0, skipped: 0 })
    assert.strictEqual(code, 1)
  })
})
