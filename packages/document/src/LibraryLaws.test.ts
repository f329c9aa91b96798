/** What holds for any history of a library: batches do not show, nothing erased remains, nothing kept changes. */
import { Message } from "@vivim/event-schemas/document/Message"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import * as ConversationView from "./ConversationView.ts"
import * as Example from "./LibraryExample.ts"
import { LibraryView } from "./LibraryView.ts"
import * as Search from "./Search.ts"

const { apply, happened, imported, message, open } = Example
const directory = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-library-"))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

const rowTables = ["conversations", "tags", "messages", "bodies", "units", "titles"]
const rowsOf = (db: ReturnType<typeof open>) =>
  Object.fromEntries(rowTables.map((table) => [table, db.all(`SELECT * FROM ${table} ORDER BY 1, 2`)]))
const wordsOf = (db: ReturnType<typeof open>) =>
  ["tea", "time", "rice", "東京", "one"].map((word) =>
    db.values("SELECT rowid FROM words WHERE words MATCH ? ORDER BY 1", `"${word}"`)
  )
const found = (db: ReturnType<typeof open>, query: string, hidden = false) =>
  Search.messages(db, { query: `${query} `, hidden }).hits.map(({ messageId }) => messageId)

const ids = ["m1", "m2", "m3", "m4"] as const
const documents = ["d1", "d2"] as const
const saying = FastCheck.record({
  id: FastCheck.constantFrom(...ids),
  parent: FastCheck.option(FastCheck.constantFrom(...ids)),
  text: FastCheck.constantFrom(
    "tea",
    "tea time",
    "rice\n\n- one\n- two",
    "東京 tea",
    "🙂tea",
    "# Head\n```js\n1\n```",
    ""
  ),
  hidden: FastCheck.option(FastCheck.constantFrom("system", "tool")),
  at: FastCheck.option(FastCheck.nat(2_000_000_000))
}).map(({ id, text, ...said }) => message(id, text, said))
const event = FastCheck.oneof(
  {
    weight: 4,
    arbitrary: FastCheck.tuple(
      FastCheck.constantFrom(...documents),
      FastCheck.array(saying, { maxLength: 4 }),
      FastCheck.option(FastCheck.constantFrom("Tea", "東京", " "))
    ).map(([documentId, messages, title]) => imported(documentId, messages, { title }))
  },
  FastCheck.tuple(FastCheck.constantFrom(...documents), saying).map(([documentId, message]) =>
    happened("MessageAppended", documentId, { message })
  ),
  FastCheck.constantFrom(...documents).map((id) =>
    happened("ConversationStarted", id, { owner: Example.owner, title: "Begun" })
  ),
  FastCheck.constantFrom(...documents).map((id) => happened("ConversationRenamed", id, { title: "Mine" })),
  FastCheck.constantFrom(...documents).map((id) => happened("ConversationTagged", id, { tag: "home" })),
  FastCheck.constantFrom(...documents).map((id) => happened("ConversationUntagged", id, { tag: "home" })),
  FastCheck.constantFrom(...documents).map((id) => happened("ConversationArchived", id)),
  FastCheck.constantFrom(...documents).map((id) => happened("ConversationUnarchived", id)),
  FastCheck.constantFrom(...documents).map((id) => happened("ConversationDeleted", id))
)
const history = FastCheck.array(event, { maxLength: 14 }).map((events) =>
  events.map((event, i) => Example.factOf(i + 1, event))
)

it("L3 any cut into batches gives the same rows and the same words", () => {
  FastCheck.assert(
    FastCheck.property(
      history,
      FastCheck.array(FastCheck.integer({ min: 1, max: 5 }), { maxLength: 10 }),
      (facts, cuts) => {
        const [one, many] = [open(), open()]
        one.apply(LibraryView, facts)
        let from = 0
        for (const size of [...cuts, facts.length]) {
          many.apply(LibraryView, facts.slice(Math.max(0, from - 1), from + size))
          from += size
        }
        assert.deepStrictEqual(rowsOf(many), rowsOf(one))
        assert.deepStrictEqual(wordsOf(many), wordsOf(one))
        one.close()
        many.close()
      }
    ),
    { numRuns: 60 }
  )
})

/** The same value, its fields put in the other way round. */
const reversed = (value: any): any =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).toReversed().map(([key, part]) => [key, reversed(part)]))
    : value

it("L3 in whatever order an event's fields were put, the rows are the same", () => {
  FastCheck.assert(
    FastCheck.property(FastCheck.array(Arbitrary.make(Message), { minLength: 1, maxLength: 4 }), (messages) => {
      const [one, other] = [open(), open()]
      const chunk = imported("d1", messages)
      apply(one, chunk)
      apply(other, reversed(chunk))
      assert.deepStrictEqual(rowsOf(other), rowsOf(one))
      one.close()
      other.close()
    }),
    { numRuns: 100 }
  )
})

it("L3 a chunk that comes again under a new position changes no row but its own", () => {
  const chunk = imported("d1", [message("a", "tea", { at: 1 }), message("b", "rice", { parent: "a", at: 2 })], {
    title: "T"
  })
  const db = open()
  apply(db, chunk)
  const before = rowsOf(db)
  apply(db, chunk, chunk)
  // Only how many changes there were is another.
  const conversations = before["conversations"]!.map((row) => ({ ...row as object, version: 3 }))
  assert.deepStrictEqual(rowsOf(db), { ...before, conversations })
  assert.deepStrictEqual(found(db, "tea"), ["a"])
})

it("L4 whatever happened, the index holds the words of the rows, and no others", () => {
  FastCheck.assert(
    FastCheck.property(history, (facts) => {
      const db = open()
      db.apply(LibraryView, facts)
      const texts = db.all<{ readonly number: number; readonly text: string }>(
        "SELECT number, text FROM bodies ORDER BY number"
      )
      for (const word of ["tea", "time", "rice", "東京", "京", "head", "one"]) {
        const expected = texts.filter(({ text }) => text.toLowerCase().includes(word)).map(({ number }) => number)
        const asked = `{shown hidden} : ("${word}"${word === "京" ? " *" : ""})`
        assert.deepStrictEqual(
          db.values("SELECT rowid FROM words WHERE words MATCH ? ORDER BY 1", asked),
          expected,
          word
        )
      }
      db.close()
    }),
    { numRuns: 60 }
  )
})

describe("L4 a deleted conversation", () => {
  const secret = (n: number) => `xyzzyplugh${n} quuxcanary running through`
  const traces = (file: string) =>
    ["", "-wal", "-journal"].filter((suffix) => fs.existsSync(file + suffix)).flatMap((suffix) => {
      const bytes = fs.readFileSync(file + suffix)
      return ["xyzzyplugh", "quuxcanari", "quuxcanary", "zebratag", "gnutitle"].filter((word) => bytes.includes(word))
    })
  const noise = Array.from(
    { length: 30 },
    (_, d) =>
      imported(
        `n${d}`,
        Array.from({ length: 12 }, (_, i) => message(`n${i}`, `ordinary words number ${d} ${i} running`))
      )
  )

  it.each([[3, "word by word"], [600, "all at once"]])("L4 %i messages leave no row and no word behind: %s", (size) => {
    const file = path.join(directory, `erased-${size}.sqlite`)
    const db = open(file)
    const messages = Array.from(
      { length: size },
      (_, i) =>
        message(`m${i}`, secret(i), { hidden: i % 2 === 0 ? null : "tool", parent: i === 0 ? null : `m${i - 1}` })
    )
    db.apply(
      LibraryView,
      [...noise.slice(0, 15), imported("d1", messages, { title: "gnutitle" }), ...noise.slice(15)]
        .map((event, i) => Example.factOf(i + 1, event))
    )
    apply(
      db,
      happened("ConversationTagged", "d1", { tag: "zebratag" }),
      imported("d1", [message("m1", `${secret(1)} changed`)])
    )
    assert.isAbove(traces(file).length, 3)
    apply(db, happened("ConversationDeleted", "d1"))
    assert.deepStrictEqual(traces(file), [])
    assert.strictEqual(db.value<number>("SELECT count(*) FROM messages"), 360)
    assert.deepStrictEqual(found(db, "quuxcanary", true), [])
    assert.strictEqual(found(db, "ordinary").length, 20)
    db.close()
    assert.deepStrictEqual(traces(file), [])
  })
})

it("L1 any message the contract allows goes in and comes out as it was", () => {
  FastCheck.assert(
    FastCheck.property(
      FastCheck.uniqueArray(Arbitrary.make(Message), { selector: ({ id }) => id, maxLength: 4 }),
      (messages) => {
        const db = open()
        apply(db, imported("d1", messages))
        assert.deepStrictEqual(ConversationView.messages(db, "d1", messages.map(({ id }) => id)), messages)
        db.close()
      }
    )
  )
})
