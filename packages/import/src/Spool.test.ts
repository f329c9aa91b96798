/** Where a file waits for its import. */
import { assert, describe, it } from "@effect/vitest"
import { Did, ImportId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"
import * as Spool from "./Spool.ts"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-spool-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

let spools = 0
/** A spool of its own, in a folder that is not there yet. */
const fresh = () => {
  const folder = path.join(root, String(++spools), "spool")
  return { folder, spool: Spool.make(folder) }
}

const job = (importId: string, startedAt = 1) => ({
  importId: ImportId.make(importId),
  owner: Did.make("did:key:zAda"),
  name: "exp\u00f6rt \ud83c\udfee.zip",
  startedAt
})
const bytes = (size: number) => new Uint8Array(size).map((_, i) => i % 251)
const crumbs = Stream.make(bytes(1), bytes(0), bytes(70_000), bytes(3))
const whole = Buffer.concat([bytes(1), bytes(70_000), bytes(3)])

describe("Spool", () => {
  it.effect("L1 a file that was taken in is there as it was, with what it is, for the node alone", () =>
    Effect.gen(function*() {
      const { folder, spool } = fresh()
      const taken = yield* spool.take(job("import1"), crumbs, 100_000)
      assert.deepStrictEqual(taken, { ...job("import1"), bytes: whole.length })
      assert.isTrue(fs.readFileSync(spool.file(taken.importId)).equals(whole))
      assert.deepStrictEqual(yield* spool.waiting, [taken])
      assert.strictEqual(fs.statSync(path.join(folder, "import1")).mode & 0o777, 0o700)
      for (const name of ["file", "job.json"]) {
        assert.strictEqual(fs.statSync(path.join(folder, "import1", name)).mode & 0o777, 0o600)
      }
      assert.isTrue(yield* spool.has(taken.importId))
      yield* spool.remove(taken.importId)
      assert.isFalse(yield* spool.has(taken.importId))
      assert.deepStrictEqual(yield* spool.waiting, [])
      assert.deepStrictEqual(fs.readdirSync(folder), [])
    }))

  it.effect("L1 an upload that fails, dies, is too large or goes away leaves nothing", () =>
    Effect.gen(function*() {
      const { folder, spool } = fresh()
      const broken = Stream.concat(crumbs, Stream.fail("the line broke"))
      assert.strictEqual(yield* Effect.flip(spool.take(job("import1"), broken, 100_000)), "the line broke")
      const died = yield* Effect.exit(spool.take(job("import1"), Stream.concat(crumbs, Stream.die("a bug")), 100_000))
      assert.isTrue(Exit.isFailure(died))
      const large = yield* Effect.flip(spool.take(job("import1"), crumbs, whole.length - 1))
      assert.deepStrictEqual(large, new Spool.UploadTooLarge({ max: whole.length - 1 }))
      const hanging = yield* Effect.fork(spool.take(job("import1"), Stream.concat(crumbs, Stream.never), 100_000))
      yield* Effect.repeatN(Effect.yieldNow(), 100)
      assert.isTrue(fs.existsSync(path.join(folder, "import1", "file")))
      yield* Fiber.interrupt(hanging)
      assert.deepStrictEqual(fs.readdirSync(folder), [])
      assert.strictEqual((yield* spool.take(job("import1"), crumbs, whole.length)).bytes, whole.length, "just enough")
    }))

  it.effect("L1 no import takes the place of another", () =>
    Effect.gen(function*() {
      const { spool } = fresh()
      const first = yield* spool.take(job("import1"), crumbs, 100_000)
      const again = yield* Effect.flip(spool.take(job("import1", 9), Stream.make(bytes(5)), 100_000))
      assert.instanceOf(again, Spool.SpoolError)
      assert.deepStrictEqual(yield* spool.waiting, [first])
      assert.isTrue(fs.readFileSync(spool.file(first.importId)).equals(whole))
    }))

  it.effect("L1 what a killed node left of an upload is removed; whole files wait in the order they came", () =>
    Effect.gen(function*() {
      const { folder, spool } = fresh()
      assert.deepStrictEqual(yield* spool.waiting, [])
      const late = yield* spool.take(job("import1", 20), crumbs, 100_000)
      const early = yield* spool.take(job("import2", 10), Stream.empty, 100_000)
      // Killed at any point before the page has its name.
      for (const [name, files] of Object.entries({ half1: [], half2: ["file"], half3: ["file", "job.new"] })) {
        fs.mkdirSync(path.join(folder, name))
        for (const file of files) fs.writeFileSync(path.join(folder, name, file), "{")
      }
      assert.deepStrictEqual(yield* spool.waiting, [early, late])
      assert.sameMembers(fs.readdirSync(folder), ["import1", "import2"])
    }))

  it.effect("L1 a page this build cannot read is passed over, and its file stays", () =>
    Effect.gen(function*() {
      const { folder, spool } = fresh()
      const { importId } = yield* spool.take(job("import1"), crumbs, 100_000)
      fs.writeFileSync(path.join(folder, "import1", "job.json"), `{"version":9}`)
      assert.deepStrictEqual(yield* spool.waiting, [])
      assert.isTrue(fs.existsSync(spool.file(importId)))
    }))

  it("L2 wherever a crash cut the notes, every whole line is there, and the next are not harmed", () => {
    const lines = [{ id: "c-1" }, { id: "c-2 \ud83c\udf75\n\"x\"" }, { id: "c-3" }]
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("")
    const length = Buffer.byteLength(text)
    return FastCheck.assert(
      FastCheck.asyncProperty(FastCheck.nat(length), (cut) =>
        Effect.gen(function*() {
          const { folder, spool } = fresh()
          const { importId } = yield* spool.take(job("import1"), Stream.empty, 9)
          assert.deepStrictEqual(yield* spool.noted(importId), [])
          yield* spool.note(importId, lines.slice(0, 1))
          yield* spool.note(importId, lines.slice(1))
          const notes = path.join(folder, "import1", "done.jsonl")
          assert.strictEqual(fs.readFileSync(notes, "utf8"), text)
          fs.truncateSync(notes, cut)
          const left = Buffer.from(text).subarray(0, cut).toString("latin1").split("\n").length - 1
          assert.deepStrictEqual(yield* spool.noted(importId), lines.slice(0, left))
          yield* spool.note(importId, [{ id: "c-4" }])
          assert.deepStrictEqual(yield* spool.noted(importId), [...lines.slice(0, left), { id: "c-4" }])
        }).pipe(Effect.runPromise)),
      { numRuns: 40 }
    )
  })
})
