/** A large export in a process of its own: how much memory and time reading it takes, all normalising and hashing included. */
import * as Process from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"

const root = Path.resolve(import.meta.dirname, "../../..")
const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "vivim-memory-"))
const large = Path.join(folder, "large.json")

const run = (script: string, args: ReadonlyArray<string>, flags: ReadonlyArray<string> = []) => {
  const { status, stderr, stdout } = Process.spawnSync(
    process.execPath,
    [...flags, "--import", "tsx", script, ...args],
    { cwd: root, encoding: "utf8" }
  )
  assert.strictEqual(status, 0, stderr)
  return JSON.parse(stdout)
}

/** Reads a file and tells what it took; written out, so that nothing of this process is counted. */
const READ = `
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { defaultImportLimits } from ${JSON.stringify(Path.join(import.meta.dirname, "ImportLimits.ts"))}
import { open } from ${JSON.stringify(Path.join(import.meta.dirname, "Read.ts"))}
import { addOutcome, emptyTally, outcomeOf, receiptOf } from ${
  JSON.stringify(Path.join(import.meta.dirname, "Tally.ts"))
}
const before = process.memoryUsage.rss()
let tally = emptyTally("x")
let peak = 0
const reading = await Effect.runPromise(open(process.argv[2], { limits: defaultImportLimits, keep: () => Effect.die("no files") }))
await Effect.runPromise(Stream.runForEach(reading.items, (item) => Effect.sync(() => {
  tally = addOutcome(tally, outcomeOf(item))
  peak = Math.max(peak, process.memoryUsage.rss())
})))
const { conversations, nodes } = receiptOf(tally)
process.stdout.write(JSON.stringify({ conversations, nodes, more: peak - before }))
`

describe("Memory", () => {
  let made: { readonly bytes: number; readonly conversations: number; readonly nodes: number }

  beforeAll(() => {
    made = run("test/bench/GenerateExport.ts", [large, "4000", "7"])
    Fs.writeFileSync(Path.join(folder, "read.mts"), READ)
    // So that the script finds this project's packages.
    Fs.symlinkSync(Path.join(root, "node_modules"), Path.join(folder, "node_modules"))
  })
  afterAll(() => Fs.rmSync(folder, { recursive: true, force: true }))

  it(
    "sixty megabytes are read in a heap of sixty-four, and far less than the file is held",
    { timeout: 120_000 },
    () => {
      const { conversations, more, nodes } = run(Path.join(folder, "read.mts"), [large], ["--max-old-space-size=64"])
      assert.isAbove(made.bytes, 55_000_000)
      assert.strictEqual(conversations.imported, made.conversations)
      assert.strictEqual(nodes.kept + nodes.hidden, made.nodes)
      assert.isBelow(more, 150_000_000)
    }
  )

  it("one conversation near the bound is read in a heap of three hundred", { timeout: 120_000 }, () => {
    const path = Path.join(folder, "one.json")
    const message = (i: number) => ({
      id: `n${i}`,
      parent: i === 0 ? null : `n${i - 1}`,
      children: [],
      message: { author: { role: "user" }, content: { content_type: "text", parts: ["wört ".repeat(5_000)] } }
    })
    const mapping = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`n${i}`, message(i)]))
    Fs.writeFileSync(path, JSON.stringify([{ id: "x", mapping }]))
    assert.isAbove(Fs.statSync(path).size, 28_000_000)
    assert.strictEqual(run(Path.join(folder, "read.mts"), [path], ["--max-old-space-size=300"]).nodes.kept, 1_000)
  })
})
