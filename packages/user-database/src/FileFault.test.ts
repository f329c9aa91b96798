/** What befalls files, and what is made of it: real files, really damaged. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"
import * as FileFault from "./FileFault.ts"
import * as SqliteUserDatabases from "./SqliteUserDatabases.ts"
import { UserDatabases } from "./UserDatabases.ts"
import type { Fact, UserView } from "./UserView.ts"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-fault-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

const words: UserView = {
  name: "words",
  version: 1,
  tables: ["CREATE TABLE words (word TEXT NOT NULL)"],
  apply: (db, { event }) => void db.run("INSERT INTO words VALUES (?)", String(event["word"])),
  touches: () => []
}
const fact = (position: number): Fact => ({
  position,
  stream: "word/1",
  version: position,
  owner: ada,
  at: 0,
  event: { _tag: "word.Said", word: `word ${position}`.repeat(20) }
})
const [ada, bo] = ["did:key:zAda", "did:key:zBo"] as const
const all = (db: { values: <V>(sql: string) => Array<V> }) => db.values<string>("SELECT word FROM words")

const filesUnder = (directory: string) =>
  fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))

const on = <A, E>(name: string, use: Effect.Effect<A, E, UserDatabases>) =>
  Effect.provide(use, SqliteUserDatabases.layer({ directory: path.join(root, name), views: [words] }))

/** Two users, whose files are closed by then. */
const furnished = (name: string) =>
  Effect.map(
    on(
      name,
      Effect.gen(function*() {
        const users = yield* UserDatabases
        yield* users.create(ada)
        yield* users.apply(ada, words, Array.from({ length: 200 }, (_, n) => fact(n + 1)))
        const its = filesUnder(path.join(root, name)).find((file) => file.endsWith(".sqlite"))!
        yield* users.create(bo)
        return its
      })
    ),
    (file) => ({
      file,
      other: filesUnder(path.join(root, name)).find((one) => one.endsWith(".sqlite") && one !== file)!
    })
  )

const damages: Readonly<Record<string, (file: string, other: string) => void>> = {
  noise: (file) => fs.writeFileSync(file, Buffer.alloc(9_000, 0xa7)),
  cut: (file) => fs.truncateSync(file, 5_000),
  empty: (file) => fs.truncateSync(file, 0),
  another: (file, other) => fs.copyFileSync(other, file)
}

for (const [what, damage] of Object.entries(damages)) {
  it.effect(`K1 a file that is ${what} is damaged, whoever meets it`, () =>
    Effect.gen(function*() {
      const { file, other } = yield* furnished(what)
      damage(file, other)
      yield* on(
        what,
        Effect.gen(function*() {
          const users = yield* UserDatabases
          const heard = yield* Effect.fork(Stream.runCollect(Stream.take(users.damaged, 1)))
          yield* Effect.repeatN(Effect.yieldNow(), 10)
          assert.strictEqual((yield* Effect.flip(users.apply(ada, words, [fact(201)])))._tag, "FileDamaged")
          assert.strictEqual((yield* Effect.flip(users.read(ada, words, all)))._tag, "UserDatabaseError")
          assert.deepStrictEqual([...yield* heard], [{ did: ada, view: "words", certain: true }])
          assert.deepStrictEqual(yield* users.read(bo, words, all), [])
        })
      )
    }))
}

it.effect("D5 what is set aside is kept as it is, journal and all, until its user goes", () =>
  Effect.gen(function*() {
    const { file } = yield* furnished("aside")
    yield* on(
      "aside",
      Effect.gen(function*() {
        const users = yield* UserDatabases
        fs.writeFileSync(file, "torn")
        fs.writeFileSync(`${file}-wal`, "journal")
        yield* users.setAside(ada, words)
        assert.strictEqual(fs.readFileSync(`${file}.aside`, "utf8"), "torn")
        assert.strictEqual(fs.readFileSync(`${file}.aside-wal`, "utf8"), "journal")
        yield* users.rebuild(ada, words)
        yield* users.apply(ada, words, [fact(1)], "next")
        yield* users.swap(ada, words)
        assert.lengthOf(yield* users.read(ada, words, all), 1)
        assert.isTrue(fs.existsSync(`${file}.aside`), "a swap leaves it where it is")
        yield* users.delete(ada)
        assert.isEmpty(filesUnder(path.join(root, "aside")).filter((one) => one.startsWith(file.slice(0, -20))))
      })
    )
  }))

it("K1 a full disk, a file that may not be opened and a bad value are told apart", () => {
  const coded = (code: string) => Object.assign(new Error(code), { code })
  const kinds = (code: string) => {
    const thrown = coded(code)
    return [FileFault.isDamage(thrown), FileFault.isWeather(thrown), FileFault.isScarce(thrown)]
  }
  assert.deepStrictEqual(kinds("SQLITE_CORRUPT_VTAB"), [true, false, false])
  assert.deepStrictEqual(kinds("SQLITE_NOTADB"), [true, false, false])
  assert.deepStrictEqual(kinds("SQLITE_FULL"), [false, true, true])
  assert.deepStrictEqual(kinds("ENOSPC"), [false, true, true])
  assert.deepStrictEqual(kinds("SQLITE_CANTOPEN"), [false, true, false])
  assert.deepStrictEqual(kinds("EACCES"), [false, true, false])
  assert.deepStrictEqual(kinds("SQLITE_CONSTRAINT_UNIQUE"), [false, false, false])
  assert.deepStrictEqual([FileFault.isDamage(new TypeError("x")), FileFault.isWeather(null)], [false, false])
})
