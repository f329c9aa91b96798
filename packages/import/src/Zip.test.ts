/** Zips that lie, are cut or are bombs; folders with links and hidden files. */
import { Zip, ZipDeflate, zipSync } from "fflate"
import * as Fs from "node:fs"
import { assert, describe, it } from "vitest"
import { TestBench } from "./TestBench.ts"

const { directory, file, read, talk } = TestBench

const json = (...records: ReadonlyArray<unknown>) => Buffer.from(JSON.stringify(records))
const zip = (files: { readonly [name: string]: Uint8Array }, options = {}) => Buffer.from(zipSync(files, options))

/** As a writer does that does not know sizes beforehand: they stand behind the data. */
const streamed = (files: { readonly [name: string]: Uint8Array }): Buffer => {
  const parts: Array<Uint8Array> = []
  const stream = new Zip((error, part) => {
    if (error) throw error
    parts.push(part)
  })
  for (const [name, bytes] of Object.entries(files)) {
    const entry = new ZipDeflate(name)
    stream.add(entry)
    entry.push(bytes, true)
  }
  stream.end()
  return Buffer.concat(parts)
}

const six = Object.fromEntries(
  Array.from({ length: 6 }, (_, i) => [`conversations-00${i}.json`, json(talk(`a${i}`), talk(`b${i}`))])
)

/** Changes bytes in the local and the central header of an entry. */
const patch = (bytes: Buffer, name: string, change: (header: Buffer, central: boolean) => void): Buffer => {
  for (let at = bytes.indexOf(name); at !== -1; at = bytes.indexOf(name, at + 1)) {
    for (const [length, mark] of [[30, 0x04034b50], [46, 0x02014b50]] as const) {
      if (at >= length && bytes.readUInt32LE(at - length) === mark) {
        change(bytes.subarray(at - length, at), length === 46)
      }
    }
  }
  return bytes
}

const reasons = (asides: ReadonlyArray<{ readonly name: string; readonly reason: string }>) =>
  asides.map(({ name, reason }) => `${name} ${reason}`)

describe("PackedEntry", () => {
  it("E1 a bomb by ratio breaks at the bound, the others are read", async () => {
    const bomb = Buffer.alloc(20_000_000, " ")
    const path = file(
      zip({
        "bomb.json": Buffer.concat([json(talk("x")).subarray(0, -1), bomb]),
        "conversations.json": json(talk("a"))
      })
    )
    const { asides, conversations, receipt } = await read(path)
    assert.deepStrictEqual(
      conversations.map(({ sourceId }) => sourceId),
      ["x", "a"],
      "what stands before the bound counts"
    )
    assert.match(reasons(asides)[0]!, /bomb.json truncated: unpacks to more than ratioMax \(200\)/)
    assert.strictEqual(receipt.conversations.found, 2)
  })

  it("E1 bounds of one entry and of all together hold", async () => {
    const big = json(...Array.from({ length: 3_000 }, (_, i) => talk(`n${i}`)))
    const path = file(zip({ "a.json": big, "b.json": json(talk("b")), "c.json": big }))
    const single = await read(path, { entryBytesMax: 10_000, ratioMax: 10_000 })
    assert.match(reasons(single.asides)[0]!, /a.json truncated: unpacks to more than entryBytesMax/)
    assert.include(single.conversations.map(({ sourceId }) => sourceId), "b")
    const all = await read(path, { totalBytesMax: 1.6 * big.length, ratioMax: 10_000 })
    assert.match(reasons(all.asides).join(), /c.json truncated: comes after totalBytesMax/)
  })

  it("E2 a failed checksum and damaged data are told, and what there is is given", async () => {
    const wrong = patch(
      zip({ "conversations.json": json(talk("a"), talk("b")) }),
      "conversations.json",
      (header, central) => header.writeUInt32LE(7, central ? 16 : 14)
    )
    const checked = await read(file(wrong))
    assert.lengthOf(checked.conversations, 2)
    assert.match(reasons(checked.asides)[0]!, /truncated: fails its checksum/)
    const bytes = zip({
      "conversations.json": json(...Array.from({ length: 500 }, (_, i) => ({ ...talk(`n${i}`), salt: Math.sin(i) })))
    })
    bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 50)
    const damaged = await read(file(bytes))
    assert.match(reasons(damaged.asides).join(), /is damaged|checksum|header says|cut off/)
    assert.isAbove(damaged.conversations.length, 50)
  })

  it("E2 sizes that lie are told", async () => {
    const lying = patch(
      zip({ "conversations.json": json(talk("a")) }),
      "conversations.json",
      (header, central) => header.writeUInt32LE(99, central ? 24 : 22)
    )
    assert.match(reasons((await read(file(lying))).asides)[0]!, /not the 99 its header says/)
  })
})

describe("ZipSource", () => {
  it("Z1 unsafe, encrypted and strangely packed entries are left out by reason", async () => {
    const files = {
      "../../evil.json": json(talk("e")),
      "/abs.json": json(talk("e")),
      "C:\\x.json": json(talk("e")),
      "secret.json": json(talk("e")),
      "odd.json": json(talk("e")),
      "ok.json": json(talk("a"))
    }
    const bytes = patch(zip(files), "secret.json", (header, central) => header.writeUInt16LE(1, central ? 8 : 6))
    patch(bytes, "odd.json", (header, central) => header.writeUInt16LE(99, central ? 10 : 8))
    const { asides, conversations, receipt } = await read(file(bytes))
    assert.deepStrictEqual(conversations.map(({ sourceId }) => sourceId), ["a"])
    const told = reasons(asides).join("\n")
    for (
      const reason of [
        /evil.json .*climbs/,
        /abs.json .*absolute/,
        /x.json .*backslash/,
        /secret.json is encrypted/,
        /odd.json .*method 99/
      ]
    ) {
      assert.match(told, reason)
    }
    assert.isTrue(receipt.items.filter(({ status }) => status === "skipped").length === 5)
  })

  it("Z1 a name with a zero byte is left out and shown without it", async () => {
    const { asides } = await read(file(zip({ "a\0b.json": json(talk("e")), "ok.json": json(talk("a")) })))
    assert.match(reasons(asides)[0]!, /^a\uFFFDb.json its name has control characters/)
  })

  it("Z1 a zip inside a zip is not opened", async () => {
    const { asides, conversations } = await read(
      file(zip({ "inner.zip": zip({ "c.json": json(talk("e")) }), "ok.json": json(talk("a")) }))
    )
    assert.lengthOf(conversations, 1)
    assert.match(reasons(asides).join(), /inner.zip is a zip inside a zip/)
  })

  it("Z2 a zip cut anywhere gives what is before the cut, and says so", async () => {
    for (const whole of [zip(six), streamed(six), zip(six, { level: 0 })]) {
      const all = (await read(file(whole))).conversations.length
      assert.strictEqual(all, 12)
      let last = 0
      for (let part = 1; part <= 12; part++) {
        const outcome = await read(file(whole.subarray(0, Math.floor(whole.length * part / 13)))).catch(String)
        if (typeof outcome === "string") {
          assert.match(outcome, /truncated|cut/)
          continue
        }
        assert.match(reasons(outcome.asides).join(), /truncated: the zip has no whole table of contents/)
        assert.isAtLeast(outcome.conversations.length, last)
        last = outcome.conversations.length
      }
      assert.isAtLeast(last, 10)
    }
  })

  it("Z2 a damaged table of contents is walked around", async () => {
    const bytes = zip(six)
    const table = bytes.indexOf(Uint8Array.of(0x50, 0x4b, 1, 2))
    bytes.fill(0, table + 100, table + 160)
    const { asides, conversations } = await read(file(bytes))
    assert.lengthOf(conversations, 12)
    assert.match(reasons(asides)[0]!, /no whole table of contents/)
    const tail = await read(file(Buffer.concat([zip(six), Buffer.from("junk behind the end")])))
    assert.lengthOf(tail.conversations, 12)
  })

  it("Z3 more entries than the bound are named as one", async () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`c${i}.json`, json(talk(`n${i}`))]))
    const { asides, conversations } = await read(file(zip(files)), { entriesMax: 100 })
    assert.lengthOf(conversations, 100)
    assert.deepInclude(
      reasons(asides).map((reason) => /200 of its entries are over entriesMax \(100\)/.test(reason)),
      true
    )
  })

  it("Z3 twenty thousand entries are looked at, not opened, when their names are those of uploads", async () => {
    const files: { [name: string]: Uint8Array } = { "conversations.json": json(talk("a")) }
    for (let i = 0; i < 20_000; i++) files[`file-AbCdEfGh${i}.png`] = new Uint8Array(0)
    const { conversations, receipt } = await read(file(zip(files, { level: 0 })))
    assert.lengthOf(conversations, 1)
    assert.lengthOf(receipt.items, 20_001)
  })
})

describe("ZipScan", () => {
  it("S1 entries of known and unknown sizes are found without the table of contents", async () => {
    for (const whole of [zip(six), streamed(six)]) {
      const table = whole.indexOf(Uint8Array.of(0x50, 0x4b, 1, 2))
      assert.lengthOf((await read(file(whole.subarray(0, table)))).conversations, 12)
    }
  })

  it("S1 a mark inside stored data does not mislead", async () => {
    const fake = Buffer.concat([
      Buffer.from("PK\u0003\u0004"),
      Buffer.alloc(60),
      Buffer.from("PK\u0007\u0008"),
      Buffer.alloc(60)
    ])
    const files = { "a.bin": fake, ...six }
    for (const whole of [zip(files, { level: 0 }), streamed(files)]) {
      const table = whole.indexOf(Uint8Array.of(0x50, 0x4b, 1, 2))
      assert.lengthOf((await read(file(whole.subarray(0, table)))).conversations, 12)
    }
  })

  it("S2 the entry the cut goes through is marked", async () => {
    const whole = zip({
      "a.json": json(talk("a")),
      "b.json": json(...Array.from({ length: 200 }, (_, i) => ({ ...talk(`b${i}`), salt: String(Math.sin(i)) })))
    })
    const { asides, conversations, receipt } = await read(file(whole.subarray(0, Math.floor(whole.length * 0.7))))
    assert.match(reasons(asides)[0]!, /the last of them cut/)
    assert.match(reasons(asides)[1]!, /b.json truncated: is cut off/)
    assert.isAbove(conversations.length, 50)
    assert.strictEqual(receipt.conversations.found, receipt.conversations.imported + receipt.conversations.quarantined)
  })
})

describe("DirectorySource", () => {
  it("O1 links, hidden files and deep folders are left out by reason, zips are opened", async () => {
    const path = directory({
      "one/conversations.json": json(talk("a")),
      "two/export.zip": zip({ "conversations.json": json(talk("b")) }),
      ".secret/x.json": json(talk("s")),
      ".DS_Store": "x",
      "deep/er/est/x.json": json(talk("d"))
    })
    Fs.symlinkSync("/etc/passwd", `${path}/link`)
    Fs.symlinkSync("..", `${path}/loop`)
    const { asides, conversations } = await read(path, { folderDepthMax: 2 })
    assert.sameMembers(conversations.map(({ sourceId }) => sourceId), ["a", "b"])
    const told = reasons(asides).join("\n")
    for (
      const reason of [
        /^link is a link/m,
        /^loop is a link/m,
        /^\.secret is hidden/m,
        /^\.DS_Store is hidden/m,
        /^deep\/er\/est lies deeper/m
      ]
    ) assert.match(told, reason)
  })

  it("O1 files over the bound are named as one", async () => {
    const path = directory(
      Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`t${i}.md`, "User: a\nAssistant: b"]))
    )
    const { asides, conversations, receipt } = await read(path, { entriesMax: 10 })
    assert.strictEqual(conversations.length + receipt.conversations.merged, 10)
    assert.match(reasons(asides)[0]!, /20 of its files are over entriesMax/)
  })

  it("O2 the order is that of the names", async () => {
    const files = Object.fromEntries(
      ["b/2", "a", "b/1", "c", "B"].map((name) => [`${name}.json`, json(talk(name.replace("/", "")))])
    )
    const orders = await Promise.all(
      [directory(files), directory(Object.fromEntries(Object.entries(files).toReversed()))].map((path) => read(path))
    )
    for (const { conversations } of orders) {
      assert.deepStrictEqual(conversations.map(({ sourceId }) => sourceId), ["B", "a", "b1", "b2", "c"])
    }
  })
})
