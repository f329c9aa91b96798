/**
 * Brings one user's file back to where its view is: from its own checkpoint, or anew from the first event when it is damaged.
 *
 * N1  A damaged file is kept aside and built anew from the log by itself; one that is damaged again meanwhile stays stopped.
 * N2  The file at which an event is refused stays as it is up to that event, and says which.
 * N3  A file whose owner's keys are not here waits for them; it has not stopped.
 */
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import { FileDamaged, UserLocked } from "@vivim/user-database/UserDatabaseError"
import type { UserView } from "@vivim/user-database/UserView"
import * as Effect from "effect/Effect"
import { type Ailments, placeOf } from "./Ailments.ts"
import type { Fact } from "./Fact.ts"
import { type Files, isEverybodys } from "./FileFacts.ts"
import { type Ailing, type History, ViewFailure } from "./View.ts"

interface Bed {
  readonly files: Files
  readonly view: UserView
  readonly ailments: Ailments
}

/** Where the file is continued. */
interface Place {
  readonly into: "next" | "serving"
  readonly from: number
}

/** The file took no more, at this fact if it was one. */
class Stumbled {
  readonly _tag = "Stumbled"
  readonly cause: unknown
  readonly fact: Fact<any> | null
  constructor(cause: unknown, fact: Fact<any> | null) {
    this.cause = cause
    this.fact = fact
  }
}

/** Somebody else sees to it by now: the account has closed. */
class Gone {
  readonly _tag = "Gone"
}

export const mend = Effect.fn("FileMending.mend")(function*(bed: Bed, did: string, history: History) {
  const ailing = yield* bed.ailments.of(did)
  if (ailing === undefined) return
  yield* attempt(bed, did, history, ailing.damaged).pipe(
    // A file that looked sound until now is built anew once; the second time there is more to it.
    Effect.catchIf(
      (error): error is Stumbled => error._tag === "Stumbled" && error.cause instanceof FileDamaged && !ailing.damaged,
      () => attempt(bed, did, history, true)
    ),
    Effect.catchTags({
      Stumbled: (stumbled) => stop(bed, did, ailing, stumbled),
      Gone: () => bed.ailments.forget(did)
    }),
    Effect.mapError((cause): ViewFailure | EventStoreError =>
      cause._tag === "EventStoreError" || cause._tag === "ViewFailure"
        ? cause as ViewFailure | EventStoreError
        : new ViewFailure({ view: bed.view.name, position: ailing.stop.position, cause })
    )
  )
})

const stop = Effect.fnUntraced(function*(bed: Bed, did: string, { stop }: Ailing, { cause, fact }: Stumbled) {
  const { ailments, files, view } = bed
  const at = fact === null ? stop : placeOf(fact)
  if (isEverybodys(cause)) return yield* new ViewFailure({ view: view.name, position: at.position, cause })
  if (cause instanceof UserLocked) return yield* ailments.note(did, { state: "locked", damaged: false, at, cause })
  const damaged = cause instanceof FileDamaged
  // Where nothing else can be read, what was built up to the event is better than nothing.
  const standing = yield* Effect.option(files.standing(did, view))
  if (!damaged && standing._tag === "Some" && standing.value.serving === null) {
    yield* Effect.ignoreLogged(files.swap(did, view))
  }
  yield* ailments.note(did, { state: "stopped", damaged, at, cause })
})

/** Fills the file in two steps: most of it while the view goes on, the rest while the view holds still. */
const attempt = Effect.fnUntraced(function*(bed: Bed, did: string, history: History, anew: boolean) {
  const { ailments, files, view } = bed
  const place = yield* begin(bed, did, anew)
  const fill = (after: number, upTo: number) =>
    history.read(
      did,
      after,
      upTo,
      (facts) =>
        Effect.flatMap(
          ailments.of(did),
          (still) => still === undefined ? Effect.fail(new Gone()) : put(bed, did, place, facts)
        )
    )
  const first = yield* history.reach
  yield* fill(place.from, first)
  yield* history.still(Effect.gen(function*() {
    const upTo = yield* history.reach
    yield* fill(Math.max(place.from, first), upTo)
    if ((yield* ailments.of(did)) === undefined) return
    if (place.into === "next") yield* stumbling(files.swap(did, view, upTo))
    yield* files.sync
    yield* ailments.forget(did)
  }))
})

const stumbling = <A, E extends { readonly _tag: string }>(work: Effect.Effect<A, E>) =>
  Effect.mapError(work, (cause) => cause._tag === "NoSuchUser" ? new Gone() : new Stumbled(cause, null))

const begin = Effect.fnUntraced(function*({ files, view }: Bed, did: string, anew: boolean) {
  if (!(yield* stumbling(files.exists(did)))) yield* stumbling(files.create(did))
  if (!anew) {
    const { serving } = yield* stumbling(files.standing(did, view))
    if (serving?.version === view.version) return { into: "serving", from: serving.checkpoint } satisfies Place
  } else yield* stumbling(files.setAside(did, view))
  yield* stumbling(files.rebuild(did, view))
  return { into: "next", from: 0 } satisfies Place
})

const put = (
  bed: Pick<Bed, "files" | "view">,
  did: string,
  { into }: Pick<Place, "into">,
  facts: ReadonlyArray<Fact<any>>
): Effect.Effect<void, Stumbled | Gone> => {
  const closed = facts.findIndex(({ locked }) => locked === true)
  if (closed >= 0) {
    const failed = Effect.fail(new Stumbled(new UserLocked({ did }), facts[closed]!))
    return closed === 0 ? failed : Effect.zipRight(put(bed, did, { into }, facts.slice(0, closed)), failed)
  }
  return Effect.catchAll(Effect.asVoid(bed.files.apply(did, bed.view, facts, into)), (cause) => {
    if (cause._tag === "NoSuchUser") return Effect.fail(new Gone())
    const at = cause._tag === "EventNotApplied" ? facts.findIndex(({ position }) => position === cause.position) : 0
    const failed = Effect.fail(new Stumbled(cause, facts[at] ?? null))
    return at === 0 ? failed : Effect.zipRight(put(bed, did, { into }, facts.slice(0, at)), failed)
  })
}
