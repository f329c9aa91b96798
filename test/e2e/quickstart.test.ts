/** The integrator's quick start does what it says, and is what the client's README shows. */
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, it } from "vitest"
import { run, startNode } from "./NodeProcess.ts"

const file = path.join(import.meta.dirname, "QuickStart.ts")
const program = fs.readFileSync(file, "utf8")

it("runs against a fresh node", async () => {
  const node = await startNode()
  const tsx = path.resolve("node_modules/tsx/dist/cli.mjs")
  const { code, stderr, stdout } = await run(tsx, [file, `${node.origin.replace("http", "ws")}/rpc`, node.token()])
  assert.strictEqual(code, 0, stderr)
  const [opened, arrived, refused] = stdout.trim().split("\n")
  assert.match(opened!, /^opened at position (\d+) and, asked again, at \1$/)
  assert.strictEqual(arrived, "the tag arrived")
  assert.strictEqual(refused, "a second tag is refused: NothingToChange")
  assert.strictEqual(await node.stop(), 0)
})

it("stands in the client's README, word for word", () => {
  assert.include(
    fs.readFileSync(path.resolve("packages/client/README.md"), "utf8"),
    program.slice(program.indexOf("import"))
  )
})
