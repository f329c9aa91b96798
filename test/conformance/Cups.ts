/** A view of tea in users' files for tests: how often each cup was poured; and a folder of files that outlives its node. */
import { UserDeleted, UserRegistered } from "@vivim/event-schemas/user/index"
import * as UserFiles from "@vivim/projection/UserFiles"
import type { Database } from "@vivim/user-database/Database"
import type { FileKeys } from "@vivim/user-database/FileKeys"
import * as SqliteUserDatabases from "@vivim/user-database/SqliteUserDatabases"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import type { UserView } from "@vivim/user-database/UserView"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { temporaryFolder } from "./ServerPostgres.ts"
import { Poured } from "./Tea.ts"
import { Everything, type Node, type ViewWorld } from "./ViewWorld.ts"

/** How many cups somebody was poured, by what was said of them: a fact taken in twice shows. */
export const cupsView = (version = 1): UserView => ({
  name: "cups",
  version,
  tables: ["CREATE TABLE cups (note TEXT PRIMARY KEY, times INTEGER NOT NULL, made_by INTEGER NOT NULL)"],
  apply: (db, { event }) => {
    if (event._tag !== "tea.Poured") return
    db.run(
      "INSERT INTO cups VALUES (?, 1, ?) ON CONFLICT (note) DO UPDATE SET times = times + 1",
      event["note"] as string,
      version
    )
  },
  touches: ({ owner }) => [`cups/${owner}`]
})

export const cups = (db: Database) =>
  Object.fromEntries(db.all<any>("SELECT note, times FROM cups").map(({ note, times }) => [note, times]))
export const madeBy = (db: Database) => db.values<number>("SELECT DISTINCT made_by FROM cups")

/** A node's files: a folder that outlives the node. */
export interface Files {
  readonly world: ViewWorld
  readonly folder: string
  /** While it is bitter the view cannot take what is poured as such. */
  readonly bitter: { on: boolean }
  readonly start: (
    version?: number,
    seen?: ViewWorld["log"]
  ) => Effect.Effect<Node & { readonly files: Context.Tag.Service<UserDatabases> }>
  readonly register: (did: string) => Effect.Effect<number>
  readonly leave: (did: string) => Effect.Effect<number>
  readonly pour: (did: string, note?: string) => Effect.Effect<number>
}

type Databases = Context.Tag.Service<UserDatabases>

const databases = (directory: string, view: UserView, keys?: FileKeys) =>
  Effect.map(
    Layer.build(SqliteUserDatabases.layer({ directory, views: [view], ...keys === undefined ? {} : { keys } })),
    Context.get(UserDatabases)
  )

/** `tamper`: what is put in the place of the files that serve; `keys`: what they are sealed with. */
export const filesOf = (
  world: ViewWorld,
  tamper: (files: Databases) => Databases = (files) => files,
  keys?: FileKeys
) =>
  Effect.gen(function*() {
    const folder = yield* temporaryFolder
    const bitter = { on: true }
    const tasting = (view: UserView): UserView => ({
      ...view,
      apply: (db, fact) => {
        if (bitter.on && fact.event["note"] === "bitter") throw new Error("too bitter")
        view.apply(db, fact)
      }
    })
    const start: Files["start"] = (version = 1, seen = world.log) =>
      Effect.gen(function*() {
        const view = tasting(cupsView(version))
        let files!: Context.Tag.Service<UserDatabases>
        const node = yield* world.start([
          Effect.gen(function*() {
            files = tamper(yield* databases(folder, view, keys))
            return yield* UserFiles.make(view, {
              reads: Everything,
              scratch: Effect.flatMap(temporaryFolder, (scratch) => databases(scratch, view)),
              checkpointEvery: "20 millis"
            }).pipe(Effect.provideService(UserDatabases, files))
          })
        ], seen)
        return { ...node, files }
      }) as never
    return {
      world,
      folder,
      bitter,
      start,
      register: (did) =>
        world.state(`user/${did}`, did, UserRegistered({ userId: did, handle: "ada", displayName: "Ada" } as never)),
      leave: (did) => world.state(`user/${did}`, did, UserDeleted({ userId: did } as never)),
      pour: (did, note = "a cup") => world.state(`tea/${did}`, did, Poured({ note }))
    } satisfies Files
  })

/** Every file below a folder that has to do with somebody. */
export const traces = (folder: string, did: string) => {
  const name = createHash("sha256").update(did).digest("hex")
  return fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.includes(name))
}
