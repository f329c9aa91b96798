/** A backup on its way into a file: cut off in every way, and never taken for one. */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import * as BackupFile from "./BackupFile.ts"
import { noise, sampleRecords, written } from "./BackupSample.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-file-"))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

class Gone extends Data.TaggedError("Gone") {}

const bytes = written(sampleRecords())
const file = path.join(folder, "node.backup")
const pieces = Stream.range(0, 63).pipe(
  Stream.map((i) => bytes.subarray(Math.floor(i * bytes.length / 64), Math.floor((i + 1) * bytes.length / 64)))
)
const unwatched = () => Effect.void
const write = <E>(from: Stream.Stream<Uint8Array, E>) =>
  Effect.runPromise(Effect.either(BackupFile.write(file, from, unwatched)))
const end = Either.match({ onLeft: ({ _tag }: { readonly _tag: string }) => _tag, onRight: () => "written" })
const left = () => fs.readdirSync(folder).toSorted()

describe("a backup on its way into a file", () => {
  it("W3 is there when it is whole, readable by its owner alone, with the figures of what it holds", async () => {
    const receipt = Either.getOrThrow(await write(pieces))
    assert.isTrue(fs.readFileSync(file).equals(bytes))
    assert.deepStrictEqual(left(), ["node.backup"])
    if (process.platform !== "win32") assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
    assert.deepInclude(receipt, {
      file,
      bytes: bytes.length,
      events: 40,
      accounts: 1,
      contents: 4,
      sha256: createHash("sha256").update(bytes).digest("hex")
    })
  })

  it("W1 leaves nothing when its source fails, and what was there as it was", async () => {
    fs.writeFileSync(file, "an older backup")
    fs.writeFileSync(`${file}.part`, "what a killed one left")
    const outcome = await write(Stream.concat(Stream.take(pieces, 40), Stream.fail(new Gone())))
    assert.strictEqual(end(outcome), "Gone")
    assert.deepStrictEqual(left(), ["node.backup"])
    assert.strictEqual(fs.readFileSync(file, "utf8"), "an older backup")
  })

  it("W1 leaves nothing when it is interrupted, and half of it never has its name", async () => {
    const seen = await Effect.runPromise(Effect.gen(function*() {
      const half = yield* Deferred.make<void>()
      const stuck = Stream.concat(
        Stream.take(pieces, 32),
        Stream.fromEffect(Effect.zipRight(Deferred.succeed(half, undefined), Effect.never))
      )
      const fiber = yield* Effect.fork(BackupFile.write(file, stuck, unwatched))
      yield* Deferred.await(half)
      const during = { left: left(), size: fs.statSync(`${file}.part`).size, old: fs.readFileSync(file, "utf8") }
      yield* Fiber.interrupt(fiber)
      return during
    }))
    assert.deepStrictEqual(seen.left, ["node.backup", "node.backup.part"])
    assert.isAbove(seen.size, bytes.length / 4)
    assert.strictEqual(seen.old, "an older backup")
    assert.deepStrictEqual(left(), ["node.backup"])
  })

  it("W2 is thrown away unless it is whole and sound", async () => {
    const flipped = Buffer.from(bytes)
    flipped[bytes.length >> 1]! ^= 1
    for (
      const wrong of [
        Buffer.alloc(0),
        noise("noise", 5_000),
        bytes.subarray(0, -1),
        bytes.subarray(0, 3_000),
        flipped,
        Buffer.concat([bytes, Buffer.of(1)])
      ]
    ) {
      const outcome = await write(Stream.make(wrong))
      assert.strictEqual(end(outcome), "BackupRefused")
      assert.deepStrictEqual(left(), ["node.backup"])
      assert.strictEqual(fs.readFileSync(file, "utf8"), "an older backup")
    }
  })

  it("says so when it cannot be written", async () => {
    const outcome = await Effect.runPromise(
      Effect.either(BackupFile.write(path.join(folder, "nowhere", "x"), pieces, unwatched))
    )
    assert.match(
      (Either.getOrElse(outcome, (error) => error) as Error).message,
      /nowhere.x\.part cannot be written \(ENOENT\)/
    )
  })
})
