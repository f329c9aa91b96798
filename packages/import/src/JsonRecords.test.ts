/** Files with one broken record, in every way a record breaks. */
import { assert, describe, it } from "vitest"
import { member } from "./Json.ts"
import { JsonRecords } from "./JsonRecords.ts"

const records = (
  text: string | Uint8Array,
  options: { chunk?: number; bytesMax?: number; jsonDepthMax?: number; jsonMarksMax?: number } = {}
) => {
  const bytes = Buffer.from(text)
  const reading = new JsonRecords({
    listKey: null,
    nodesKey: "mapping",
    bytesMax: options.bytesMax ?? 1_000_000,
    jsonDepthMax: options.jsonDepthMax ?? 100,
    jsonMarksMax: options.jsonMarksMax ?? 1_000_000,
    looksLike: (value) => typeof member(value, "mapping") === "object"
  })
  const step = options.chunk ?? 64
  const found = []
  for (let at = 0; at < bytes.length; at += step) found.push(...reading.push(bytes.subarray(at, at + step)))
  found.push(...reading.end())
  return found
}

const good = (id: string, extra = "") => `{"title":"${id}","mapping":{"${id}":{"message":null}}${extra}}`
/** `a` for a whole record titled a, else its flaw. */
const shape = (text: string | Uint8Array, options = {}) =>
  records(text, options).map((record) =>
    record._tag === "Whole"
      ? String(member(record.value, "title") ?? JSON.stringify(record.value))
      : `! ${record.reason}`
  )

describe("JsonRecords", () => {
  it("K1 a record that is no JSON costs itself only", () => {
    for (
      const broken of [
        "{\"title\":tru}",
        "{\"title\":\"a\nb\"}",
        "{\"title\":01}",
        "{'title':1}",
        "{\"title\":\"\\x\"}"
      ]
    ) {
      assert.deepStrictEqual(shape(`[${good("a")},${broken},${good("b")}]`), ["a", "! broken JSON", "b"])
    }
    const [, flawed] = records(`[${good("a")}, {"title":tru} , ${good("b")}]`)
    assert.strictEqual(Buffer.from(flawed!.piece.bytes).toString(), "{\"title\":tru}")
  })

  it("K1 values that are no objects are whole and told apart", () => {
    assert.deepStrictEqual(shape(`[5,"x",null,[1],${good("a")}]`), ["5", "\"x\"", "null", "[1]", "a"])
  })

  it("K1 bytes that are not UTF-8 are noticed", () => {
    const [record] = records(
      Buffer.concat([Buffer.from("[{\"mapping\":{},\"title\":\""), Uint8Array.of(0xff), Buffer.from("\"}]")])
    )
    assert.isTrue(record?._tag === "Whole" && !record.utf8)
  })

  it("K2 after a lost quote reading goes on at the next record", () => {
    const lost = good("x").replace("x\",", "x,")
    assert.deepStrictEqual(shape(`[${good("a")},${lost},${good("b")},${good("c")}]`), ["a", "! broken JSON", "b", "c"])
    assert.deepStrictEqual(
      shape(`[${lost},${good("b")},${good("c")}]`),
      ["! broken JSON", "b", "c"],
      "also before any good one"
    )
  })

  it("K2 after a lost bracket reading goes on at the next record", () => {
    const open = good("x").slice(0, -1)
    assert.deepStrictEqual(shape(`[${good("a")},${open},${good("b")},${good("c")}]`), ["a", "! broken JSON", "b", "c"])
    const text = `[${Array.from({ length: 200 }, (_, i) => i === 20 ? open : good(`n${i}`)).join(",\n")}]`
    assert.strictEqual(shape(text, { chunk: 333 }).filter((title) => title.startsWith("n")).length, 199)
  })

  it("K2 the nodes before the lost place are counted", () => {
    const open = "{\"title\":\"x\",\"mapping\":{\"1\":{},\"2\":{},\"3\":{}"
    const found = records(`[${good("a")},${open},${good("b")}]`)
    assert.deepStrictEqual(found.map(({ piece }) => piece.nodes), [1, 3, 1])
  })

  it("K2 a record inside a broken record's text is not taken for one", () => {
    const quoted = JSON.stringify(good("inside"))
    assert.deepStrictEqual(shape(`[${good("a")},{"title":tru,"text":${quoted}},${good("b")}]`), [
      "a",
      "! broken JSON",
      "b"
    ])
  })

  it("K3 what is over a bound is named by it", () => {
    const long = good("x", `,"text":"${"y".repeat(5_000)}"`)
    assert.deepStrictEqual(shape(`[${good("a")},${long},${good("b")}]`, { bytesMax: 1_000 }), [
      "a",
      "! over conversationBytesMax (1000 bytes)",
      "b"
    ])
    const deep = good("x", `,"deep":${"[".repeat(200)}${"]".repeat(200)}`)
    assert.deepStrictEqual(shape(`[${deep},${good("b")}]`), ["! nested 201 deep, over jsonDepthMax (100)", "b"])
  })

  it("K3 a hundred thousand brackets are refused without being parsed", () => {
    const bomb = "[".repeat(100_000)
    assert.deepStrictEqual(shape(`[${good("a")},${bomb}${"]".repeat(100_000)},${good("b")}]`), [
      "a",
      "! nested 100000 deep, over jsonDepthMax (100)",
      "b"
    ])
    assert.deepStrictEqual(shape(`[${good("a")},${bomb}`), ["a", "! cut off"])
  })

  it("K3 what would weigh too much in memory is refused without being parsed", () => {
    const many = good("x", `,"many":[${"{},".repeat(60_000)}{}]`)
    const found = shape(`[${many},${good("b")}]`, { jsonMarksMax: 100_000 })
    assert.match(found[0]!, /holds \d+ marks of JSON, over jsonMarksMax/)
    assert.strictEqual(found[1], "b")
  })

  it("K3 the cut end of a file is told", () => {
    const whole = `[${good("a")},${good("b")}]`
    for (let cut = whole.indexOf("},{") + 4; cut < whole.length - 1; cut++) {
      assert.deepStrictEqual(shape(whole.slice(0, cut)), ["a", "! cut off"])
    }
  })

  it("K3 a record swallowed by an endless one is found again at the bound", () => {
    const open = "{\"title\":\"x\",\"mapping\":{\"1\":{},"
    const rest = Array.from({ length: 100 }, (_, i) => good(`n${i}`)).join(",")
    assert.strictEqual(
      shape(`[${good("a")},${open},${rest}]`, { bytesMax: 500 }).filter((title) => title.startsWith("n")).length,
      100
    )
  })

  it("K4 rubbish between records comes out once", () => {
    const extra = good("x").replace("{\"x\":", "{\"x\":}{}}}},")
    assert.deepStrictEqual(shape(`[${good("a")},${extra},${good("b")}]`).filter((title) => !title.startsWith("!")), [
      "a",
      "b"
    ])
    assert.deepStrictEqual(shape(`[${good("a")}, } : } ] } "x" : 5 ],${good("b")}]`), ["a", "! broken JSON", "b"])
    const values = shape(`[${good("a")},${"1,\"x\",".repeat(20_000)}${good("b")},7]`)
    assert.deepStrictEqual([values.length, values.at(-3), values.at(-2), values.at(-1)], [
      1_003,
      "! broken JSON",
      "b",
      "! broken JSON"
    ])
    const noise = " } ".repeat(50_000)
    const [, rubbish] = records(`[${good("a")},${noise},${good("b")}]`, { chunk: 10_000 })
    assert.strictEqual(rubbish!.piece.bytes.filter((byte) => byte === 0x7d).length, 50_000)
  })
})
