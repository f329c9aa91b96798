/** Stems are compared with those SQLite keeps, word for word. */
import * as SqliteFile from "@vivim/user-database/SqliteFile"
import type { Fact, UserView } from "@vivim/user-database/UserView"
import * as FastCheck from "effect/FastCheck"
import { assert, it } from "vitest"
import * as SearchStem from "./SearchStem.ts"

const tokens: UserView = {
  name: "tokens",
  version: 1,
  tables: [
    `CREATE VIRTUAL TABLE words USING fts5(text, content = '', tokenize = "porter ascii")`,
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, instance)"
  ],
  apply: (db, { event }) => {
    db.run("INSERT INTO words (words) VALUES ('delete-all')")
    ;(event["words"] as ReadonlyArray<string>).forEach((word, i) =>
      db.run("INSERT INTO words (rowid, text) VALUES (?, ?)", i + 1, word)
    )
  },
  touches: () => []
}
const file = SqliteFile.open(":memory:", { did: "did:key:zAda", view: tokens, version: 1 })
const fact = (position: number, words: ReadonlyArray<string>): Fact => ({
  position,
  stream: "words",
  version: position,
  owner: "did:key:zAda",
  at: 0,
  event: { _tag: "words", words }
})

/** What SQLite makes of each word, one row per word. */
const stemsOf = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  file.apply(tokens, [fact(file.checkpoint + 1, words)])
  return file.values<string>("SELECT term FROM vocabulary ORDER BY doc")
}

const letters = FastCheck.constantFrom(..."aeiouybcdlmnrstvxyz")
const endings = FastCheck.constantFrom(
  ..."s es ies sses ed eed ing y ational tional enci anci izer logi bli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti biliti icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent ion tion sion ou ism ate iti ous ive ize e ll le y9 é 日本"
    .split(" ")
)
const word = FastCheck.tuple(FastCheck.string({ unit: letters, minLength: 1, maxLength: 7 }), endings, endings)
  .chain(([root, one, two]) => FastCheck.constantFrom(root, root + one, root + one + two))

it("M1 stems are SQLite's, word for word", () => {
  FastCheck.assert(
    FastCheck.property(FastCheck.array(word, { minLength: 200, maxLength: 400 }), (words) => {
      assert.deepStrictEqual(words.map(SearchStem.stem), [...stemsOf(words)])
    }),
    { numRuns: 30 }
  )
})

it("M1 long and short words, too", () => {
  const words = [
    "as",
    "is",
    "a",
    "ies",
    "ses",
    "x".repeat(62) + "s",
    "x".repeat(63) + "s",
    "é".repeat(32) + "s",
    "és",
    "日本s"
  ]
  assert.deepStrictEqual(words.map(SearchStem.stem), [...stemsOf(words)])
})

it("M2 behind a half-typed word its stems are found", () => {
  const leads = (typed: string, to: string) =>
    SearchStem.completions(typed).some((word) => SearchStem.stem(word) === SearchStem.stem(to))
  for (
    const word of [
      "running",
      "generalizations",
      "happiness",
      "conditional",
      "relational",
      "hopping",
      "stories",
      "configuration",
      "effectiveness",
      "accessible",
      "management",
      "traditions",
      "activities",
      "possibility",
      "assistants",
      "economist"
    ]
  ) {
    const stemmed = SearchStem.stem(word)
    for (let typed = 3; typed <= word.length; typed++) {
      const beginning = word.slice(0, typed)
      if (stemmed.startsWith(beginning)) continue
      // The stem may be reached from what is typed, or is what is typed once that is stemmed itself.
      assert.isTrue(leads(beginning, word) || SearchStem.stem(beginning) === stemmed, `${beginning} for ${word}`)
    }
  }
  for (const word of SearchStem.completions("runn")) assert.isFalse(SearchStem.stem(word).startsWith("runn"))
})
