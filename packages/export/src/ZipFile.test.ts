/** Zips made as they are taken: what goes in comes out, and nothing whole comes of what failed. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { buffer } from "node:stream/consumers"
import { afterAll, assert, it } from "vitest"
import * as Yauzl from "yauzl"
import * as ZipFile from "./ZipFile.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-zip-"))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const bytes = (size: number, of: number) => new Uint8Array(size).fill(of)
const entry = (name: string, ...pieces: ReadonlyArray<Uint8Array>) => ({
  name,
  bytes: Stream.fromIterable(pieces),
  isPacked: name.endsWith(".png")
})
const first = { name: "first.txt", bytes: bytes(7, 65) }
const told: Array<ReadonlyArray<{ readonly name: string; readonly bytes: number; readonly sha256: string }>> = []
const last: ZipFile.Parts<never, never>["last"] = (entries) => {
  told.push(entries)
  return Effect.succeed(entry("last.json", bytes(3, 66)))
}

const unpacked = async (zip: Uint8Array) => {
  const at = path.join(folder, "a.zip")
  fs.writeFileSync(at, zip)
  const file = await Yauzl.openPromise(at)
  const found = new Map<string, Buffer>()
  for await (const one of file.eachEntry()) {
    const read = await file.openReadStreamPromise(one)
    found.set(one.fileName, await buffer(read))
  }
  return found
}

it("Z1 what is unpacked is what was put in, with the sums that were told of it; the first entry lies open", async () => {
  const entries = Stream.fromIterable([
    entry("empty.txt"),
    entry("many.txt", bytes(70_000, 67), bytes(1, 68), bytes(300_000, 69)),
    entry("a/茶.png", bytes(9, 70))
  ])
  const zip = Buffer.concat([
    ...await Effect.runPromise(Stream.runCollect(ZipFile.make({ at: 1e12, first, entries, last })))
  ])
  assert.include(zip.subarray(0, 60).toString("latin1"), "AAAAAAA")
  const found = await unpacked(zip)
  assert.deepStrictEqual([...found.keys()], ["first.txt", "empty.txt", "many.txt", "a/茶.png", "last.json"])
  for (const { bytes, name, sha256 } of told[0]!) {
    assert.strictEqual(found.get(name)!.length, bytes)
    assert.strictEqual(createHash("sha256").update(found.get(name)!).digest("hex"), sha256)
  }
  assert.strictEqual(told[0]!.length, 4)
})

it("Z2 nothing is made ahead of who takes it; what fails in the middle leaves no table of contents", async () => {
  let made = 0
  const endless = {
    name: "endless.png",
    isPacked: true,
    bytes: Stream.repeatEffect(Effect.sync(() => bytes(65_536, made++)))
  }
  const some = ZipFile.make({ at: 0, first, entries: Stream.make(endless), last })
  await Effect.runPromise(Stream.runDrain(Stream.take(some, 20)))
  assert.isBelow(made, 200)

  const failing = {
    name: "b.txt",
    bytes: Stream.concat(Stream.make(bytes(10, 1)), Stream.fail({ _tag: "Gone" } as const))
  }
  const taken: Array<Uint8Array> = []
  const exit = await Effect.runPromise(Effect.exit(
    Stream.runForEach(
      ZipFile.make({ at: 0, first, entries: Stream.make(failing), last }),
      (chunk) => Effect.sync(() => taken.push(chunk))
    )
  ))
  assert.strictEqual(exit._tag, "Failure")
  assert.isBelow(Buffer.concat(taken).indexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06])), 0)
})
