/** A sealed file, as who has the disk sees it, and as its owner does. */
import Sqlite from "better-sqlite3-multiple-ciphers"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, it } from "vitest"
import * as SealedSqlite from "./SealedSqlite.ts"

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-sealed-"))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))
const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
const canary = "xylophone marmalade"

const write = (file: string, keys: ReadonlyArray<Uint8Array>, keepOpen = false) => {
  const connection = SealedSqlite.open(file, keys)
  connection.pragma("journal_mode = WAL")
  connection.exec("CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text)")
  connection.prepare("INSERT INTO words VALUES (?)").run(`${canary} `.repeat(400))
  if (!keepOpen) connection.close()
  return connection
}
const rows = (file: string, keys: ReadonlyArray<Uint8Array>) => {
  const connection = SealedSqlite.open(file, keys)
  try {
    return connection.prepare("SELECT count(*) FROM words WHERE words MATCH 'marmalade'").pluck().get()
  } finally {
    connection.close()
  }
}
const everything = () => fs.readdirSync(directory).map((name) => fs.readFileSync(path.join(directory, name)))
const isTold = () => everything().some((bytes) => bytes.includes("marmalade") || bytes.includes("SQLite format 3"))

it("E1 a sealed file tells nothing, nor does its journal, and opens with its key alone", () => {
  const file = path.join(directory, "one.sqlite")
  const open = write(file, [key], true)
  assert.isAbove(fs.statSync(`${file}-wal`).size, 10_000)
  assert.isFalse(isTold())
  open.close()
  assert.isFalse(isTold())
  assert.strictEqual(rows(file, [key]), 1)
  for (const keys of [[], [other], [other, Buffer.alloc(32, 3)]]) {
    assert.throws(() => rows(file, keys), /not a database/)
  }
  assert.strictEqual(rows(file, [key]), 1, "what did not open it did not harm it")
})

it("E2 a file that lay open is sealed before it is used, and nothing of what it was is left", () => {
  const file = path.join(directory, "two.sqlite")
  const plain = new Sqlite(file)
  plain.pragma("journal_mode = WAL")
  plain.exec("CREATE VIRTUAL TABLE words USING fts5(text)")
  plain.prepare("INSERT INTO words VALUES (?)").run(canary)
  // As a killed process leaves it: what was said last is in the journal alone.
  const journal = fs.readFileSync(`${file}-wal`)
  const bytes = fs.readFileSync(file)
  plain.close()
  fs.writeFileSync(file, bytes)
  fs.writeFileSync(`${file}-wal`, journal)
  assert.isTrue(isTold())
  assert.strictEqual(rows(file, [key]), 1)
  assert.isFalse(isTold())
})

it("E2 a file that has an older key gets today's, and what was set aside under the older one goes", () => {
  const file = path.join(directory, "three.sqlite")
  write(file, [other])
  fs.copyFileSync(file, `${file}.aside`)
  assert.strictEqual(rows(file, [key, other]), 1)
  assert.throws(() => rows(file, [other]), /not a database/)
  assert.isFalse(fs.existsSync(`${file}.aside`))
  assert.strictEqual(rows(file, [key]), 1)
})
