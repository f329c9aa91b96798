/**
 * A user view as the runner sees it: one log goes in, each fact lands in its owner's own SQLite file.
 * Files keep their own checkpoints; the node-wide one in PostgreSQL only says where to read on after a restart,
 * and moves after the files are on the disk.
 *
 * V1  A user's file comes with the registration and goes with the deletion.
 * V2  After a crash every file catches up from its own checkpoint; nothing is in a file twice.
 */
import type * as Event from "@vivim/event-schemas/Event"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import type { UserView } from "@vivim/user-database/UserView"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { Fact } from "./Fact.ts"
import * as SqlCheckpoints from "./SqlCheckpoints.ts"
import * as TableDigest from "./TableDigest.ts"
import { type Target, type View, ViewFailure } from "./View.ts"

type Files = Context.Tag.Service<UserDatabases>

export interface Options {
  readonly reads: Event.Vocabulary<any>
  /** A second, empty set of files for a comparison; gone with the scope. */
  readonly scratch: Effect.Effect<Files, unknown, Scope.Scope>
  /** How long the node-wide checkpoint may trail the files. */
  readonly checkpointEvery: Duration.DurationInput
}

interface FileTarget extends Target {
  readonly files: Files
}

const failing = (view: UserView, position = 0) =>
  Effect.mapError((cause: unknown) => new ViewFailure({ view: view.name, position, cause }))

export const make = Effect.fnUntraced(function*(view: UserView, options: Options) {
  const files = yield* UserDatabases
  const checkpoints = yield* SqlCheckpoints.make(view.name)
  const first = (yield* checkpoints.serving) ??
    { generation: yield* checkpoints.begin(view.version, "serving"), version: view.version, position: 0 }
  const at = { generation: first.generation, version: first.version, position: first.position }

  const settle = Effect.suspend(() => {
    const { generation, position } = at
    return Effect.zipRight(files.sync, checkpoints.move(generation, position))
  }).pipe(Effect.catchAllCause((cause) => Effect.logWarning(`checkpoint of ${view.name} not moved`, cause)))
  yield* Effect.forkScoped(Effect.repeat(settle, Schedule.spaced(options.checkpointEvery)))
  yield* Effect.addFinalizer(() => settle)

  const live: FileTarget = {
    files,
    position: Effect.sync(() => at.position),
    apply: (facts, upTo) =>
      Effect.tap(apply(files, view, facts), () => Effect.sync(() => at.position = Math.max(at.position, upTo)))
  }

  return {
    name: view.name,
    version: view.version,
    reads: options.reads,
    sees: "whole",
    serving: Effect.sync(() => at.version === view.version ? live : null),
    beside: (purpose) =>
      (purpose === "comparison"
        ? Effect.map(options.scratch, (scratch) => counting(scratch, (facts) => apply(scratch, view, facts)))
        : Effect.as(
          Effect.flatMap(files.list, Effect.forEach((did) => files.rebuild(did, view), { discard: true })),
          counting(files, (facts) =>
            apply(files, view, facts, { after: at.version === view.version ? Infinity : at.position }))
        )).pipe(failing(view)),
    swap: (next) =>
      Effect.gen(function*() {
        yield* Effect.flatMap(
          files.list,
          Effect.forEach((did) =>
            files.swap(did, view).pipe(
              // Someone who registered during the rebuild has no second file, and needs none.
              Effect.catchTag("ViewNotBuilt", () => Effect.void)
            ), { discard: true })
        )
        const position = yield* next.position
        yield* files.sync
        const generation = yield* checkpoints.replace(view.version, position)
        Object.assign(at, { generation, version: view.version, position })
      }).pipe(failing(view)),
    compare: (other) => TableDigest.compare(view, files, (other as FileTarget).files).pipe(failing(view))
  } satisfies View
})

const counting = (
  files: Files,
  write: Target["apply"] extends (facts: infer F, upTo: number) => infer R ? (facts: F) => R : never
): FileTarget => {
  let position = 0
  return {
    files,
    position: Effect.sync(() => position),
    apply: (facts, upTo) => Effect.tap(write(facts), () => Effect.sync(() => position = Math.max(position, upTo)))
  }
}

/**
 * Filling the files beside. Accounts open and close on the live side; beyond `after`, where the older version stopped and
 * nothing is live, they do so here.
 */
interface Beside {
  readonly after: number
}

/** Each owner's facts in order, cut where the account opens or closes. */
const apply = (files: Files, view: UserView, facts: ReadonlyArray<Fact<any>>, beside?: Beside) => {
  const byOwner = new Map<string, Array<Fact<any>>>()
  for (const fact of facts) {
    const own = byOwner.get(fact.owner) ?? []
    byOwner.set(fact.owner, own)
    own.push(fact)
  }
  return Effect.forEach(byOwner, ([did, own]) => applyTo(files, view, did, own, beside)).pipe(
    Effect.map((touched) => touched.flat()),
    failing(view, facts[0]?.position)
  )
}

const applyTo = Effect.fnUntraced(
  function*(files: Files, view: UserView, did: string, facts: ReadonlyArray<Fact<any>>, beside?: Beside) {
    const isLive = ({ position }: Fact) => beside === undefined || position > beside.after
    const touched: Array<string> = []
    let pending: Array<Fact<any>> = []
    const flush = Effect.suspend(() => {
      const batch = pending
      pending = []
      return batch.length === 0 ? Effect.void : files.apply(did, view, batch, beside && "next").pipe(
        Effect.tap((applied) => Effect.sync(() => touched.push(...applied.touched))),
        // Events of someone who has no account here, or no longer: nobody can read them.
        Effect.catchTag("NoSuchUser", () => Effect.void)
      )
    })
    for (const fact of facts) {
      if (fact.event._tag === "user.UserRegistered" && isLive(fact)) {
        yield* flush
        yield* files.create(did)
      }
      pending.push(fact)
      if (fact.event._tag === "user.UserDeleted" && isLive(fact)) {
        touched.push(...view.touches(fact))
        pending = []
        yield* files.delete(did)
      }
    }
    yield* flush
    // Other fibers answer readers between two users: applying is synchronous.
    yield* Effect.yieldNow()
    return touched
  }
)
