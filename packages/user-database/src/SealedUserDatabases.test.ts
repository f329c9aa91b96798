/** Users' files that are sealed: by whom they are opened, and what becomes of those that lay open. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll } from "vitest"
import type { Database } from "./Database.ts"
import type { FileKeys } from "./FileKeys.ts"
import * as SqliteUserDatabases from "./SqliteUserDatabases.ts"
import { UserLocked } from "./UserDatabaseError.ts"
import { UserDatabases } from "./UserDatabases.ts"
import type { Fact, UserView } from "./UserView.ts"

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-sealed-users-"))
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }))

const ada = "did:key:zAda"
const notes = (version: number): UserView => ({
  name: "notes",
  version,
  tables: ["CREATE TABLE notes (word TEXT PRIMARY KEY, times INTEGER NOT NULL)"],
  apply: (db, { event }) => void db.run("INSERT INTO notes VALUES (?, 1)", event["word"] as string),
  touches: () => []
})
const fact = (position: number, word: string): Fact => ({
  position,
  stream: "note/1",
  version: position,
  owner: ada,
  at: position,
  event: { _tag: "note.Kept", word }
})
const rows = (db: Database) => db.all<{ word: string; times: number }>("SELECT word, times FROM notes ORDER BY word")

describe("sealed user databases", () => {
  const key = Buffer.alloc(32, 9)
  const keysOf = (isHere: { now: boolean }, gone: Stream.Stream<string> = Stream.never): FileKeys => ({
    of: (did) => isHere.now ? Effect.succeed([key]) : new UserLocked({ did }),
    gone
  })

  it.effect("U9 are opened by nobody without the keys, and closed when they go", () =>
    Effect.gen(function*() {
      const isHere = { now: true }
      const gone = yield* Queue.unbounded<string>()
      const folder = path.join(directory, "sealed")
      const layer = SqliteUserDatabases.layer({
        directory: folder,
        views: [notes(1)],
        keys: keysOf(isHere, Stream.fromQueue(gone))
      })
      yield* Effect.gen(function*() {
        const users = yield* UserDatabases
        yield* users.create(ada)
        yield* users.apply(ada, notes(1), [fact(1, "marmalade")])
        const open = () =>
          fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).some((name) => name.endsWith("-wal"))
        assert.isTrue(open())
        isHere.now = false
        yield* Queue.offer(gone, ada)
        while (open()) yield* Effect.yieldNow()
        for (
          const work of [
            users.read(ada, notes(1), rows),
            users.apply(ada, notes(1), [fact(2, "tea")]),
            users.standing(ada, notes(1)),
            users.rebuild(ada, notes(1)),
            users.swap(ada, notes(1))
          ]
        ) {
          assert.strictEqual(
            (yield* Effect.flip(work as Effect.Effect<unknown, { readonly _tag: string }>))._tag,
            "UserLocked"
          )
        }
        isHere.now = true
        assert.deepStrictEqual(yield* users.read(ada, notes(1), rows), [{ word: "marmalade", times: 1 }])
      }).pipe(Effect.provide(layer))
    }))

  it.effect("U9 what an older build left lying open is sealed at the start, or goes where the keys are not here", () =>
    Effect.gen(function*() {
      for (const now of [true, false]) {
        const folder = path.join(directory, `was-open-${now}`)
        const fill = Effect.flatMap(
          UserDatabases,
          (users) => Effect.zipRight(users.create(ada), users.apply(ada, notes(1), [fact(1, "marmalade")]))
        )
        yield* Effect.provide(fill, SqliteUserDatabases.layer({ directory: folder, views: [notes(1)] }))
        const files = () =>
          fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.includes(".sqlite"))
            .map((name) => path.join(folder, name))
        fs.copyFileSync(files()[0]!, `${files()[0]}.aside`)
        const layer = SqliteUserDatabases.layer({ directory: folder, views: [notes(1)], keys: keysOf({ now }) })
        yield* Effect.provide(
          Effect.gen(function*() {
            assert.isFalse(files().some((file) => fs.readFileSync(file).includes("marmalade")))
            assert.strictEqual(files().some((file) => file.endsWith(".sqlite")), now)
            assert.isFalse(files().some((file) => file.endsWith(".aside")))
            if (now) {
              const users = yield* UserDatabases
              assert.deepStrictEqual(yield* users.read(ada, notes(1), rows), [{ word: "marmalade", times: 1 }])
            }
          }),
          layer
        )
      }
    }))
})
