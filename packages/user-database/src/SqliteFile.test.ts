/** One file: whose it is, what a batch leaves in it, what an erasure does not. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, it } from "vitest"
import type { Identity } from "./Shelf.ts"
import * as SqliteFile from "./SqliteFile.ts"
import type { Fact, UserView } from "./UserView.ts"

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-file-"))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

const diary: UserView = {
  name: "diary",
  version: 2,
  tables: ["CREATE TABLE pages (day INTEGER PRIMARY KEY, text TEXT NOT NULL)"],
  apply: (db, { event, position }) => {
    if (event._tag === "diary.Written") db.run("INSERT INTO pages VALUES (?, ?)", position, String(event["text"]))
    if (event._tag === "diary.Burnt") db.run("DELETE FROM pages")
  },
  touches: () => ["diary"],
  erases: ({ event }) => event._tag === "diary.Burnt"
}
const ada: Identity = { did: "did:key:zAda", view: diary, version: 2 }
const fact = (position: number, event: Fact["event"]): Fact => ({
  position,
  stream: "diary/1",
  version: position,
  owner: ada.did,
  at: 0,
  event
})
const written = (position: number, text: string) => fact(position, { _tag: "diary.Written", text })

const refusal = (file: string, identity: Identity) => {
  try {
    SqliteFile.open(file, identity).close()
    return "opened"
  } catch (cause) {
    return String(cause)
  }
}

it("F1 a file is opened only for the one it says it belongs to", () => {
  const file = path.join(directory, "whose.sqlite")
  SqliteFile.open(file, ada).close()
  assert.strictEqual(refusal(file, ada), "opened")
  assert.include(refusal(file, { ...ada, did: "did:key:zBo" }), "its did is did:key:zAda, not did:key:zBo")
  assert.include(refusal(file, { ...ada, version: 1 }), "its version is 2, not 1")
  assert.include(refusal(file, { ...ada, view: { ...diary, name: "letters" } }), "its view is diary, not letters")
  const changed = { ...diary, tables: [...diary.tables, "CREATE TABLE more (n)"] }
  assert.include(refusal(file, { ...ada, view: changed }), "tables changed without its version being raised")
  fs.writeFileSync(file, "not a database, but long enough to be looked at".repeat(100))
  assert.include(refusal(file, ada), "not a database")
})

it("F1 an older version is opened by the view that came after it", () => {
  const file = path.join(directory, "older.sqlite")
  SqliteFile.open(file, { ...ada, view: { ...diary, version: 1 }, version: 1 }).close()
  assert.strictEqual(refusal(file, { ...ada, version: 1 }), "opened")
})

it("F1 a file whose making was cut short is made again", () => {
  const file = path.join(directory, "empty.sqlite")
  fs.writeFileSync(file, "")
  const open = SqliteFile.open(file, ada)
  assert.strictEqual(open.checkpoint, 0)
  open.close()
})

it("F2 a batch is whole or not there, and the one that failed is named", () => {
  const open = SqliteFile.open(":memory:", ada)
  open.apply(diary, [written(1, "a")])
  assert.throws(() => open.apply(diary, [written(2, "b"), written(2, "b again")]), "position 2 comes after 2")
  const broken: UserView = {
    ...diary,
    apply: () => {
      throw new Error("no ink")
    }
  }
  assert.throws(() => open.apply(broken, [written(2, "b")]), "diary cannot apply diary.Written at 2")
  assert.strictEqual(open.checkpoint, 1)
  assert.strictEqual(open.value<number>("SELECT count(*) FROM pages"), 1)
  assert.throws(() => open.run("DELETE FROM pages"), "readonly")
  open.close()
})

it("F3 what was erased is in no byte of the file or its journal", () => {
  const file = path.join(directory, "burnt.sqlite")
  const open = SqliteFile.open(file, ada)
  const traces = () =>
    ["", "-wal"].filter((suffix) => fs.existsSync(file + suffix) && fs.readFileSync(file + suffix).includes("canary"))
  open.apply(diary, [written(1, "canary ".repeat(10)), written(2, "canary ".repeat(2_000))])
  assert.deepStrictEqual(traces(), ["-wal"])
  open.apply(diary, [fact(3, { _tag: "diary.Burnt" })])
  assert.deepStrictEqual(traces(), [])
  open.close()
  assert.deepStrictEqual(traces(), [])
})

it("F2 more different queries than are kept ready still answer", () => {
  const open = SqliteFile.open(":memory:", ada)
  const answers = Array.from({ length: 600 }, (_, i) => open.value<number>(`SELECT ${i}`))
  assert.deepStrictEqual(answers, Array.from({ length: 600 }, (_, i) => i))
  open.close()
})
