/** JSON in chunks of every size against the parser that has it whole. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { JsonSplitter, type Piece } from "./JsonSplitter.ts"

const split = (text: string, options: { chunk?: number; listKey?: string | null; bytesMax?: number } = {}) => {
  const bytes = Buffer.from(text)
  const splitter = new JsonSplitter({
    listKey: options.listKey ?? null,
    nodesKey: "mapping",
    bytesMax: options.bytesMax ?? 1_000_000
  })
  const pieces: Array<Piece> = []
  const step = options.chunk ?? bytes.length
  for (let at = 0; at < bytes.length; at += step) pieces.push(...splitter.push(bytes.subarray(at, at + step)))
  const last = splitter.end()
  if (last !== null) pieces.push(last)
  return {
    pieces,
    texts: pieces.map((piece) => Buffer.from(piece.bytes).toString()),
    listOpen: splitter.listOpen,
    bytes
  }
}

describe("JsonSplitter", () => {
  it("J1 any chunking gives the same pieces, verbatim and in place", () => {
    const value = FastCheck.jsonValue({ maxDepth: 4 })
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(value, { maxLength: 8 }),
        FastCheck.nat(6),
        FastCheck.nat(2),
        (list, step, indent) => {
          const text = JSON.stringify(list, null, indent)
          const { bytes, listOpen, pieces } = split(text, { chunk: step + 1 })
          assert.strictEqual(pieces.length, list.length)
          assert.isFalse(listOpen)
          pieces.forEach((piece, i) => {
            assert.deepStrictEqual(JSON.parse(Buffer.from(piece.bytes).toString()), JSON.parse(JSON.stringify(list[i])))
            assert.deepStrictEqual(Buffer.from(piece.bytes), bytes.subarray(piece.start, piece.end))
          })
        }
      ),
      { numRuns: 300 }
    )
  })

  it("J1 a mark before the file, a wrapper around the list and bare values are stepped into", () => {
    assert.deepStrictEqual(split("\uFEFF [1, {\"a\":2}]").texts, ["1", "{\"a\":2}"])
    const wrapped = "{\"user\":{\"conversations\":[9]},\"conversations\": [{\"a\":1},{\"b\":2}] ,\"x\":[3]}"
    for (const chunk of [1, 2, 3, 7, 100]) {
      assert.deepStrictEqual(split(wrapped, { listKey: "conversations", chunk }).texts, ["{\"a\":1}", "{\"b\":2}"])
    }
    assert.deepStrictEqual(split("{\"a\":1}\n{\"b\":2}\n3").texts, ["{\"a\":1}", "{\"b\":2}", "3"])
  })

  it("J2 brackets in strings are text, also behind escapes", () => {
    const tricky = ["}]{[", "\\", "\\\"", "\"}", "a\\\\\"b", "\u2028]", ""]
    for (const chunk of [1, 2, 5, 1_000]) {
      const { pieces, texts } = split(JSON.stringify(tricky.map((text) => ({ [text]: [text] }))), { chunk })
      assert.strictEqual(pieces.length, tricky.length)
      assert.deepStrictEqual(texts.map((text) => JSON.parse(text)), tricky.map((text) => ({ [text]: [text] })))
    }
  })

  it("J3 entries of the node container are counted as they stand", () => {
    const count = (record: string) => split(`[${record}]`).pieces[0]!.nodes
    assert.strictEqual(count("{\"mapping\":{\"a\":{\"x\":1},\"a\":{},\"b\":[1,2]},\"other\":{\"c\":1,\"d\":2}}"), 3)
    assert.strictEqual(count("{\"mapping\" : [ {\"a\":[1,2]}, {\"b\":1} , 3 ]}"), 3)
    assert.strictEqual(count("{\"mapping\":[]}"), 0)
    assert.strictEqual(count("{\"mapping\":{}}"), 0)
    assert.strictEqual(count("{\"mapping\":\"mapping\",\"x\":{\"mapping\":{\"a\":1}}}"), 0)
    assert.strictEqual(
      count("{\"m\\u0061pping\":{\"a\":1}}"),
      0,
      "an escaped key is another text; the parser's count wins then"
    )
    assert.strictEqual(split("[{\"mapping\":{\"a\":{},\"b\":{").pieces[0]!.nodes, 2)
  })

  it("J3 nesting is measured", () => {
    assert.strictEqual(split(`[${"[".repeat(50)}${"]".repeat(50)}]`).pieces[0]!.depth, 50)
    assert.strictEqual(split("{\"a\":{\"b\":1}}").pieces[0]!.depth, 2)
  })

  it("J4 a piece over the bound is announced and skipped to its end", () => {
    const long = `{"mapping":{${Array.from({ length: 50 }, (_, i) => `"n${i}":{"t":"${"x".repeat(20)}"}`).join(",")}}}`
    const { pieces, texts } = split(`[{"a":1},${long},{"b":2}]`, { chunk: 64, bytesMax: 200 })
    assert.deepStrictEqual(pieces.map(({ flaw }) => flaw), [null, "growing", "long", null])
    assert.deepStrictEqual([pieces[2]!.start, pieces[2]!.end], [9, 9 + long.length])
    assert.strictEqual(pieces[2]!.nodes, 50)
    assert.strictEqual(pieces[2]!.bytes.length, 0)
    assert.strictEqual(texts[3], "{\"b\":2}")
  })

  it("J5 what the end cuts off is told, and so is an open list", () => {
    const records = ["{\"a\":\"x\\\"y\"}", "{\"b\":[1,2]}", "3"]
    const whole = `[${records.join(",")}]`
    const isInside = (cut: number) =>
      records.some((record) => {
        const start = whole.indexOf(record)
        // A bare value may go on until a mark says otherwise.
        return cut > start && cut < start + record.length + (record === "3" ? 1 : 0)
      })
    for (let cut = 1; cut < whole.length; cut++) {
      const { listOpen, pieces } = split(whole.slice(0, cut), { chunk: 3 })
      assert.isTrue(listOpen)
      for (const piece of pieces.slice(0, -1)) assert.isNull(piece.flaw)
      assert.strictEqual(pieces.filter(({ flaw }) => flaw === "cut").length, isInside(cut) ? 1 : 0, `cut at ${cut}`)
    }
    assert.isFalse(split(whole).listOpen)
  })

  it("J5 reading can be sent back to a place in the last piece", () => {
    const splitter = new JsonSplitter({ listKey: null, nodesKey: "mapping", bytesMax: 1_000 })
    const seen: Array<string> = []
    for (const piece of splitter.push(Buffer.from("[{\"x\":{\"a\":1}}, {\"b\":2}]"))) {
      if (piece.start === 1) splitter.restart(piece.bytes.subarray(5), piece.start + 5)
      else seen.push(`${piece.start} ${Buffer.from(piece.bytes)}`)
    }
    assert.deepStrictEqual(seen, ["6 {\"a\":1}", "13 }", "16 {\"b\":2}"])
    assert.isFalse(splitter.listOpen)
  })
})
