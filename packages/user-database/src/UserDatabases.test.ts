/** The laws of user databases, over memory and over files. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import type * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"
import type { Database } from "./Database.ts"
import * as SqliteUserDatabases from "./SqliteUserDatabases.ts"
import type { UserDatabaseError } from "./UserDatabaseError.ts"
import { UserDatabases } from "./UserDatabases.ts"
import type { Fact, UserView } from "./UserView.ts"

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-users-"))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

/** Words somebody keeps, and how often. */
const notes = (version: number, extra: Partial<UserView> = {}): UserView => ({
  name: "notes",
  version,
  tables: [`CREATE TABLE notes (word TEXT PRIMARY KEY, times INTEGER NOT NULL, made INTEGER NOT NULL)`],
  apply: (db, { event }) => {
    if (event._tag === "note.Kept") {
      db.run(
        "INSERT INTO notes VALUES (?, 1, ?) ON CONFLICT (word) DO UPDATE SET times = times + 1",
        event["word"] as string,
        version
      )
    }
    if (event._tag === "note.Dropped") db.run("DELETE FROM notes WHERE word = ?", event["word"] as string)
    if (event._tag === "note.Broken") db.run("INSERT INTO nowhere VALUES (1)")
  },
  touches: ({ event }) => [`note/${String(event["word"])}`],
  ...extra
})

const fact = (position: number, word: string, tag = "note.Kept", owner = "did:key:zAda"): Fact => ({
  position,
  stream: `note/${owner}`,
  version: position,
  owner,
  at: position,
  event: { _tag: tag, word }
})

const rows = (db: Database) => db.all<{ word: string; times: number }>("SELECT word, times FROM notes ORDER BY word")
const [ada, bo] = ["did:key:zAda", "did:key:zBo"] as const

let shelves = 0
const implementations: Record<
  string,
  (views: ReadonlyArray<UserView>) => Layer.Layer<UserDatabases, UserDatabaseError>
> = {
  memory: UserDatabases.layerMemory,
  files: (views) => SqliteUserDatabases.layer({ directory: path.join(directory, String(shelves++)), views, openMax: 2 })
}

describe.each(Object.keys(implementations))("user databases in %s", (kind) => {
  const layer = implementations[kind]!
  const v1 = notes(1)
  const law = <E>(name: string, test: Effect.Effect<void, E, UserDatabases>, views: ReadonlyArray<UserView> = [v1]) =>
    it.effect(name, () => test.pipe(Effect.provide(layer(views))))

  law(
    "U1 what one user keeps, no other reads",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      yield* users.create(ada)
      yield* users.create(bo)
      yield* users.apply(ada, v1, [fact(1, "tea")])
      assert.deepStrictEqual(yield* users.read(ada, v1, rows), [{ word: "tea", times: 1 }])
      assert.deepStrictEqual(yield* users.read(bo, v1, rows), [])
      assert.sameMembers([...(yield* users.list)], [ada, bo])
      assert.isTrue(yield* users.exists(bo))
    })
  )

  law(
    "U1 a stranger has no database, to read or to write",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      assert.strictEqual((yield* Effect.flip(users.read("did:key:zCy", v1, rows)))._tag, "NoSuchUser")
      assert.strictEqual((yield* Effect.flip(users.apply("did:key:zCy", v1, [fact(1, "tea")])))._tag, "NoSuchUser")
      assert.strictEqual((yield* Effect.flip(users.rebuild("did:key:zCy", v1)))._tag, "NoSuchUser")
      assert.isFalse(yield* users.exists("did:key:zCy"))
      assert.deepStrictEqual(yield* users.list, [])
    })
  )

  law(
    "U2 a batch applied twice changes nothing, and says what it skipped",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      yield* users.create(ada)
      const batch = [fact(3, "tea"), fact(7, "tea"), fact(8, "rice")]
      assert.deepStrictEqual(yield* users.apply(ada, v1, batch), {
        checkpoint: 8,
        applied: 3,
        skipped: 0,
        touched: ["note/tea", "note/rice"]
      })
      assert.deepStrictEqual(yield* users.apply(ada, v1, [...batch, fact(9, "rice")]), {
        checkpoint: 9,
        applied: 1,
        skipped: 3,
        touched: ["note/rice"]
      })
      assert.deepStrictEqual(yield* users.read(ada, v1, rows), [{ word: "rice", times: 2 }, { word: "tea", times: 2 }])
    })
  )

  law(
    "U2 a batch that fails leaves neither rows nor checkpoint",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      yield* users.create(ada)
      yield* users.apply(ada, v1, [fact(1, "tea")])
      const failure = yield* Effect.flip(users.apply(ada, v1, [fact(2, "rice"), fact(3, "x", "note.Broken")]))
      assert.strictEqual(failure._tag, "EventNotApplied")
      assert.strictEqual(failure.message, "notes cannot apply note.Broken at 3")
      const unordered = yield* Effect.flip(users.apply(ada, v1, [fact(5, "rice"), fact(4, "rice")]))
      assert.include(String((unordered as UserDatabaseError).cause), "position 4 comes after 5")
      assert.deepStrictEqual((yield* users.standing(ada, v1)).serving, { version: 1, checkpoint: 1 })
      assert.deepStrictEqual(yield* users.read(ada, v1, rows), [{ word: "tea", times: 1 }])
    })
  )

  it("U3 any cut into batches, any of them repeated, gives the same rows", () => {
    const history = FastCheck.array(
      FastCheck.tuple(
        FastCheck.constantFrom("tea", "rice", "salt"),
        FastCheck.constantFrom("note.Kept", "note.Dropped")
      ),
      { maxLength: 24 }
    )
    return FastCheck.assert(
      FastCheck.asyncProperty(history, FastCheck.array(FastCheck.nat(6), { maxLength: 12 }), (history, cuts) => {
        const facts = history.map(([word, tag], i) => fact(2 * i + 1, word, tag))
        const test = Effect.gen(function*() {
          const users = yield* UserDatabases
          yield* users.create(ada)
          yield* users.create(bo)
          yield* users.apply(ada, v1, facts)
          let from = 0
          for (const size of [...cuts, facts.length]) {
            yield* users.apply(bo, v1, facts.slice(Math.max(0, from - 2), from + size))
            from += size
          }
          assert.deepStrictEqual(yield* users.read(bo, v1, rows), yield* users.read(ada, v1, rows))
          assert.deepStrictEqual(yield* users.standing(bo, v1), yield* users.standing(ada, v1))
        })
        return Effect.runPromise(test.pipe(Effect.provide(layer([v1]))))
      }),
      { numRuns: kind === "memory" ? 60 : 10 }
    )
  })

  law(
    "U4 the old version is read until the new one has caught up",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      const v2 = notes(2)
      const strict = notes(2, { readableFrom: 2 })
      const made = (db: Database) => db.values<number>("SELECT made FROM notes")
      yield* users.create(ada)
      yield* users.apply(ada, v1, [fact(1, "tea"), fact(5, "tea")])

      yield* users.apply(ada, v2, [fact(1, "tea")])
      assert.deepStrictEqual(yield* users.standing(ada, v2), {
        serving: { version: 1, checkpoint: 5 },
        building: { version: 2, checkpoint: 1 }
      })
      assert.deepStrictEqual(yield* users.read(ada, v2, made), [1])
      assert.strictEqual(yield* users.read(ada, v2, (db) => db.version), 1)
      assert.strictEqual((yield* Effect.flip(users.read(ada, strict, made)))._tag, "ViewNotBuilt")
      assert.strictEqual((yield* Effect.flip(users.swap(ada, v2)))._tag, "ViewBehind")

      yield* users.apply(ada, v2, [fact(5, "tea")])
      yield* users.swap(ada, v2)
      yield* users.swap(ada, v2)
      assert.deepStrictEqual(yield* users.standing(ada, v2), { serving: { version: 2, checkpoint: 5 }, building: null })
      assert.deepStrictEqual(yield* users.read(ada, strict, made), [2])
      assert.strictEqual((yield* users.standing(ada, v1)).serving, null)
      yield* users.apply(ada, v2, [fact(6, "rice")])
      assert.deepStrictEqual(yield* users.read(ada, v2, rows), [{ word: "rice", times: 1 }, { word: "tea", times: 2 }])
    })
  )

  law(
    "U4 a version given up half way is gone once the one after it stands",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      yield* users.create(ada)
      yield* users.apply(ada, v1, [fact(1, "tea")])
      yield* users.apply(ada, notes(2), [fact(1, "tea")])
      yield* users.apply(ada, notes(3), [fact(1, "tea")])
      yield* users.swap(ada, notes(3))
      assert.deepStrictEqual(yield* users.standing(ada, notes(2)), { serving: null, building: null })
    })
  )

  law(
    "U5 a rebuild is read only after the swap, while the old file goes on",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      const facts = [fact(1, "tea"), fact(2, "rice"), fact(3, "tea")]
      yield* users.create(ada)
      yield* users.apply(ada, v1, facts.slice(0, 2))
      yield* users.rebuild(ada, v1)
      yield* users.apply(ada, v1, facts.slice(0, 1), "next")
      yield* users.apply(ada, v1, facts)
      assert.deepStrictEqual(yield* users.read(ada, v1, rows), [{ word: "rice", times: 1 }, { word: "tea", times: 2 }])
      assert.strictEqual((yield* Effect.flip(users.swap(ada, v1)))._tag, "ViewBehind")
      assert.strictEqual((yield* users.apply(ada, v1, facts, "next")).skipped, 1)
      yield* users.swap(ada, v1)
      assert.deepStrictEqual(yield* users.standing(ada, v1), { serving: { version: 1, checkpoint: 3 }, building: null })
      assert.deepStrictEqual(yield* users.read(ada, v1, rows), [{ word: "rice", times: 1 }, { word: "tea", times: 2 }])
      yield* users.rebuild(ada, v1)
      yield* users.apply(ada, v1, [fact(1, "salt")], "next")
      yield* users.rebuild(ada, v1)
      assert.deepStrictEqual((yield* users.standing(ada, v1)).building, { version: 1, checkpoint: 0 })
    })
  )

  law(
    "U6 a deleted user is gone, and starts empty when created again",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      yield* users.create(ada)
      yield* users.create(bo)
      yield* users.apply(ada, v1, [fact(1, "tea")])
      yield* users.rebuild(ada, v1)
      yield* users.delete(ada)
      yield* users.delete(ada)
      assert.isFalse(yield* users.exists(ada))
      assert.deepStrictEqual(yield* users.list, [bo])
      assert.strictEqual((yield* Effect.flip(users.read(ada, v1, rows)))._tag, "NoSuchUser")
      yield* users.create(ada)
      assert.deepStrictEqual(yield* users.read(ada, v1, rows), [])
      assert.deepStrictEqual(yield* users.standing(ada, v1), { serving: { version: 1, checkpoint: 0 }, building: null })
    })
  )

  law(
    "U7 a reader that writes is refused, and a reader's own mistake is a defect",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      yield* users.create(ada)
      yield* users.apply(ada, v1, [fact(1, "tea")])
      const refused = yield* Effect.flip(users.read(ada, v1, (db) => db.run("DELETE FROM notes")))
      assert.include(String((refused as UserDatabaseError).cause), "readonly")
      assert.deepStrictEqual(yield* users.read(ada, v1, rows), [{ word: "tea", times: 1 }])
      const mistake = yield* Effect.exit(users.read(ada, v1, () => {
        throw new TypeError("mistaken")
      }))
      assert.isTrue(Exit.isFailure(mistake) && Cause.isDie(mistake.cause))
    })
  )

  law(
    "U8 a file set aside is out of use, and the next one starts empty",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      yield* users.create(ada)
      yield* users.apply(ada, v1, [fact(1, "tea")])
      yield* users.rebuild(ada, v1)
      yield* users.setAside(ada, v1)
      assert.deepStrictEqual(yield* users.standing(ada, v1), { serving: null, building: null })
      assert.strictEqual((yield* Effect.flip(users.apply(ada, v1, [fact(2, "tea")], "serving")))._tag, "FileDamaged")
      yield* users.rebuild(ada, v1)
      yield* users.apply(ada, v1, [fact(1, "rice")], "next")
      yield* users.swap(ada, v1, 1)
      assert.deepStrictEqual(yield* users.read(ada, v1, rows), [{ word: "rice", times: 1 }])
    })
  )
  law(
    "U5 a file that has seen the log as far as the one being read may take its place, whatever that left in it",
    Effect.gen(function*() {
      const users = yield* UserDatabases
      yield* users.create(ada)
      yield* users.apply(ada, v1, [fact(1, "tea"), fact(5, "tea")])
      yield* users.rebuild(ada, v1)
      yield* users.apply(ada, v1, [fact(1, "tea")], "next")
      assert.strictEqual((yield* Effect.flip(users.swap(ada, v1, 4)))._tag, "ViewBehind")
      yield* users.swap(ada, v1, 5)
      assert.deepStrictEqual(yield* users.standing(ada, v1), { serving: { version: 1, checkpoint: 5 }, building: null })
      assert.strictEqual((yield* users.apply(ada, v1, [fact(5, "tea")])).skipped, 1)
    })
  )

  it.effect("U1 a view's name is part of a path, and must look like one", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Effect.provide(UserDatabases, layer([notes(1, { name: "../notes" })])))
      assert.isTrue(Exit.isFailure(exit))
    }))
})
