/** Whatever is typed is understood, and never becomes syntax of the index. */
import * as SqliteFile from "@vivim/user-database/SqliteFile"
import type { UserView } from "@vivim/user-database/UserView"
import * as FastCheck from "effect/FastCheck"
import { assert, it } from "vitest"
import * as SearchQuery from "./SearchQuery.ts"
import * as SearchText from "./SearchText.ts"

const empty: UserView = {
  name: "empty",
  version: 1,
  tables: [`CREATE VIRTUAL TABLE words USING fts5(shown, hidden, content = '', tokenize = '${SearchText.tokenizer}')`],
  apply: () => undefined,
  touches: () => []
}
const file = SqliteFile.open(":memory:", { did: "did:key:zAda", view: empty, version: 1 })
const accepted = (match: string) => file.values("SELECT rowid FROM words WHERE words MATCH ?", match)

const said = ({ unwanted, wanted }: SearchQuery.Query) => [
  ...wanted.map((term) => (term.kind === "run" ? `~${term.run}` : term.words.join("+")) + (term.unfinished ? "*" : "")),
  ...unwanted.map((term) => `-${term.kind === "run" ? term.run : term.words.join("+")}`)
]

it("Y1 no query is ever refused by the index", () => {
  const piece = FastCheck.constantFrom(
    ..."\" ' ( ) * + - ^ : { } AND OR NOT NEAR NEAR(a,b) shown: rowid { } -- ; \\ \0 a ab \"a b\" -a -\"a b -東京 東 é 🙂 \ud800 , . ; %"
      .split(" "),
    " ",
    "\u3000"
  )
  const typed = FastCheck.oneof(
    FastCheck.string({ unit: "binary" }),
    FastCheck.array(piece).map((parts) => parts.join(""))
  )
  FastCheck.assert(
    FastCheck.property(typed, FastCheck.boolean(), (typed, unfinished) => {
      const { unwanted, wanted } = SearchQuery.parse(typed)
      const parts = wanted.map((term) => SearchQuery.expression(term, unfinished && term.unfinished))
      if (parts.length > 0) accepted(SearchQuery.conjunction(parts, unwanted))
      for (const part of parts) assert.match(part, /^[\p{L}\p{N}\p{M}" *()OR]*$/u)
    }),
    { numRuns: 500 }
  )
})

it("Y1 a query has bounds", () => {
  const { wanted } = SearchQuery.parse(Array.from({ length: 400 }, (_, i) => i).join(" "))
  assert.strictEqual(wanted.length, 12)
  const [long] = SearchQuery.parse(`"${"a b ".repeat(100)}"`).wanted
  assert.strictEqual(long?.kind === "words" && long.words.length, 24)
  assert.deepStrictEqual(SearchQuery.parse(" \n\" \" - -- \"\""), { wanted: [], unwanted: [] })
})

it("Y2 phrases, absences, and the word being typed", () => {
  assert.deepStrictEqual(said(SearchQuery.parse("Docker \"Named Volume\" -swarm -\"old thing\" perm")), [
    "docker",
    "named+volume",
    "perm*",
    "-swarm",
    "-old+thing"
  ])
  assert.deepStrictEqual(said(SearchQuery.parse("done ")), ["done"])
  assert.deepStrictEqual(said(SearchQuery.parse("\"open phrase")), ["open+phrase"])
  assert.deepStrictEqual(said(SearchQuery.parse("tea tea Tea")), ["tea"])
  assert.deepStrictEqual(said(SearchQuery.parse("a - b --c -")), ["a", "b", "c"])
})

it("Y2 what a hyphen, a dot or an underscore joins stands together", () => {
  assert.deepStrictEqual(said(SearchQuery.parse("gpt-4 foo.bar() snake_case x")), [
    "gpt+4",
    "foo+bar",
    "snake+case",
    "x*"
  ])
  const [term] = SearchQuery.parse("snake_runn").wanted
  assert.match(SearchQuery.expression(term!, true), /^\("snake runn" \* OR "snake running"/)
  assert.strictEqual(SearchQuery.expression(term!, false), "\"snake runn\"")
})

it("Y3 scripts are cut where they meet", () => {
  assert.deepStrictEqual(said(SearchQuery.parse("React開発 東 -京都 ")), ["react", "~開発", "~東", "-京都"])
  assert.strictEqual(SearchQuery.expression(SearchQuery.parse("東京都").wanted[0]!, true), "\"東京 京都\"")
  assert.strictEqual(SearchQuery.expression(SearchQuery.parse("東").wanted[0]!, false), "\"東\" *")
  assert.deepStrictEqual(said(SearchQuery.parse("🙂 great🙂")), ["great*"])
})
