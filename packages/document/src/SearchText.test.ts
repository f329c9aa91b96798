/** Words are compared with those SQLite keeps, script by script. */
import * as SqliteFile from "@vivim/user-database/SqliteFile"
import type { UserView } from "@vivim/user-database/UserView"
import * as FastCheck from "effect/FastCheck"
import { assert, it } from "vitest"
import * as SearchStem from "./SearchStem.ts"
import * as SearchText from "./SearchText.ts"

const view: UserView = {
  name: "texts",
  version: 1,
  tables: [
    `CREATE VIRTUAL TABLE words USING fts5(text, content = '', tokenize = '${SearchText.tokenizer}')`,
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, instance)"
  ],
  apply: (db, { event }) => {
    db.run("INSERT INTO words (words) VALUES ('delete-all')")
    ;(event["texts"] as ReadonlyArray<string>).forEach((text, i) =>
      db.run("INSERT INTO words (rowid, text) VALUES (?, ?)", i + 1, SearchText.indexed(text))
    )
  },
  touches: () => []
}
const file = SqliteFile.open(":memory:", { did: "did:key:zAda", view, version: 1 })
const index = (texts: ReadonlyArray<string>) => {
  const position = file.checkpoint + 1
  const event = { _tag: "texts", texts }
  file.apply(view, [{ position, stream: "t", version: position, owner: "o", at: 0, event }])
}

/** The index's words of each text. */
const theirs = (all: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  index(all)
  const words = all.map(() => new Array<string>())
  // An accent that stands alone is a word without letters to SQLite, and nothing here.
  const rows = file.all<{ doc: number; term: string | null }>("SELECT doc, term FROM vocabulary ORDER BY doc, offset")
  for (const { doc, term } of rows) if (term !== null && term !== "") words[doc - 1]!.push(term)
  return words
}
const ours = (text: string) => SearchText.wordsOf(SearchText.indexed(text)).map(SearchStem.stem)

const ranges: ReadonlyArray<readonly [from: number, to: number, what: string]> = [
  [0x21, 0x52f, "Latin, Greek, Cyrillic"],
  [0x5d0, 0x6ff, "Hebrew, Arabic"],
  [0x900, 0x97f, "Devanagari"],
  [0xe01, 0xe5b, "Thai"],
  [0x1e00, 0x1fff, "Latin and Greek with accents"],
  [0x2000, 0x2bff, "punctuation and symbols"],
  [0x3001, 0x30ff, "kana"],
  [0x4e00, 0x9fa5, "Han"],
  [0xac00, 0xd7a3, "Hangul"],
  [0xff01, 0xffee, "wide forms"],
  [0x1f300, 0x1faff, "emoji"]
]

/** Letters Unicode gained after SQLite's tables were made: it does not fold their case. */
const young = new Set([..."\u037f\u0528\u052a\u052c\u052e\u1e9e\u2c2f", "\u0345"])

it.each(ranges)("T1 words are the index's, %x to %x: %s", (from, to) => {
  const texts: Array<string> = []
  for (let c = from; c <= to; c++) {
    const character = String.fromCodePoint(c)
    if (/\p{Cn}|\p{Co}/u.test(character) || young.has(character)) continue
    texts.push(`a${character}b x${character} ${character}y ${character}`)
  }
  const words = theirs(texts)
  texts.forEach((text, i) => assert.deepStrictEqual(ours(text), [...words[i]!], text))
})

it("T1 words are the index's in sentences of all kinds", () => {
  const bit = FastCheck.constantFrom(
    ..."running Runner's naïve cafe\u0301 STRASSE Straße ﬁle Ångström İstanbul Ελλάδος привет Ёлка שָׁלוֹם مُحَمَّد हिन्दी สวัสดี 東京都 ﾃｽﾄ Ｗｉｄｅ 한국어 x² 3½ ❤️ 👩‍👩‍👧 🙂ok \ue200cite\ue202turn0 a_b C++ foo.bar() don’t e-mail \u200b \u2066rtl\u2069 ₿ 𝒳 𠀀"
      .split(" ")
  )
  const text = FastCheck.array(FastCheck.tuple(bit, FastCheck.constantFrom(" ", "", "\n", "-")), { maxLength: 8 })
    .map((parts) => parts.flat().join(""))
  FastCheck.assert(
    FastCheck.property(FastCheck.array(text, { minLength: 50, maxLength: 50 }), (texts) => {
      const words = theirs(texts)
      texts.forEach((text, i) => assert.deepStrictEqual(ours(text), [...words[i]!], text))
    }),
    { numRuns: 20 }
  )
})

it("T2 any part of a run is found, from one character on, and nothing else is", () => {
  const characters = FastCheck.constantFrom(..."東京都庁にいるカーสวัดี한국𠀀")
  const run = FastCheck.string({ unit: characters, minLength: 1, maxLength: 6 })
  FastCheck.assert(
    FastCheck.property(FastCheck.array(run, { minLength: 30, maxLength: 30 }), run, (texts, part) => {
      index(texts)
      const pieces = SearchText.piecesOf(part)
      const asked = pieces.map((piece) => {
        assert.strictEqual(piece.kind, "run")
        const pairs = SearchText.pairsOf(piece.kind === "run" ? piece.run : "")
        return `"${pairs.join(" ")}"${[...part].length < 2 ? " *" : ""}`
      })
      const found = file.values<number>(
        "SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid",
        asked.join(" AND ")
      )
      const wanted = SearchText.normal(part)
      const expected = texts.flatMap((text, i) => SearchText.normal(text).includes(wanted) ? [i + 1] : [])
      assert.deepStrictEqual(found, expected, part)
    }),
    { numRuns: 120 }
  )
})

it("T3 ordinary text is indexed as it is, the rest as it has to be", () => {
  const plain = "Plain text, naïve façade — “quoted” don’t ✓ 20 € Привет α²\n```js\nlet x = 1\n```"
  assert.strictEqual(SearchText.indexed(plain), plain)
  assert.strictEqual(SearchText.indexed("見て見"), " 見て て見 見 ")
  assert.strictEqual(SearchText.indexed("use東京now"), "use 東京 京 now")
  assert.strictEqual(SearchText.indexed("good🙂done"), "good done")
})

it("T4 products' own marks are no words, in the text or in the question", () => {
  const text =
    "Swifts sleep \ue200cite\ue202turn0search1\ue201 in \ue200entity\ue202[\"season\",\"autumn\"]\ue201, cut \ue202short"
  assert.strictEqual(SearchText.indexed(text), "Swifts sleep in autumn, cut short".replace(",", " "))
  assert.deepStrictEqual(SearchText.piecesOf("sleep\ue200cite\ue202turn0search1\ue201"), [
    { kind: "words", words: ["sleep"] }
  ])
})

it("T3 what is in users' files stays what it was: another form needs another version of the view", () => {
  // Words are taken out of the index by handing it the same form again. If this changes, raise LibraryView's version.
  const tricky = "İstanbul ﬁle café cafe\u0301 東京タワー สวัสดี한국 مُحَمَّد ❤️🙂👍🏽 Ｗｉｄｅ \ue200cite\ue201 x² שָׁלוֹם"
  assert.strictEqual(
    SearchText.indexed(tricky),
    "İstanbul file café café  東京 京タ タワ ワー ー   สว วั ัส สด ดี ี한 한국 국  محمد       Wide x2 שלום"
  )
})
