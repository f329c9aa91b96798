/**
 * What is done to users' files, wherever they lie: which one is read, which one is built beside it, how they change places.
 *
 * A complete file is `<view>.v<version>.sqlite`, one being built `<view>.v<version>.next.sqlite`; completing is a rename,
 * so a process killed anywhere leaves either the old file or the new one. Each step is synchronous: nothing comes between.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as FileFault from "./FileFault.ts"
import type { FileKeys } from "./FileKeys.ts"
import { folderOf, type Shelf } from "./Shelf.ts"
import type { SqliteFile } from "./SqliteFile.ts"
import {
  EventNotApplied,
  FileDamaged,
  NoSuchUser,
  UserDatabaseError,
  type UserLocked,
  ViewBehind,
  ViewNotBuilt
} from "./UserDatabaseError.ts"
import type { Built, Damage, Standing, UserDatabases } from "./UserDatabases.ts"
import type { UserView } from "./UserView.ts"

const complete = (view: UserView, version = view.version) => `${view.name}.v${version}.sqlite`
const next = (view: UserView) => `${view.name}.v${view.version}.next.sqlite`

const assertViews = (views: ReadonlyArray<UserView>) => {
  const names = new Set(views.map(({ name }) => name))
  const wrong = views.find(({ name, version }) => !/^[a-z][a-z0-9-]{0,31}$/.test(name) || !(version >= 1))
  if (wrong !== undefined) throw new Error(`not a view's name and version: ${wrong.name}@${wrong.version}`)
  if (names.size < views.length) throw new Error("two views have one name")
}

/** What a file is sealed with: none where files lie open. */
type Keys = ReadonlyArray<Uint8Array>

/** One user's one view, for the length of one step. */
const place = (shelf: Shelf, now: number, did: string, view: UserView, keys: Keys) => {
  const folder = folderOf(did)
  const damaged = (cause: unknown) => new FileDamaged({ did, view: view.name, cause })
  const lend = <A>(name: string, version: number, use: (file: SqliteFile) => A) => {
    try {
      return shelf.lend(folder, name, { did, view, version, keys }, now, use)
    } catch (cause) {
      throw FileFault.isDamage(cause) ? damaged(cause) : cause
    }
  }
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
    damaged,
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

const swap = (shelf: Shelf, at: Place, did: string, view: UserView, seen: number) => {
  at.assertUser()
  if (!at.has(next(view))) {
    if (at.serving() === view.version) return
    throw at.notBuilt()
  }
  // Events of the end that nobody can read any more leave nothing, and the file has seen them all the same.
  const built = Math.max(seen, at.built(next(view), view.version).checkpoint)
  const serving = checkpointOfServing(at, view)
  if (built < serving) throw new ViewBehind({ did, view: view.name, built, serving })
  at.lend(next(view), view.version, (file) => file.seen(built))
  shelf.rename(at.folder, next(view), complete(view))
  for (const name of shelf.names(at.folder)) {
    const isOlder = name.startsWith(`${view.name}.v`) && name !== complete(view) && !name.endsWith(".aside")
    if (isOlder) shelf.remove(at.folder, name)
  }
}

const apply = (at: Place, view: UserView, facts: Parameters<UserDatabases["Type"]["apply"]>[2], into?: string) => {
  const isThere = at.has(complete(view))
  if (into === "serving" && !isThere) {
    at.assertUser()
    throw at.damaged(new FileFault.NotThatFile(`${complete(view)} is gone`))
  }
  const name = into === "next" || !isThere ? next(view) : complete(view)
  if (!at.has(name)) at.assertUser()
  return at.lend(name, view.version, (file) => file.apply(view, facts))
}

const create = (
  shelf: Shelf,
  now: number,
  did: string,
  views: ReadonlyArray<{ readonly view: UserView; readonly keys: Keys }>
) => {
  const folder = folderOf(did)
  // A view added later is built from the log like any other: an empty file would claim to be complete.
  if (shelf.owner(folder) !== null) return
  // What a creation or deletion cut short may have left belongs to nobody.
  for (const name of shelf.names(folder)) shelf.remove(folder, name)
  for (const { keys, view } of views) {
    place(shelf, now, did, view, keys).lend(complete(view), view.version, () => undefined)
  }
  shelf.claim(folder, did)
}

/** What a step may answer with instead of a result. */
type Answer = NoSuchUser | ViewNotBuilt | ViewBehind | EventNotApplied | FileDamaged
const isAnswer = (thrown: unknown): thrown is Answer =>
  [NoSuchUser, ViewNotBuilt, ViewBehind, EventNotApplied, FileDamaged].some((answer) => thrown instanceof answer)

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

/** Keys of files that lie open. */
const noKeys: FileKeys = { of: () => Effect.succeed([] as never), gone: Stream.never }

/** The service, over any shelf. */
export const make = <E, R>(
  shelf: Effect.Effect<Shelf, E, R>,
  views: ReadonlyArray<UserView>,
  keys: FileKeys = noKeys
): Effect.Effect<typeof UserDatabases.Service, E, R | Scope.Scope> =>
  Effect.gen(function*() {
    const lies = yield* shelf
    const damaged = yield* PubSub.sliding<Damage>(DamagedMax)
    assertViews(views)
    yield* Effect.forkScoped(Stream.runForEach(keys.gone, (did) =>
      step(`close the files of ${did}`, () =>
        lies.close(folderOf(did))).pipe(Effect.ignoreLogged)))
    return service(lies, views, damaged, keys)
  })

/** Damages told and not yet heard; who reads again tells them again. */
const DamagedMax = 1_024

/** A step on one user's one view, with the keys of its files. */
const stepping = (shelf: Shelf, keys: FileKeys) =>
<A, E = never>(
  doing: string,
  did: string,
  view: UserView,
  run: (at: Place) => A
): Effect.Effect<A, E | UserLocked | UserDatabaseError> =>
  Effect.flatMap(
    keys.of(did, view.name),
    (found) => step<A, E>(`${doing} ${view.name} of ${did}`, (now) => run(place(shelf, now, did, view, found)))
  )

const standing = (at: Place, view: UserView): Standing => {
  at.assertUser()
  const version = at.serving()
  return {
    serving: version === 0 ? null : at.built(complete(view, version), version),
    building: at.has(next(view)) ? at.built(next(view), view.version) : null
  }
}

const service = (
  shelf: Shelf,
  views: ReadonlyArray<UserView>,
  damaged: PubSub.PubSub<Damage>,
  keys: FileKeys
): typeof UserDatabases.Service => {
  const on = stepping(shelf, keys)
  return {
    views,
    create: (did) =>
      Effect.flatMap(
        Effect.forEach(views, (view) => Effect.map(keys.of(did, view.name), (keys) => ({ view, keys }))),
        (all) => step(`create ${did}`, (now) => create(shelf, now, did, all))
      ),
    delete: (did) =>
      step(`delete ${did}`, () => {
        const folder = folderOf(did)
        for (const name of shelf.names(folder)) shelf.remove(folder, name)
        shelf.disclaim(folder)
      }),
    exists: (did) => step(`look for ${did}`, () => shelf.owner(folderOf(did)) !== null),
    list: step("list users", () => shelf.owners()),
    read: <A>(did: string, view: UserView, use: (db: SqliteFile) => A) =>
      on<A, NoSuchUser | ViewNotBuilt | FileDamaged>("read", did, view, (at) => {
        const version = at.serving()
        if (version < (view.readableFrom ?? 1)) throw at.notBuilt()
        return at.lend(complete(view, version), version, guarded(use))
      }).pipe(
        Effect.tapErrorTag("ViewNotBuilt", () => PubSub.publish(damaged, { did, view: view.name, certain: false })),
        Effect.catchTag("FileDamaged", ({ cause }) =>
          Effect.zipRight(
            PubSub.publish(damaged, { did, view: view.name, certain: true }),
            new UserDatabaseError({ doing: `read ${view.name} of ${did}`, cause })
          ))
      ),
    apply: (did, view, facts, into) => on("apply to", did, view, (at) => apply(at, view, facts, into)),
    standing: (did, view) => on("look at", did, view, (at) => standing(at, view)),
    rebuild: (did, view) =>
      on("rebuild", did, view, (at) => {
        at.assertUser()
        shelf.remove(at.folder, next(view))
        at.lend(next(view), view.version, () => undefined)
      }),
    swap: (did, view, seen = 0) => on("swap", did, view, (at) => swap(shelf, at, did, view, seen)),
    discard: (did, view) => step(`give up ${view.name} of ${did}`, () => shelf.remove(folderOf(did), next(view))),
    setAside: (did, view) =>
      step(`set ${view.name} of ${did} aside`, () => {
        shelf.remove(folderOf(did), next(view))
        shelf.setAside(folderOf(did), complete(view))
      }),
    damaged: Stream.fromPubSub(damaged),
    sync: shelf.sync
  }
}
