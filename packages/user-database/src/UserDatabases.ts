/**
 * One SQLite file per user and view: created with the user, opened when needed, built anew beside, deleted with the user.
 *
 * U1  Users are isolated: a file holds one user's rows, knows whose it is, and refuses to be opened for anyone else.
 * U2  Events are applied in batches: rows and checkpoint together or not at all; what was seen is skipped.
 * U3  Rows depend on the events alone, never on how they were batched.
 * U4  Raising a view's version builds beside: the old file is read until the new one is swapped in, then it is gone.
 * U5  A rebuild of the same version leaves readers where they are until the swap, and never takes them back in time.
 * U6  Deleting a user leaves no file, and a user created again starts empty.
 * U7  Reading cannot write.
 * U9  A sealed file is not opened without its owner's keys, by nobody, and is closed when they go; without them nothing of it is told.
 * U8  A damaged file is told from a bad event and from a full disk, is never taken for an empty one, and can be set aside.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Stream from "effect/Stream"
import type { Database } from "./Database.ts"
import * as MemoryShelf from "./MemoryShelf.ts"
import * as Upkeep from "./Upkeep.ts"
import type {
  EventNotApplied,
  FileDamaged,
  NoSuchUser,
  UserDatabaseError,
  UserLocked,
  ViewBehind,
  ViewNotBuilt
} from "./UserDatabaseError.ts"
import type { Fact, UserView } from "./UserView.ts"

/** What one batch did. */
export interface Applied {
  /** The position of the last event this file has seen. */
  readonly checkpoint: number
  readonly applied: number
  readonly skipped: number
  /** The keys to wake, each once. */
  readonly touched: ReadonlyArray<string>
}

/** One file of a view: which version wrote it, and the position of the last event it has seen. */
export interface Built {
  readonly version: number
  readonly checkpoint: number
}

/** How a view of a user stands: what reads are answered from, and what is being built beside. */
export interface Standing {
  readonly serving: Built | null
  readonly building: Built | null
}

/** A reader could not read; `certain` when the file itself said so, not only that there is none. */
export interface Damage {
  readonly did: string
  readonly view: string
  readonly certain: boolean
}

export class UserDatabases extends Context.Tag("@vivim/user-database/UserDatabases")<UserDatabases, {
  /** Every view a user has a file of. */
  readonly views: ReadonlyArray<UserView>
  /** Makes the user's files, empty. Creating again changes nothing. */
  readonly create: (did: string) => Effect.Effect<void, UserLocked | UserDatabaseError>
  /** Closes and removes every file of the user, all views and versions. Deleting again changes nothing. */
  readonly delete: (did: string) => Effect.Effect<void, UserDatabaseError>
  readonly exists: (did: string) => Effect.Effect<boolean, UserDatabaseError>
  /** Everyone who has a database here, in no order. */
  readonly list: Effect.Effect<ReadonlyArray<string>, UserDatabaseError>
  /** Asks the newest complete file of a view. The function is synchronous, and cannot write. */
  readonly read: <A>(
    did: string,
    view: UserView,
    use: (db: Database) => A
  ) => Effect.Effect<A, NoSuchUser | ViewNotBuilt | UserLocked | UserDatabaseError>
  /**
   * Applies events, ascending by position, in one transaction that also moves the checkpoint; those at or before it are
   * skipped. They go into the complete file of this version or, when there is none yet or `into` says so, into the one
   * being built beside it; `serving` insists on the complete one. It blocks the process while it runs: bound the batches.
   */
  readonly apply: (
    did: string,
    view: UserView,
    facts: ReadonlyArray<Fact>,
    into?: "next" | "serving"
  ) => Effect.Effect<Applied, NoSuchUser | EventNotApplied | FileDamaged | UserLocked | UserDatabaseError>
  readonly standing: (
    did: string,
    view: UserView
  ) => Effect.Effect<Standing, NoSuchUser | FileDamaged | UserLocked | UserDatabaseError>
  /** Starts an empty file beside the one being read. Fill it with `apply(…, "next")`, then `swap`. */
  readonly rebuild: (did: string, view: UserView) => Effect.Effect<void, NoSuchUser | UserLocked | UserDatabaseError>
  /**
   * Puts the file built beside in the place of the one being read, and removes older versions. Without one: nothing.
   * `seen`: the caller has read the log up to here, also where that left nothing for this file to take.
   */
  readonly swap: (
    did: string,
    view: UserView,
    seen?: number
  ) => Effect.Effect<
    void,
    NoSuchUser | ViewNotBuilt | ViewBehind | FileDamaged | UserLocked | UserDatabaseError
  >
  /** Gives up the file being built beside. */
  readonly discard: (did: string, view: UserView) => Effect.Effect<void, UserDatabaseError>
  /** Takes this version's file out of use, keeps it under another name until the user goes, and gives up the one beside it. */
  readonly setAside: (did: string, view: UserView) => Effect.Effect<void, UserDatabaseError>
  /** Files that a reader found damaged or missing, as they are found: whoever builds them looks, and mends. */
  readonly damaged: Stream.Stream<Damage>
  /** Everything applied before is on the disk when it answers. A node-wide checkpoint may only be moved after it. */
  readonly sync: Effect.Effect<void, UserDatabaseError>
}>() {
  static readonly layerMemory = (views: ReadonlyArray<UserView>): Layer.Layer<UserDatabases> =>
    Layer.scoped(UserDatabases, Upkeep.make(MemoryShelf.make, views))
}
