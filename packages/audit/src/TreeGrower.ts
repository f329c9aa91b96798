/**
 * Grows the tree behind the log: follows what is committed, takes each event's hash as a leaf, and keeps the tiles.
 *
 * G1  Every event is a leaf, at its position less one, whatever is killed when; should several processes grow one tree, it is one.
 * G2  An append waits for nothing here: the log is followed, and what comes within a moment is kept together.
 * G3  A log that is not the one the tree has taken in (cut off, or its newest events exchanged) stops the growth, and it is said at
 *     which position they part.
 * G4  A database that is away is waited for.
 * G5  Of several processes one grows the tree, and the next one when that is gone; the others follow nothing, and know how far it is.
 */
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import { EventStoreError } from "@vivim/event-store/EventStoreError"
import { Siblings } from "@vivim/event-store/Siblings"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { AuditStore, AuditStoreError } from "./AuditStore.ts"
import { leafHash } from "./MerkleTree.ts"
import { hashAt, widthOf } from "./Tile.ts"
import * as TreeEdge from "./TreeEdge.ts"
import type { TreeDamaged } from "./TreeProof.ts"
import * as TreeReading from "./TreeReading.ts"

/** The log and the tree are not of the same history; `message` says how, `position` where. */
class TreeParted extends Data.TaggedError("TreeParted")<{
  readonly position: number
  readonly message: string
}> {}

/** The growing tree: where it stands, and the wish not to wait for more before what is there is kept. */
export interface Grower {
  readonly grown: SubscriptionRef.SubscriptionRef<Grown>
  readonly hurry: Effect.Latch
  /** Open while it is this process that grows it. */
  readonly here: Effect.Latch
  /** The tree as whoever grows it has kept it by now, when it holds the log up to a position. */
  readonly elsewhere: (position: number) => Effect.Effect<Grown>
}

/** Where the tree stands in this process. `trouble` is what keeps it from growing, and waiting does not cure. */
export interface Grown {
  readonly size: number
  readonly root: Uint8Array
  readonly trouble: string | null
}

interface Ground extends Grower {
  /** What comes within so long is kept by one statement, unless somebody waits for it: the log's window holds that much. */
  readonly togetherMax: Duration.DurationInput
  readonly eventStore: Context.Tag.Service<EventStore>
  readonly store: Context.Tag.Service<AuditStore>
}

type Failure = EventStoreError | AuditStoreError | TreeDamaged | TreeParted

/** Behind a batch of so many there are mostly more by now. */
const ManyEvents = 256

const again = Schedule.exponential("250 millis").pipe(
  Schedule.union(Schedule.spaced("5 seconds")),
  Schedule.resetAfter("1 minute")
)

/** Starts to grow the tree, as long as the scope, as soon as it is this process's turn. */
export const start: (
  togetherMax: Duration.DurationInput
) => Effect.Effect<Grower, AuditStoreError, EventStore | AuditStore | Scope.Scope> = Effect.fnUntraced(
  function*(togetherMax) {
    const siblings = yield* Siblings
    const [eventStore, store] = [yield* EventStore, yield* AuditStore]
    const ground: Ground = {
      togetherMax,
      eventStore,
      store,
      grown: yield* SubscriptionRef.make<Grown>({ size: -1, root: new Uint8Array(32), trouble: null }),
      hurry: yield* Effect.makeLatch(false),
      here: yield* Effect.makeLatch(!siblings.present),
      elsewhere: (position) => siblings.present ? TreeReading.reaches({ eventStore, store }, position) : Effect.never
    }
    // Whoever cannot grow it gives it up, and others find out whether they can: so each process knows what is the matter.
    const turn = siblings.present
      ? Effect.ensuring(Effect.zipRight(ground.here.open, live(ground)), ground.here.close)
      : live(ground)
    yield* siblings.oneAtATime("audit tree", turn).pipe(
      Effect.sandbox,
      Effect.tapError((cause) => troubled(ground, cause)),
      Effect.retry(again),
      Effect.forkScoped
    )
    return ground
  }
)

/** Waits until the tree holds the log up to this position, or cannot come to hold it. */
export const reaches = ({ elsewhere, grown, hurry }: Grower, position: number): Effect.Effect<Grown> =>
  grown.changes.pipe(
    // Each time it has grown and not far enough: what comes next is waited for as well.
    Stream.tap(({ size }) => size < position ? hurry.open : Effect.void),
    Stream.filter(({ size, trouble }) => size >= position || trouble !== null),
    Stream.runHead,
    Effect.flatMap(Effect.orDie),
    Effect.raceFirst(elsewhere(position))
  )

const troubled = (ground: Ground, cause: Cause.Cause<Failure>) =>
  Effect.gen(function*() {
    const failure = Cause.squash(cause)
    if (failure instanceof EventStoreError || failure instanceof AuditStoreError) {
      return yield* Effect.logWarning("the audit tree waits for the database", failure)
    }
    const trouble = failure instanceof Error ? failure.message || failure.name : String(failure)
    const before = yield* SubscriptionRef.getAndUpdate(ground.grown, (now) => ({ ...now, trouble }))
    // Tried again and again: said once.
    if (before.trouble !== trouble) yield* Effect.logError(`the audit tree stands still: ${trouble}`)
  })

const live = (ground: Ground): Effect.Effect<never, Failure> =>
  Effect.gen(function*() {
    const size = yield* ground.store.size
    const edge = yield* TreeEdge.load(ground.store.tiles, size)
    yield* mustBeTaken(ground, size)
    yield* stands(ground, edge)
    yield* Stream.runForEach(ground.eventStore.follow(size), (batch) =>
      Effect.gen(function*() {
        yield* grow(ground, edge, batch)
        if (batch.length >= ManyEvents) return
        // More has come by the time we look again: a busy log wakes nobody here for each commit.
        yield* Effect.raceFirst(Effect.sleep(ground.togetherMax), ground.hurry.await)
        yield* ground.hurry.close
      }))
    return yield* Effect.never
  }).pipe(Effect.catchTag("OtherGrew", () => Effect.suspend(() => live(ground))))

/** Another process grew the tree: begin again where it stands now. */
class OtherGrew extends Data.TaggedError("OtherGrew") {}

const grow = (ground: Ground, edge: TreeEdge.TreeEdge, batch: ReadonlyArray<RecordedEvent>) =>
  Effect.gen(function*() {
    const { size } = edge.tree
    const first = batch[0]!.position
    if (first !== size + 1) {
      const message = `position ${size + 1} is missing: the log goes on at ${first}`
      return yield* new TreeParted({ position: size + 1, message })
    }
    for (const { hash } of batch) edge.add(leafHash(hash))
    if (!(yield* ground.store.grow(size, edge.tree.size, edge.take()))) return yield* new OtherGrew()
    yield* stands(ground, edge)
  })

const stands = (ground: Ground, { tree }: TreeEdge.TreeEdge) =>
  SubscriptionRef.set(ground.grown, { size: tree.size, root: tree.root(), trouble: null })

/** The newest events of the log are those that were taken in last: what happened while nobody grew the tree shows here. */
const mustBeTaken = (ground: Ground, size: number) =>
  Effect.gen(function*() {
    const head = yield* ground.eventStore.head
    if (head < size) {
      return yield* new TreeParted({
        position: head + 1,
        message: `the log ends at ${head}, but ${size} events were taken into the tree: it was cut off`
      })
    }
    if (size === 0) return
    const index = Math.floor((size - 1) / widthOf)
    const [tile] = yield* ground.store.tiles([{ level: 0, index }])
    const first = index * widthOf
    yield* Stream.runForEach(ground.eventStore.readAll(first, { upTo: size }), ({ hash, position }) => {
      const leaf = tile === undefined ? null : hashAt(tile, position - 1 - first)
      return leaf !== null && Buffer.compare(leaf, leafHash(hash)) === 0 ? Effect.void : new TreeParted({
        position,
        message: `the event at position ${position} is not the one that was taken into the tree`
      })
    })
  })
