/** The promises of taking files in: parcels, the zip a folder is sent as, and the sums of a receipt. */
import * as zlib from "node:zlib"
import { assert, describe, it } from "vitest"
import { crc32, FolderTooLarge, zipOf } from "./FolderZip.ts"
import { type Dropped, parcelsOf } from "./Parcels.ts"
import { type Counts, sumsOf } from "./Sums.ts"

const drop = (...paths: ReadonlyArray<string>): ReadonlyArray<Dropped<string>> =>
  paths.map((path) => ({ path, file: path }))
const named = (dropped: ReadonlyArray<Dropped<string>>) =>
  parcelsOf(dropped).map(({ files, isFolder, name }) => [name, isFolder, files.map(({ path }) => path)])

describe("Parcels", () => {
  it("P1 a loose file is a parcel of its own, and so is a zip wherever it lay", () => {
    assert.deepStrictEqual(named(drop("a.md", "b.json", "exports/jan.ZIP", "exports/notes.md")), [
      ["jan.ZIP", false, ["exports/jan.ZIP"]],
      ["a.md", false, ["a.md"]],
      ["b.json", false, ["b.json"]],
      ["exports.zip", true, ["notes.md"]]
    ])
  })

  it("P2 what lay in one folder is one parcel with its name and its paths inside", () => {
    assert.deepStrictEqual(named(drop("out/conversations.json", "out/images/a.png", "other/b.md")), [
      ["out.zip", true, ["conversations.json", "images/a.png"]],
      ["other.zip", true, ["b.md"]]
    ])
  })

  it("P3 what systems leave in folders is left out, and an empty folder is no parcel", () => {
    assert.deepStrictEqual(
      named(drop("out/.DS_Store", "out/__MACOSX/x.json", "__MACOSX/out/._a.json", "Thumbs.db", "a/._b.md")),
      []
    )
    assert.deepStrictEqual(named([]), [])
    assert.deepStrictEqual(named(drop("x/.hidden.md")), [["x.zip", true, [".hidden.md"]]])
  })

  it("P4 loose parts of one split export travel together", () => {
    assert.deepStrictEqual(named(drop("conversations-000.json", "conversations-001.json", "file-1.dat")), [
      ["3 files.zip", true, ["conversations-000.json", "conversations-001.json", "file-1.dat"]]
    ])
    assert.deepStrictEqual(named(drop("conversations-000.json")), [["conversations-000.json", false, [
      "conversations-000.json"
    ]]])
  })
})

/** Reads a zip by its central directory, as any program that did not write it would. */
const unzip = (bytes: Buffer) => {
  const end = bytes.length - 22
  assert.strictEqual(bytes.readUInt32LE(end), 0x0605_4b50)
  const files: Array<{ path: string; crc: number; flags: number; body: Buffer }> = []
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    assert.strictEqual(bytes.readUInt32LE(at), 0x0201_4b50)
    const [crc, size, nameLength] = [
      bytes.readUInt32LE(at + 16),
      bytes.readUInt32LE(at + 24),
      bytes.readUInt16LE(at + 28)
    ]
    const local = bytes.readUInt32LE(at + 42)
    assert.strictEqual(bytes.readUInt32LE(local), 0x0403_4b50)
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
    files.push({
      path: bytes.toString("utf8", at + 46, at + 46 + nameLength),
      crc,
      flags: bytes.readUInt16LE(at + 8),
      body: bytes.subarray(start, start + size)
    })
    at += 46 + nameLength
  }
  assert.strictEqual(at, end)
  return files
}

describe("FolderZip", () => {
  const contents: ReadonlyArray<readonly [string, Uint8Array<ArrayBuffer>]> = [
    ["conversations.json", new TextEncoder().encode("[]") as Uint8Array<ArrayBuffer>],
    ["empty.txt", new Uint8Array()],
    ["bilder/tee – 茶 🍵.bin", Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7) % 251)]
  ]
  const zip = async () => {
    const blob = await zipOf(contents.map(([path, bytes]) => ({ path, file: new Blob([bytes]) })))
    return unzip(Buffer.from(await blob.arrayBuffer()))
  }

  it("Z1 every file is in it, byte for byte, with the CRC-32 of its bytes", async () => {
    const files = await zip()
    assert.deepStrictEqual(files.map(({ path }) => path), contents.map(([path]) => path))
    files.forEach(({ body, crc }, at) => {
      assert.isTrue(body.equals(contents[at]![1]))
      assert.strictEqual(crc, zlib.crc32(contents[at]![1]))
    })
    assert.strictEqual(crc32(crc32(0, Buffer.from("12345")), Buffer.from("6789")), 0xcbf4_3926)
  })

  it("Z2 names of any script are written and flagged as UTF-8", async () => {
    for (const { flags } of await zip()) assert.strictEqual(flags & 0x0800, 0x0800)
  })

  it("Z3 what the format cannot hold is refused before anything is read", async () => {
    const never = { size: 3_000_000_000, stream: () => assert.fail("was read") } as unknown as Blob
    const refusal = await zipOf([{ path: "a", file: never }, { path: "b", file: never }]).catch((error: unknown) =>
      error
    )
    assert.instanceOf(refusal, FolderTooLarge)
    const tiny = { size: 0, stream: () => assert.fail("was read") } as unknown as Blob
    const many = Array.from({ length: 65_536 }, (_, at) => ({ path: String(at), file: tiny }))
    assert.instanceOf(await zipOf(many).catch((error: unknown) => error), FolderTooLarge)
  })
})

describe("Sums", () => {
  const counts = (quarantined: number): Counts => ({
    conversations: { found: 10, imported: 6, merged: 2, empty: 1, quarantined },
    nodes: { found: 100, kept: 80, hidden: 15, merged: 5, quarantined: 0 }
  })

  it("S1 every part is named once, also when it is nothing", () => {
    const [conversations, nodes] = sumsOf(counts(1))
    assert.deepStrictEqual(conversations.parts.map(({ name }) => name), ["imported", "merged", "empty", "quarantined"])
    assert.deepStrictEqual(nodes.parts.map(({ count, name }) => [name, count]), [["kept", 80], ["hidden", 15], [
      "merged",
      5
    ], ["quarantined", 0]])
  })

  it("S2 it adds up exactly when the parts make what was found", () => {
    assert.deepStrictEqual(sumsOf(counts(1)).map(({ missing }) => missing), [0, 0])
    assert.strictEqual(sumsOf(counts(0))[0].missing, 1)
    assert.strictEqual(sumsOf(counts(3))[0].missing, -2)
  })
})
