/**
 * What is done to users' files, wherever they lie: which one is read, which one is built beside it, how they change places.
 *
 * A complete file is `<view>.v<version>.sqlite`, one being built `<view>.v<version>.next.sqlite`; completing is a rename,
 * so a process killed anywhere leaves either the old file or the new one. Each step is synchronous: nothing comes between.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import type { Shelf } from "./Shelf.ts"
import type { SqliteFile } from "./SqliteFile.ts"
import { NoSuchUser, UserDatabaseError, ViewBehind, ViewNotBuilt } from "./UserDatabaseError.ts"
import type { Built, UserDatabases } from "./UserDatabases.ts"
import type { UserView } from "./UserView.ts"

const folderOf = (did: string) => createHash("sha256").update(did).digest("hex")
const complete = (view: UserView, version = view.version) => `${view.name}.v${version}.sqlite`
const next = (view: UserView) => `${view.name}.v${view.version}.next.sqlite`

const assertViews = (views: ReadonlyArray<UserView>) => {
  const names = new Set(views.map(({ name }) => name))
  const wrong = views.find(({ name, version }) => !/^[a-z][a-z0-9-]{0,31}$/.test(name) || !(version >= 1))
  if (wrong !== undefined) throw new Error(`not a view's name and version: ${wrong.name}@${wrong.version}`)
  if (names.size < views.length) throw new Error("two views have one name")
}

/** One user's one view, for the length of one step. */
const place = (shelf: Shelf, now: number, did: string, view: UserView) => {
  const folder = folderOf(did)
  const lend = <A>(name: string, version: number, use: (file: SqliteFile) => A) =>
    shelf.lend(folder, name, { did, view, version }, now, use)
  const has = (name: string) => shelf.has(folder, name)

  /** The version reads are answered from, or 0. */
  const serving = (): number => {
    for (let version = view.version; version > 0; version--) if (has(complete(view, version))) return version
    return 0
  }
  const assertUser = () => {
    if (shelf.owner(folder) === null) throw new NoSuchUser({ did })
  }
  return {
    folder,
    lend,
    has,
    serving,
    assertUser,
    notBuilt: () => {
      assertUser()
      return new ViewNotBuilt({ did, view: view.name, version: view.version })
    },
    built: (name: string, version: number): Built => ({
      version,
      checkpoint: lend(name, version, (file) => file.checkpoint)
    })
  }
}

type Place = ReturnType<typeof place>

/** A serving file that cannot be opened holds nobody back: it is what the new one comes to replace. */
const checkpointOfServing = (at: Place, view: UserView): number => {
  const version = at.serving()
  if (version === 0) return 0
  try {
    return at.built(complete(view, version), version).checkpoint
  } catch {
    return 0
  }
}

const swap = (shelf: Shelf, at: Place, did: string, view: UserView) => {
  at.assertUser()
  if (!at.has(next(view))) {
    if (at.serving() === view.version) return
    throw at.notBuilt()
  }
  const built = at.built(next(view), view.version).checkpoint
  const serving = checkpointOfServing(at, view)
  if (built < serving) throw new ViewBehind({ did, view: view.name, built, serving })
  shelf.rename(at.folder, next(view), complete(view))
  for (const name of shelf.names(at.folder)) {
    if (name.startsWith(`${view.name}.v`) && name !== complete(view)) shelf.remove(at.folder, name)
  }
}

const create = (shelf: Shelf, now: number, did: string, views: ReadonlyArray<UserView>) => {
  const folder = folderOf(did)
  // A view added later is built from the log like any other: an empty file would claim to be complete.
  if (shelf.owner(folder) !== null) return
  // What a creation or deletion cut short may have left belongs to nobody.
  for (const name of shelf.names(folder)) shelf.remove(folder, name)
  for (const view of views) place(shelf, now, did, view).lend(complete(view), view.version, () => undefined)
  shelf.claim(folder, did)
}

/** What a step may answer with instead of a result. */
const isAnswer = (thrown: unknown): thrown is NoSuchUser | ViewNotBuilt | ViewBehind =>
  thrown instanceof NoSuchUser || thrown instanceof ViewNotBuilt || thrown instanceof ViewBehind

/** A reader's own mistake, told apart from what the file does. */
class ReaderThrew extends Error {}

const guarded = <A>(use: (file: SqliteFile) => A) => (file: SqliteFile): A => {
  try {
    return use(file)
  } catch (cause) {
    throw isSqlite(cause) || isAnswer(cause) ? cause : new ReaderThrew("a query threw", { cause })
  }
}

const isSqlite = (thrown: unknown) => String((thrown as { readonly code?: unknown } | null)?.code).startsWith("SQLITE")

const step = <A, E = never>(doing: string, run: (now: number) => A): Effect.Effect<A, E | UserDatabaseError> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    try {
      return Effect.succeed(run(now))
    } catch (cause) {
      if (cause instanceof ReaderThrew) return Effect.die(cause.cause)
      return Effect.fail(isAnswer(cause) ? cause as E : new UserDatabaseError({ doing, cause }))
    }
  })

/** The service, over any shelf. */
export const make = <E, R>(
  shelf: Effect.Effect<Shelf, E, R>,
  views: ReadonlyArray<UserView>
): Effect.Effect<typeof UserDatabases.Service, E, R | Scope.Scope> =>
  Effect.map(shelf, (shelf) => {
    assertViews(views)
    return {
      views,
      create: (did) => step(`create ${did}`, (now) => create(shelf, now, did, views)),
      delete: (did) =>
        step(`delete ${did}`, () => {
          const folder = folderOf(did)
          for (const name of shelf.names(folder)) shelf.remove(folder, name)
          shelf.disclaim(folder)
        }),
      exists: (did) => step(`look for ${did}`, () => shelf.owner(folderOf(did)) !== null),
      list: step("list users", () => shelf.owners()),
      read: (did, view, use) =>
        step(`read ${view.name} of ${did}`, (now) => {
          const at = place(shelf, now, did, view)
          const version = at.serving()
          if (version < (view.readableFrom ?? 1)) throw at.notBuilt()
          return at.lend(complete(view, version), version, guarded(use))
        }),
      apply: (did, view, facts, into) =>
        step(`apply to ${view.name} of ${did}`, (now) => {
          const at = place(shelf, now, did, view)
          const name = into === "next" || !at.has(complete(view)) ? next(view) : complete(view)
          if (!at.has(name)) at.assertUser()
          return at.lend(name, view.version, (file) => file.apply(view, facts))
        }),
      standing: (did, view) =>
        step(`look at ${view.name} of ${did}`, (now) => {
          const at = place(shelf, now, did, view)
          at.assertUser()
          const version = at.serving()
          return {
            serving: version === 0 ? null : at.built(complete(view, version), version),
            building: at.has(next(view)) ? at.built(next(view), view.version) : null
          }
        }),
      rebuild: (did, view) =>
        step(`rebuild ${view.name} of ${did}`, (now) => {
          const at = place(shelf, now, did, view)
          at.assertUser()
          shelf.remove(at.folder, next(view))
          at.lend(next(view), view.version, () => undefined)
        }),
      swap: (did, view) =>
        step(`swap ${view.name} of ${did}`, (now) => swap(shelf, place(shelf, now, did, view), did, view)),
      sync: shelf.sync
    }
  })
