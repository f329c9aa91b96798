/** Both generations of marks, and texts made to confuse them. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { cite, searchCitations } from "./ChatGptCitations.ts"
import { Notes } from "./Notes.ts"

const mark = (...parts: ReadonlyArray<string>) => `\uE200${parts.join("\uE202")}\uE201`
const read = (text: string, metadata: unknown = {}, spoken = false) => cite(text, metadata, spoken, new Notes())
const page = (url: string, title: string) => ({ url, title })

describe("ChatGptCitations", () => {
  it("G1 marks leave the text and become citations with the words before them", () => {
    const cited = mark("cite", "turn0search1", "turn0search4")
    const metadata = {
      content_references: [{
        matched_text: cited,
        type: "grouped_webpages",
        items: [page("https://a.example/", "A")],
        fallback_items: [page("https://b.example/", "B")]
      }]
    }
    assert.deepStrictEqual(read(`It rains ${cited} — often.`, metadata), {
      text: "It rains — often.",
      citations: [
        { url: "https://a.example/", title: "A", marker: "It rains" },
        { url: "https://b.example/", title: "B", marker: "It rains" }
      ]
    })
    assert.strictEqual(read(`It rains${cited}.`, metadata).text, "It rains.")
    assert.strictEqual(read(`It rains ${cited}often`, metadata).text, "It rains often")
    assert.strictEqual(read(`${cited}`, metadata).citations[0]?.marker, null)
    assert.strictEqual(read(`A ${cited}${cited} b`, metadata).text, "A b")
  })

  it("G1 a marker always stands in the text, whatever the text", () => {
    const text = FastCheck.array(
      FastCheck.oneof(
        FastCheck.string(),
        FastCheck.constantFrom(
          " ",
          "\n",
          "\uE200",
          "\uE201",
          "\uE203",
          "\0",
          "\uD83D",
          mark("cite", "turn0search1"),
          "【1†source】",
          "word "
        )
      ),
      { maxLength: 20 }
    )
    FastCheck.assert(
      FastCheck.property(text, FastCheck.boolean(), (parts, spoken) => {
        const metadata = { citations: [{ start_ix: 3, end_ix: 9, metadata: page("https://x.example/", "X") }] }
        const { citations, text } = read(parts.join(""), metadata, spoken)
        for (const { marker } of citations) if (marker !== null) assert.include(text, marker)
        if (!spoken) assert.notMatch(text, /[\uE200-\uE206]/)
      }),
      { numRuns: 500 }
    )
  })

  it("G1 a named thing stays readable, a person's own signs stay", () => {
    assert.strictEqual(
      read(`I love ${mark("entity", "[\"city\",\"Kyoto\",\"Japan\"]")} in spring`).text,
      "I love Kyoto in spring"
    )
    assert.strictEqual(read("a \uE203b\uE204 c").text, "a b c")
    assert.strictEqual(read("icon \uE203 here", {}, true).text, "icon \uE203 here")
  })

  it("G2 old marks stay, and are found by place or by order", () => {
    const text = "Up to ten months【1†source】, in glides【2†notes】."
    const at = text.indexOf("【2")
    const cited = (start: number, end: number, title: string) => ({
      start_ix: start,
      end_ix: end,
      metadata: page(`https://${title}.example/`, title)
    })
    const read2 = (citations: ReadonlyArray<unknown>) => read(text, { citations })
    assert.strictEqual(read2([]).text, text)
    assert.deepStrictEqual(read2([cited(at, at + 9, "b")]).citations.map(({ marker }) => marker), ["【2†notes】"])
    assert.deepStrictEqual(read2([cited(1, 2, "a"), cited(3, 4, "b")]).citations.map(({ marker }) => marker), [
      "【1†source】",
      "【2†notes】"
    ])
    assert.deepStrictEqual(read2([cited(1, 2, "a"), cited(3, 4, "b"), cited(5, 6, "c")]).citations[2]?.marker, null)
  })

  it("G3 a mark nothing is said about is kept without an address", () => {
    assert.deepStrictEqual(read(`So it is ${mark("cite", "turn3search9", "turn3news1")}.`).citations, [
      { url: null, title: "turn3search9", marker: "So it is" },
      { url: null, title: "turn3news1", marker: "So it is" }
    ])
  })

  it("G4 addresses are taken from wherever they are kept", () => {
    const metadata = {
      content_references: [
        { matched_text: " ", type: "sources_footnote", sources: [page("https://s.example/", "S")] },
        {
          matched_text: "x",
          items: [{ ...page("https://i.example/", "I"), supporting_websites: [page("https://w.example/", "W")] }]
        },
        { matched_text: mark("filecite", "turn0file0", "L1-L9"), type: "file", name: "lease.pdf", cloud_doc_url: null },
        { matched_text: "y", type: "webpage", url: "https://u.example/", title: "U" },
        "no reference",
        { matched_text: 5, items: "no list" }
      ]
    }
    const { citations } = read(`x and one cat ${mark("filecite", "turn0file0", "L1-L9")}`, metadata)
    assert.deepStrictEqual(citations.map(({ title, url }) => [title, url]), [
      ["lease.pdf, L1-L9", null],
      ["S", "https://s.example/"],
      ["I", "https://i.example/"],
      ["W", "https://w.example/"],
      ["U", "https://u.example/"]
    ])
    const found = {
      search_result_groups: [{ entries: [page("https://g.example/", "G")] }],
      _cite_metadata: { metadata_list: [page("https://m.example/", "M")] }
    }
    assert.deepStrictEqual(searchCitations(found, new Notes()).map(({ title }) => title), ["G", "M"])
  })
})
