/** Real files: how many are open, who may read them, what a killed process leaves. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"
import * as SqliteUserDatabases from "./SqliteUserDatabases.ts"
import { UserDatabases } from "./UserDatabases.ts"
import type { Fact, UserView } from "./UserView.ts"

/** In memory where there is such a place: five hundred users wait for the disk some thousand times. */
const root = fs.mkdtempSync(path.join(fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir(), "vivim-shelf-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))

const words: UserView = {
  name: "words",
  version: 1,
  tables: ["CREATE TABLE words (word TEXT NOT NULL)"],
  apply: (db, { event }) => void db.run("INSERT INTO words VALUES (?)", String(event["word"])),
  touches: () => []
}
const fact = (position: number, word: string): Fact => ({
  position,
  stream: "word/1",
  version: position,
  owner: "anyone",
  at: 0,
  event: { _tag: "word.Said", word }
})
const all = (db: { values: <V>(sql: string) => Array<V> }) => db.values<string>("SELECT word FROM words ORDER BY rowid")
const people = (count: number) => Array.from({ length: count }, (_, i) => `did:key:z${i}`)
const ada = "did:key:zAda"

const descriptors = "/proc/self/fd"
const openUnder = (directory: string) =>
  fs.readdirSync(descriptors).filter((descriptor) => {
    try {
      return fs.readlinkSync(path.join(descriptors, descriptor)).startsWith(directory)
    } catch {
      return false
    }
  }).length

const filesUnder = (directory: string): ReadonlyArray<string> =>
  fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))

const within = <A, E>(
  name: string,
  use: Effect.Effect<A, E, UserDatabases>,
  options: Partial<SqliteUserDatabases.Options> = {}
) => Effect.provide(use, SqliteUserDatabases.layer({ directory: path.join(root, name), views: [words], ...options }))

it.effect.skipIf(!fs.existsSync(descriptors))(
  "D1 five hundred users, sixteen open files",
  () =>
    within(
      "crowd",
      Effect.gen(function*() {
        const users = yield* UserDatabases
        const dids = people(500)
        let most = 0
        for (const did of dids) {
          yield* users.create(did)
          yield* users.apply(did, words, [fact(1, did)])
          most = Math.max(most, openUnder(path.join(root, "crowd")))
        }
        const read = yield* Effect.forEach(dids.toReversed(), (did) => users.read(did, words, all), { concurrency: 50 })
        assert.deepStrictEqual(read.toReversed(), dids.map((did) => [did]))
        most = Math.max(most, openUnder(path.join(root, "crowd")))
        // Each open file is itself, its journal and the journal's index.
        assert.isAtMost(most, 3 * 16)
        assert.isAtLeast(most, 3 * 15)
        assert.strictEqual((yield* users.list).length, 500)
      }),
      { openMax: 16 }
    ),
  120_000
)

it.effect("D1 a file in use stays open while others come and go, and is not replaced", () =>
  within(
    "nested",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      for (const did of people(4)) {
        yield* users.create(did)
        yield* users.apply(did, words, [fact(1, did)])
      }
      yield* users.rebuild("did:key:z0", words)
      yield* users.apply("did:key:z0", words, [fact(1, "new")], "next")
      const seen = yield* users.read("did:key:z0", words, (db) => ({
        others: people(4).slice(1).map((did) => Effect.runSync(users.read(did, words, all))),
        swap: Effect.runSync(Effect.flip(users.swap("did:key:z0", words)))._tag,
        removal: Effect.runSync(Effect.flip(users.delete("did:key:z0")))._tag,
        own: all(db)
      }))
      assert.deepStrictEqual(seen, {
        others: people(4).slice(1).map((did) => [did]),
        swap: "UserDatabaseError",
        removal: "UserDatabaseError",
        own: ["did:key:z0"]
      })
    }),
    { openMax: 1 }
  ))

it.effect.skipIf(!fs.existsSync(descriptors))(
  "D2 what nobody uses is closed, what somebody uses is not",
  () =>
    within(
      "idle",
      Effect.gen(function*() {
        const users = yield* UserDatabases
        const [one, two] = people(2) as [string, string]
        yield* users.create(one)
        yield* users.create(two)
        const both = openUnder(path.join(root, "idle"))
        yield* TestClock.adjust("50 seconds")
        yield* users.read(one, words, all)
        yield* TestClock.adjust("40 seconds")
        const afterwards = openUnder(path.join(root, "idle"))
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual([both, afterwards, openUnder(path.join(root, "idle"))], [6, 3, 0])
        assert.deepStrictEqual(yield* users.read(two, words, all), [])
      }),
      { idleMax: "1 minute" }
    )
)

it.effect("D3 files are the node's alone, and named by a hash", () =>
  within(
    "modes",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      const nasty = ["did:x:../../../etc/passwd", "did:x:.", "did:x:a\u0000b", "did:x:" + "long".repeat(500)]
      for (const did of [ada, ...nasty]) {
        yield* users.create(did)
        yield* users.apply(did, words, [fact(1, did)])
      }
      assert.sameMembers([...(yield* users.list)], [ada, ...nasty])
      const directory = path.join(root, "modes")
      for (const file of filesUnder(directory)) {
        assert.match(
          path.relative(directory, file),
          /^([0-9a-f]{2})\/\1[0-9a-f]{62}\.(did|words\.v1\.sqlite(-wal|-shm)?)$/
        )
        assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
        assert.strictEqual(fs.statSync(path.dirname(file)).mode & 0o777, 0o700)
      }
      assert.strictEqual(fs.statSync(directory).mode & 0o777, 0o700)
      for (const did of [ada, ...nasty]) yield* users.delete(did)
      assert.deepStrictEqual(filesUnder(directory), [])
    })
  ))

/** The files as a killed process leaves them: journals not yet moved in. */
const killed = (from: string, to: string) => fs.cpSync(path.join(root, from), path.join(root, to), { recursive: true })

it.effect("D4 what a killed process had committed is there after it", () =>
  Effect.gen(function*() {
    yield* within(
      "alive",
      Effect.gen(function*() {
        const users = yield* UserDatabases
        yield* users.create(ada)
        yield* users.apply(ada, words, [fact(1, "one"), fact(2, "two")])
        yield* users.sync
        killed("alive", "killed")
      })
    )
    assert.isTrue(filesUnder(path.join(root, "killed")).some((file) => file.endsWith("-wal")))
    const read = yield* within("killed", Effect.flatMap(UserDatabases, (users) => users.read(ada, words, all)))
    assert.deepStrictEqual(read, ["one", "two"])
  }))

it.effect.each(["broken", "gone"])(
  "D4 a file that is %s gives way to the one beside it, journal and all",
  (how) =>
    Effect.gen(function*() {
      const [whole, hurt] = [`before-${how}`, `after-${how}`]
      yield* within(
        whole,
        Effect.gen(function*() {
          const users = yield* UserDatabases
          yield* users.create(ada)
          yield* users.apply(
            ada,
            words,
            Array.from({ length: 50 }, (_, i) => fact(i + 1, "old"))
          )
        })
      )
      yield* within(
        whole,
        Effect.gen(function*() {
          const users = yield* UserDatabases
          yield* users.apply(ada, words, [fact(51, "older")])
          yield* users.rebuild(ada, words)
          yield* users.apply(ada, words, [fact(1, "new")], "next")
          killed(whole, hurt)
        })
      )
      const serving = filesUnder(path.join(root, hurt)).find((file) => file.endsWith("words.v1.sqlite"))!
      assert.isAbove(fs.statSync(`${serving}-wal`).size, 0)
      if (how === "broken") fs.writeFileSync(serving, "broken ".repeat(1_000))
      else fs.rmSync(serving)
      yield* within(
        hurt,
        Effect.gen(function*() {
          const users = yield* UserDatabases
          if (how === "broken") {
            assert.strictEqual((yield* Effect.flip(users.read(ada, words, all)))._tag, "UserDatabaseError")
          }
          yield* users.swap(ada, words)
          assert.deepStrictEqual(yield* users.read(ada, words, all), ["new"])
          assert.strictEqual((yield* users.standing(ada, words)).serving?.checkpoint, 1)
        })
      )
    })
)

it.effect("D4 what a deletion cut short left behind does not come back", () =>
  Effect.gen(function*() {
    yield* within(
      "left",
      Effect.gen(function*() {
        const users = yield* UserDatabases
        yield* users.create(ada)
        yield* users.apply(ada, words, [fact(1, "secret")])
        killed("left", "remains")
      })
    )
    for (const file of filesUnder(path.join(root, "remains"))) if (file.endsWith(".did")) fs.rmSync(file)
    const read = yield* within(
      "remains",
      Effect.gen(function*() {
        const users = yield* UserDatabases
        assert.isFalse(yield* users.exists(ada))
        yield* users.create(ada)
        return yield* users.read(ada, words, all)
      })
    )
    assert.deepStrictEqual(read, [])
  }))

it.effect("D4 a journal without its file goes with the user", () =>
  Effect.gen(function*() {
    yield* within(
      "torn",
      Effect.gen(function*() {
        const users = yield* UserDatabases
        yield* users.create(ada)
        yield* users.apply(ada, words, [fact(1, "secret")])
        killed("torn", "remnant")
      })
    )
    for (const file of filesUnder(path.join(root, "remnant"))) if (file.endsWith(".sqlite")) fs.rmSync(file)
    yield* within("remnant", Effect.flatMap(UserDatabases, (users) => users.delete(ada)))
    assert.deepStrictEqual(filesUnder(path.join(root, "remnant")), [])
  }))
