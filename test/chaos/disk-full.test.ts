/** The disk under a node is full, and then has room again: refused in a sentence, nothing lost, and it goes on by itself. */
import * as DiskFull from "@vivim/contract/DiskFull"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { startNode, temporary } from "../e2e/NodeProcess.ts"
import { type SmallDisk, smallDisk } from "./SmallDisk.ts"
import { inspect, pause, Writers } from "./Writers.ts"

const disk = smallDisk(320)

interface Full {
  /** Done again and again, until enough commands were put off and this is so. */
  readonly each?: () => Promise<unknown>
  readonly until?: () => boolean
  readonly then?: () => Promise<void>
}

const enough = 20
const putOff = (writers: Writers) => [...writers.putOff.values()].reduce((sum, count) => sum + count, 0)

/** Writes go on while the disk has no room, and until it has some again. */
const full = async (writers: Writers, on: SmallDisk, { each = () => pause(100), then, until = () => true }: Full) => {
  const before = putOff(writers)
  await writers.during(async () => {
    while (putOff(writers) < before + enough || !until()) {
      // What the system itself let go meanwhile is taken, too.
      on.fill()
      await each()
    }
    await then?.()
    on.makeRoom()
  })
}

/** Moves the journal of a stopped database to that disk, where it was always known under its old name. */
const moveJournal = (dataDir: string, on: SmallDisk) => {
  const old = path.join(dataDir, "pg17", "cluster", "pg_wal")
  const moved = path.join(on.folder, "journal")
  const { gid, mode, uid } = fs.statSync(old)
  fs.cpSync(old, moved, { recursive: true })
  fs.rmSync(old, { recursive: true })
  for (const name of fs.readdirSync(moved, { recursive: true })) fs.chownSync(path.join(moved, String(name)), uid, gid)
  fs.chownSync(moved, uid, gid)
  fs.chmodSync(moved, mode)
  fs.symlinkSync(moved, old)
}

describe.skipIf(disk === null)("a disk that is full", () => {
  afterAll(() => disk!.unmount())

  it("under the whole node: every door says so, what was answered stays, and room is all it needs", async () => {
    const file = path.join(temporary("upload"), "conversations.json")
    fs.writeFileSync(file, JSON.stringify([{ mapping: {}, title: "x".repeat(8_000_000) }]))
    const node = await startNode({ dataDir: path.join(disk!.folder, "data") })
    const writers = new Writers(node, 5)
    const whatIsSaid = async () => {
      assert.strictEqual((await fetch(`${node.origin}/healthz`)).status, 200, "it lives")
      const headers = { authorization: `Bearer ${node.token()}` }
      const library = await fetch(`${node.origin}/api/v1/conversations`, { headers })
      assert.strictEqual(library.status, 200, "and can be read")
      const imported = await node.vivim("import", file)
      assert.strictEqual(imported.code, 1)
      assert.include(imported.stderr, DiskFull.sentence)
      const doctor = await node.vivim("doctor")
      assert.strictEqual(doctor.code, 1)
      assert.match(doctor.stdout, /FAIL {2}disk/)
    }
    try {
      await writers.open()
      await full(writers, disk!, { then: whatIsSaid })
      await full(writers, disk!, {})
      await inspect(writers, 0)
      assert.sameMembers([...writers.putOff.keys()], [`503 ${DiskFull.sentence}`])
      const imported = await node.vivim("import", file, "--json")
      assert.strictEqual(imported.code, 0, imported.stderr)
    } finally {
      await node.stop()
    }
  }, 300_000)

  it("under the database's journal alone: the server goes down, and comes back with the room by itself", async () => {
    const dataDir = path.join(temporary("journal"), "data")
    const first = await startNode({ dataDir })
    await first.stop()
    moveJournal(dataDir, disk!)
    const writers = new Writers(await first.again(), 6)
    const isDown = () => writers.node.output().includes("embedded PostgreSQL is gone")
    try {
      await writers.open()
      await full(writers, disk!, { each: () => writers.large(), until: isDown })
      await inspect(writers, 0)
    } finally {
      await writers.node.stop()
    }
  }, 300_000)
})
