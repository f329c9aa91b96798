/** The form of a backup: what is written is read back, and nothing else is. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { type BackupRecord, BackupRefused, decode, encode, magic } from "./BackupFormat.ts"
import { BackupReader } from "./BackupReader.ts"
import { noise, sampleLog, sampleRecords, written } from "./BackupSample.ts"

/** Plain bytes, whatever class they came in. */
const plain = (value: unknown): unknown =>
  value instanceof Uint8Array
    ? Buffer.from(value).toString("hex")
    : Array.isArray(value)
    ? value.map(plain)
    : typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
    : value

/** The records of a file that comes in pieces of such sizes, or why it was refused. */
const read = (bytes: Uint8Array, sizes: ReadonlyArray<number> = [65_536]): ReadonlyArray<BackupRecord> | string => {
  const reader = new BackupReader()
  const records: Array<BackupRecord> = []
  try {
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length]!
      records.push(...reader.push(bytes.subarray(at, at + size)).map(({ record }) => record))
      at += size
    }
    reader.end()
    return records
  } catch (error) {
    if (error instanceof BackupRefused) return error.message
    throw error
  }
}

/** Where each record of a file begins. */
const starts = (bytes: Buffer): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let at = magic.length; at < bytes.length; at += 4 + bytes.readUInt32BE(at) + 16) found.push(at)
  return found
}

const records = sampleRecords({ contents: [0, 700] })
const file = written(records)

describe("the form of a backup", () => {
  it("F1 reads every record back as it was written, however the bytes come", () => {
    const all = read(file) as ReadonlyArray<BackupRecord>
    assert.deepStrictEqual(plain(all.slice(0, -1)), plain(records))
    assert.strictEqual(all.at(-1)?.kind, "end")
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.integer({ min: 1, max: 9_000 }), { minLength: 1, maxLength: 9 }),
        (sizes) => {
          assert.deepStrictEqual(plain(read(file, sizes)), plain(all))
        }
      ),
      { numRuns: 40 }
    )
    assert.deepStrictEqual(plain(read(file, [1])), plain(all))
  })

  it("F2 tells a file of another kind and a newer form from a damaged one", () => {
    for (
      const other of [
        "",
        "x",
        "PK\u0003\u0004 a zip of a size that is more than the line",
        "VIVIM",
        "VIVIM-BACKUP/",
        "\u0000".repeat(400)
      ]
    ) {
      assert.match(
        read(Buffer.from(other)) as string,
        other.startsWith("VIVIM") ? /cut off in its first line/ : /not a backup/
      )
    }
    const newer = Buffer.from(file)
    newer.write("7", "VIVIM-BACKUP/".length)
    assert.match(read(newer) as string, /form 7/)
  })

  it("F3 finds every change of a byte, and names the record it is in", () => {
    const begins = starts(file)
    FastCheck.assert(
      FastCheck.property(FastCheck.nat(file.length - 1), FastCheck.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(file)
        changed[at]! ^= change
        const said = read(changed)
        assert.isString(said, `byte ${at}`)
        if (at < magic.length) return
        const index = begins.findLastIndex((begin) => begin <= at)
        assert.include(said, `record ${index + 1}, at byte ${begins[index]}`)
      }),
      { numRuns: 600 }
    )
  })

  it("F3 finds what is cut off, left out, doubled, moved or put after the end", () => {
    const begins = [...starts(file), file.length]
    const pieces = begins.slice(0, -1).map((begin, i) => file.subarray(begin, begins[i + 1]))
    const joined = (parts: ReadonlyArray<Uint8Array>) => Buffer.concat([magic, ...parts])
    for (let size = 0; size < file.length; size += size < 400 ? 1 : 97) {
      assert.isString(read(file.subarray(0, size)), `${size} bytes`)
    }
    for (const begin of begins.slice(0, -1)) assert.match(read(file.subarray(0, begin)) as string, /cut off/)
    pieces.forEach((piece, i) => {
      assert.include(
        read(joined(pieces.toSpliced(i, 1))),
        i === pieces.length - 1 ? "no end" : `record ${i + 1},`,
        `without ${i + 1}`
      )
      assert.include(
        read(joined(pieces.toSpliced(i, 0, piece))),
        i === pieces.length - 1 ? "after the end" : `record ${i + 2},`,
        `${i + 1} twice`
      )
    })
    const moved = pieces.toSpliced(3, 2, pieces[4]!, pieces[3]!)
    assert.include(read(joined(moved)), "record 4,")
    assert.match(read(Buffer.concat([file, Buffer.of(0)])) as string, /after the end/)
  })

  it("F4 reserves nothing for a length that nobody wrote", () => {
    const lies = Buffer.concat([magic, Buffer.alloc(4, 0xff), noise("lies", 100)])
    assert.match(read(lies) as string, /record 1, at byte 15 claims 4294967295 bytes/)
    const before = process.memoryUsage().arrayBuffers
    const large = Buffer.concat([magic, Buffer.of(0x0f, 0xff, 0xff, 0xff), noise("large", 100)])
    assert.match(read(large) as string, /cut off in record 1/)
    assert.isBelow(process.memoryUsage().arrayBuffers - before, 10_000_000)
  })

  it("takes no record that is not exactly of its shape", () => {
    const [event] = sampleLog(1)
    const good: BackupRecord = { kind: "event", event: event! }
    assert.deepStrictEqual(plain(decode(encode(good))), plain(good))
    for (
      const [field, wrong] of Object.entries({
        position: -1,
        stream: "",
        id: "x",
        hash: noise("h", 31),
        at: 1.5,
        schemaVersion: 40_000
      })
    ) {
      assert.isNull(decode(encode({ kind: "event", event: { ...event!, [field]: wrong } })), field)
    }
    assert.isNull(decode(encode({ kind: "part", part: 0, sealed: noise("s", 1), more: 1 } as BackupRecord)))
    assert.isNull(decode(encode({ kind: "letter", text: "x" } as never)))
    assert.isNull(decode(Buffer.of(0x80)))
    assert.isNull(decode(Buffer.from("not cbor")))
  })
})
