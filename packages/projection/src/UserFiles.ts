/**
 * A user view as the runner sees it: one log goes in, each fact lands in its owner's own SQLite file.
 * Files keep their own checkpoints; the node-wide one in PostgreSQL only says where to read on after a restart,
 * and moves after the files are on the disk.
 *
 * V1  A user's file comes with the registration and goes with the deletion.
 * V2  After a crash every file catches up from its own checkpoint; nothing is in a file twice.
 * V3  One user's bad event or damaged file stops that user's file alone, across restarts too.
 * V4  A file that is damaged or gone is found by whoever reads it as by whoever writes it, and comes back by itself.
 * V5  A user whose keys are not here waits: their file stays as it is, nobody else's does, and it catches up when the keys come.
 */
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type * as Event from "@vivim/event-schemas/Event"
import { FileDamaged, type UserLocked } from "@vivim/user-database/UserDatabaseError"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import type { UserView } from "@vivim/user-database/UserView"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Ailments from "./Ailments.ts"
import * as FileFacts from "./FileFacts.ts"
import * as FileMending from "./FileMending.ts"
import * as Politeness from "./Politeness.ts"
import * as SqlCheckpoints from "./SqlCheckpoints.ts"
import * as TableDigest from "./TableDigest.ts"
import { type Target, type View, ViewFailure } from "./View.ts"

type Files = FileFacts.Files

export interface Options {
  readonly reads: Event.Vocabulary<any>
  /** A second, empty set of files for a comparison; gone with the scope. */
  readonly scratch: Effect.Effect<Files, unknown, Scope.Scope>
  /** How long the node-wide checkpoint may trail the files. */
  readonly checkpointEvery: Duration.DurationInput
  /** Which process of the node the files belong to, where there are several: each has files of its own, and remembers how far they are. */
  readonly process?: string
}

/** A file whose disk does not let it be written is tried again so often. */
const RetryEvery = "15 seconds"

interface FileTarget extends Target {
  readonly files: Files
  /** Those whose files were begun. */
  readonly begun: Set<string>
  /** Those that could not be filled, and why. */
  readonly left: ReadonlyMap<string, FileFacts.Trouble>
}

/** Where the node-wide checkpoint is: the version it is of, and the generation's number. */
interface At {
  generation: number
  version: number
  position: number
}

interface Ground {
  readonly view: UserView
  readonly files: Files
  readonly ailments: Ailments.Ailments
  readonly checkpoints: Effect.Effect.Success<ReturnType<typeof SqlCheckpoints.make>>
  readonly at: At
}

const failing = ({ view }: Pick<Ground, "view">, position = 0) =>
  Effect.mapError((cause: unknown) =>
    cause instanceof ViewFailure ? cause : new ViewFailure({ view: view.name, position, cause })
  )

export const make = Effect.fnUntraced(function*(declared: UserView, options: Options) {
  const view = FileFacts.reading(declared)
  const files = yield* UserDatabases
  const remembered = options.process === undefined ? view.name : `${view.name}@${options.process}`
  const checkpoints = yield* SqlCheckpoints.make(remembered)
  const first = (yield* checkpoints.serving) ??
    { generation: yield* checkpoints.begin(view.version, "serving"), version: view.version, position: 0 }
  const ground: Ground = { view, files, checkpoints, at: { ...first }, ailments: yield* Ailments.make(remembered) }
  yield* settling(ground, options.checkpointEvery)
  yield* Effect.forkScoped(heeding(ground))
  const { isOpen, moves } = yield* PayloadCipher
  yield* Effect.forkScoped(Stream.runForEach(moves, ({ here, owner }) => here ? opened(ground, owner) : Effect.void))
  // The keys may have come while it was being noted that they are not here.
  yield* Effect.forkScoped(
    Stream.runForEach(
      ground.ailments.all.changes,
      (all) =>
        Effect.forEach(
          all,
          ([did, { state }]) => state === "locked" && isOpen(did) ? ground.ailments.resume(did) : Effect.void,
          { discard: true }
        )
    )
  )
  const live = yield* serving(ground)
  return {
    name: view.name,
    version: view.version,
    reads: options.reads,
    sees: "whole",
    serving: Effect.sync(() => ground.at.version === view.version ? live : null),
    beside: (purpose, politeness) =>
      (purpose === "comparison"
        ? Effect.flatMap(options.scratch, (scratch) => counting(ground, scratch, "serving", politeness))
        : counting(ground, files, "next", politeness)).pipe(failing(ground)),
    // The files are this process's own.
    oneAtATime: (work) => work,
    still: (work) => work(ground.at.position),
    swap: (next) => swap(ground, next as FileTarget).pipe(failing(ground)),
    compare: (other) => TableDigest.compare(view, files, (other as FileTarget).files).pipe(failing(ground)),
    parts: {
      ailing: ground.ailments.all,
      resume: ground.ailments.resume,
      keys: (did) => view.wakes?.(did) ?? [],
      moves: Stream.map(moves, ({ owner }) => owner),
      mend: (did, history) => FileMending.mend(ground, did, history)
    }
  } satisfies View
})

/** Someone's keys came: their file goes on where it waited; one that did not wait is opened once, and so sealed with today's key. */
const opened = ({ ailments, files, view }: Ground, did: string) =>
  Effect.flatMap(
    ailments.of(did),
    (ailing) => ailing?.state === "locked" ? ailments.resume(did) : Effect.ignore(files.standing(did, view))
  )

/** Moves the node-wide checkpoint now and then, and at the end. */
const settling = ({ at, checkpoints, files, view }: Ground, every: Duration.DurationInput) =>
  Effect.gen(function*() {
    const settle = Effect.suspend(() => {
      const { generation, position } = at
      return Effect.zipRight(files.sync, checkpoints.move(generation, position))
    }).pipe(Effect.catchAllCause((cause) => Effect.logWarning(`checkpoint of ${view.name} not moved`, cause)))
    yield* Effect.forkScoped(Effect.repeat(settle, Schedule.spaced(every)))
    yield* Effect.addFinalizer(() => settle)
  })

/** The files that are read, and grow with the log. */
const serving = (ground: Ground) =>
  Effect.gen(function*() {
    const { ailments, at, files, view } = ground
    const scope = yield* Effect.scope
    const note = (did: string, { cause, fact }: FileFacts.Trouble) =>
      ailments.note(did, {
        state: Ailments.stateFor(cause),
        damaged: cause._tag === "FileDamaged",
        at: Ailments.placeOf(fact),
        cause
      }).pipe(
        Effect.zipRight(
          // What the disk refuses once it may grant later; an event that is refused is refused for good.
          cause._tag === "UserDatabaseError"
            ? Effect.forkIn(Effect.delay(ailments.resume(did), RetryEvery), scope)
            : Effect.void
        ),
        failing(ground, fact.position)
      )
    const way: FileFacts.Way = {
      files,
      view,
      into: "serving",
      isLive: () => true,
      isBehind: (did) => Effect.map(ailments.of(did), (ailing) => ailing !== undefined),
      politeness: yield* Politeness.make("hurried"),
      ready: () => Effect.void,
      stumble: note,
      gone: (did) => ailments.forget(did).pipe(failing(ground))
    }
    return {
      files,
      begun: new Set(),
      left: new Map(),
      position: Effect.sync(() => at.position),
      reach: Effect.sync(() => at.position),
      apply: (facts, upTo) =>
        Effect.tap(FileFacts.apply(way, facts), () => Effect.sync(() => at.position = Math.max(at.position, upTo)))
    } satisfies FileTarget
  })

/**
 * A second set of files that only counts how far it is: in the places of the next ones, or somewhere else altogether.
 * Beside live files accounts open and close on the live side; beyond where an older version stopped nothing is live, and they do so here.
 */
const counting = Effect.fnUntraced(function*(
  { at, view }: Ground,
  files: Files,
  into: "next" | "serving",
  politeness: Politeness.Politeness
) {
  let position = 0
  const begun = new Set<string>()
  const left = new Map<string, FileFacts.Trouble>()
  /** Empty, whatever a rebuild that was cut short may have left. */
  const begin = (did: string) =>
    Effect.suspend(() => {
      if (begun.has(did)) return Effect.void
      begun.add(did)
      // Whose keys are not here is met at the first fact.
      return Effect.catchTags(files.rebuild(did, view), {
        NoSuchUser: () => Effect.void,
        UserLocked: () => Effect.void
      })
    })
  // What was not swapped in is nobody's; whoever begins again begins with nothing.
  yield* Effect.addFinalizer(() => Effect.forEach(begun, (did) => Effect.ignore(files.discard(did, view))))
  const after = at.version === view.version ? Infinity : at.position
  const way: FileFacts.Way = {
    files,
    view,
    into,
    isLive: (fact) => into === "serving" || fact.position > after,
    isBehind: (did) => Effect.sync(() => left.has(did)),
    politeness,
    ready: (did) => into === "serving" ? Effect.void : begin(did).pipe(failing({ view })),
    stumble: (did, trouble) => Effect.sync(() => void left.set(did, trouble)),
    gone: (did) => Effect.sync(() => void left.delete(did))
  }
  return {
    files,
    begun,
    left,
    position: Effect.sync(() => position),
    reach: Effect.sync(() => position),
    apply: (facts, upTo) =>
      Effect.tap(FileFacts.apply(way, facts), () => Effect.sync(() => position = Math.max(position, upTo)))
  } satisfies FileTarget
})

/** Whoever could be filled changes places. Who could not keeps what serves or, where that is of another version, stops. */
const swap = Effect.fnUntraced(function*({ ailments, at, checkpoints, files, view }: Ground, next: FileTarget) {
  const position = yield* next.position
  const politeness = yield* Politeness.make("hurried")
  for (const did of yield* files.list) {
    yield* politeness.yield
    const trouble = next.left.get(did)
    const locked = (cause: UserLocked, at: Ailments.Ailment["at"]) =>
      Effect.zipRight(files.discard(did, view), ailments.note(did, { state: "locked", damaged: false, at, cause }))
    if (trouble === undefined) {
      yield* Effect.gen(function*() {
        // Whoever has no event the view knows has an empty file.
        if (!next.begun.has(did)) yield* files.rebuild(did, view)
        yield* files.swap(did, view, position)
        next.begun.delete(did)
        yield* ailments.forget(did)
      }).pipe(Effect.catchTag("UserLocked", (cause) => locked(cause, { position, event: null })))
      continue
    }
    const { cause, fact } = trouble
    if (cause._tag === "UserLocked") {
      yield* locked(cause, Ailments.placeOf(fact))
      continue
    }
    const standing = yield* Effect.option(files.standing(did, view))
    if (standing._tag === "Some" && standing.value.serving?.version === view.version) {
      yield* files.discard(did, view)
      yield* Effect.logWarning(`${view.name} of ${did} could not be built anew: position ${fact.position}`, cause)
    } else {
      yield* ailments.note(did, {
        state: Ailments.stateFor(cause),
        damaged: cause._tag === "FileDamaged",
        at: Ailments.placeOf(fact),
        cause
      })
    }
  }
  yield* files.sync
  const generation = yield* checkpoints.replace(view.version, position)
  Object.assign(at, { generation, version: view.version, position })
})

/** A reader met a damaged or missing file: it is mended, if it is so. */
const heeding = (ground: Ground) => {
  const { ailments, at, files, view } = ground
  return files.damaged.pipe(
    Stream.filter((told) => told.view === view.name && at.version === view.version),
    Stream.runForEach(({ certain, did }) =>
      Effect.gen(function*() {
        if ((yield* ailments.of(did)) !== undefined) return
        const standing = yield* Effect.either(files.standing(did, view))
        const sound = standing._tag === "Right"
          ? !certain && standing.right.serving?.version === view.version
          : !(standing.left instanceof FileDamaged)
        if (sound) return
        const cause = standing._tag === "Left" ? standing.left : new Error("a reader found it damaged or gone")
        yield* ailments.note(did, {
          state: "mending",
          damaged: true,
          at: { position: at.position, event: null },
          cause
        })
      }).pipe(Effect.catchAllCause((cause) => Effect.logWarning(`${view.name} of ${did} not looked at`, cause)))
    )
  )
}
