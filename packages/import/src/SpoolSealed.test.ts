/** A spool whose files are sealed: what lies there tells nothing, and is read as it was. */
import { assert, describe, it } from "@effect/vitest"
import { Locked } from "@vivim/crypto/Cipher"
import { Did, ImportId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { buffer } from "node:stream/consumers"
import { afterAll } from "vitest"
import { FileBytes } from "./FileBytes.ts"
import * as Spool from "./Spool.ts"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-spool-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

const here = { now: true }
const keys = (owner: string, importId: string) =>
  here.now ? Effect.succeed(Buffer.alloc(32, `${owner}${importId}`)) : new Locked({ owner })
const job = {
  importId: ImportId.make("import1"),
  owner: Did.make("did:key:zAda"),
  name: "marmalade.zip",
  startedAt: 1
}
const whole = Buffer.from("xylophone marmalade ".repeat(20_000))
const crumbs = Stream.make(whole.subarray(0, 7), whole.subarray(7, 70_001), whole.subarray(70_001))
const everything = () =>
  fs.readdirSync(root, { recursive: true, encoding: "utf8" }).map((name) => path.join(root, name))
    .filter((file) => fs.statSync(file).isFile()).map((file) => fs.readFileSync(file))
const isTold = () => everything().some((bytes) => bytes.includes("marmalade"))

describe("a sealed spool", () => {
  it.effect("L3 tells nothing of a file, its name or its notes, and gives them back when the keys are here", () =>
    Effect.gen(function*() {
      const spool = Spool.make(path.join(root, "one"), keys)
      const taken = yield* spool.take(job, crumbs, Infinity)
      yield* spool.note(job.importId, [{ title: "marmalade" }, { title: "more marmalade" }])
      assert.isFalse(isTold())
      assert.deepStrictEqual(taken, { ...job, bytes: whole.length })
      // Another life, which has to ask for the key.
      const again = Spool.make(path.join(root, "one"), keys)
      const [waiting] = yield* again.waiting
      assert.deepStrictEqual(waiting, { ...taken, name: "" })
      here.now = false
      assert.strictEqual((yield* Effect.flip(again.unseal(waiting!)))._tag, "Locked")
      here.now = true
      assert.deepStrictEqual(yield* again.unseal(waiting!), taken)
      assert.deepStrictEqual(yield* again.noted(job.importId), [{ title: "marmalade" }, { title: "more marmalade" }])
      assert.isTrue(Buffer.from(yield* FileBytes.at(again.file(job.importId), 0, whole.length)).equals(whole))
      yield* again.remove(job.importId)
      assert.deepStrictEqual(everything(), [])
    }))

  it("S1 is read from any place as it was written", async () => {
    const spool = Spool.make(path.join(root, "two"), keys)
    await Effect.runPromise(spool.take(job, crumbs, Infinity))
    const file = spool.file(job.importId)
    await FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.nat(whole.length - 1),
        FastCheck.integer({ min: 1, max: 300_000 }),
        async (start, length) => {
          const end = Math.min(start + length, whole.length)
          const expected = whole.subarray(start, end)
          assert.isTrue(Buffer.from(await Effect.runPromise(FileBytes.at(file, start, end - start))).equals(expected))
          assert.isTrue((await buffer(FileBytes.open(file, start, end))).equals(expected))
        }
      ),
      { numRuns: 60 }
    )
  })

  it.effect("L3 goes on with what an older build left in the open", () =>
    Effect.gen(function*() {
      const folder = path.join(root, "three")
      const taken = yield* Spool.make(folder).take(job, crumbs, Infinity)
      yield* Spool.make(folder).note(job.importId, [{ id: "c-1" }])
      const spool = Spool.make(folder, keys)
      const [waiting] = yield* spool.waiting
      assert.deepStrictEqual(yield* spool.unseal(waiting!), taken)
      assert.deepStrictEqual(yield* spool.noted(job.importId), [{ id: "c-1" }])
      assert.isTrue(Buffer.from(yield* FileBytes.at(spool.file(job.importId), 0, whole.length)).equals(whole))
    }))
})
