/** An operator archives the old part of a node's log, loses a file of it, and gets everything back. With real processes. */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { ensureBuilt } from "../../infra/build.ts"
import { call, freePort, type NodeProcess, run, startNode, temporary } from "./NodeProcess.ts"

const fixtures = path.resolve(import.meta.dirname, "../fixtures/exports")
const archiveDir = path.join(temporary("archive"), "segments")
const env = { VIVIM_HANDLE: "ada", VIVIM_ARCHIVE_DIR: archiveDir, VIVIM_EVENT_STORE_SEGMENT_EVENTS_MAX: "16" }

describe("an archived node", () => {
  let node: NodeProcess
  let history: string

  const vivim = async (...args: ReadonlyArray<string>) => {
    const { code, stderr, stdout } = await node.vivim(...args)
    assert.strictEqual(code, 0, `${args.join(" ")}: ${stderr}`)
    return stdout
  }
  const json = async (...args: ReadonlyArray<string>) => JSON.parse(await vivim(...args, "--json"))

  beforeAll(async () => {
    node = await startNode({ env })
    for (const file of ["chatgpt/chatgpt-export-2026-split.zip", "claude", "generic/transcript.md"]) {
      await vivim("import", path.join(fixtures, file))
    }
    for (let n = 0; n < 40; n++) {
      assert.strictEqual((await call(node, "POST", "/circles", { circleId: `tea${n}`, name: `Tea ${n}` })).status, 200)
    }
    history = await vivim("events", "--json")
  })
  afterAll(async () => {
    assert.strictEqual(await node.stop(), 0)
  })

  it("says what it would archive, archives it, and lists it", async () => {
    const would = await json("archive", "--before", "1000000", "--dry-run")
    assert.isTrue(would.dryRun)
    assert.isAbove(would.segments.length, 0)
    assert.isFalse(fs.existsSync(archiveDir))
    assert.strictEqual((await json("archive", "--before", "2001-01-01")).events, 0)
    const did = await json("archive", "--before", "1000000")
    assert.deepInclude(did, { dryRun: false, events: would.segments.length * 16 })
    assert.isAbove(did.head, 0)
    assert.match(await vivim("archive", "--before", "1000000"), /^Nothing to archive/)
    const segments = await json("archive", "list")
    assert.deepStrictEqual(
      segments.map(({ first, last, trouble }: any) => [first, last, trouble]),
      would.segments.map(({ first, last }: any) => [first, last, null])
    )
    assert.deepStrictEqual(fs.readdirSync(archiveDir), segments.map(({ name }: any) => name))
    assert.match(await vivim("doctor"), /ok {4}archive .* all there\./)
    for (const wrong of [["archive"], ["archive", "--before", "soon"], ["archive", "restore", "yesterday"]]) {
      assert.strictEqual((await node.vivim(...wrong)).code, 2)
    }
    assert.strictEqual((await node.vivim("archive", "restore", "2")).code, 1)
  })

  it("is the same node: history, audit, replay, a rebuilt view, and after a restart", async () => {
    assert.strictEqual(await vivim("events", "--json"), history)
    assert.isTrue((await json("audit")).sound)
    assert.isTrue((await json("replay", "--compare")).equal)
    await vivim("rebuild", "library")
    assert.isAbove((await json("search", "oolong")).hits.length, 0)
    await node.kill()
    node = await node.again()
    assert.strictEqual(await vivim("events", "--json"), history)
  })

  it("is backed up whole, and made again without its archive", async () => {
    const folder = temporary("archive-backup")
    const file = path.join(folder, "node.backup")
    await vivim("backup", file)
    const dataDir = path.join(folder, "data")
    const key = path.join(node.dataDir, "node.key")
    const { vivim: program } = await ensureBuilt()
    const port = await freePort()
    const elsewhere = { VIVIM_HANDLE: "ada", VIVIM_DATA_DIR: dataDir, VIVIM_PORT: String(port) }
    const restored = await run(program, ["restore", file, "--key", key], elsewhere)
    assert.strictEqual(restored.code, 0, restored.stderr)
    const again = await startNode({ dataDir, port, env: { VIVIM_HANDLE: "ada" } })
    assert.strictEqual((await again.vivim("events", "--json")).stdout, history)
    assert.isTrue(JSON.parse((await again.vivim("audit", "--json")).stdout).sound)
    await again.stop()
  })

  it("names a file that is gone or altered, in audit, doctor and list, and brings a sound segment back", async () => {
    const [{ name }, second] = await json("archive", "list")
    const file = path.join(archiveDir, name)
    const whole = fs.readFileSync(file)
    fs.rmSync(file)
    const audit = await node.vivim("audit", "--json")
    assert.strictEqual(audit.code, 1)
    const { firstBad } = JSON.parse(audit.stdout)
    assert.deepInclude(firstBad, { what: "event", position: 1 })
    assert.include(firstBad.problem, name)
    const doctor = await node.vivim("doctor")
    assert.strictEqual(doctor.code, 1)
    assert.match(doctor.stdout, new RegExp(`FAIL {2}archive .*Events 1 to 16 cannot be read: ${name}`))
    const list = await node.vivim("archive", "list")
    assert.strictEqual(list.code, 1)
    assert.include(list.stdout, "CANNOT BE READ")

    fs.writeFileSync(file, whole.map((byte, n) => n === 100 ? byte ^ 1 : byte))
    const refused = await node.vivim("archive", "restore", name)
    assert.strictEqual(refused.code, 1)
    assert.include(refused.stderr, name)
    fs.writeFileSync(file, whole)
    assert.deepInclude(await json("archive", "restore", name), { first: 1, last: 16 })
    await vivim("archive", "restore", String(second.first))
    assert.isFalse(fs.existsSync(file))
    assert.isTrue((await json("audit")).sound)
    assert.strictEqual(await vivim("events", "--json"), history)
  })
})
