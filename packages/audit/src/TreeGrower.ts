/**
 * Grows the tree behind the log: follows what is committed, takes each event's hash as a leaf, and keeps the tiles.
 *
 * G1  Every event is a leaf, at its position less one, whatever is killed when; several processes may grow one tree.
 * G2  An append waits for nothing here: the log is followed, and what comes within a moment is kept together.
 * G3  A log that is not the one the tree has taken in (cut off, or its newest events exchanged) stops the growth, and it is said at
 *     which position they part.
 * G4  A database that is away is waited for.
 */
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Cause from "effect/Cause"
import type * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { AuditStore, AuditStoreError } from "./AuditStore.ts"
import { leafHash } from "./MerkleTree.ts"
import { hashAt, widthOf } from "./Tile.ts"
import * as TreeEdge from "./TreeEdge.ts"
import type { TreeDamaged } from "./TreeProof.ts"

/** The log and the tree are not of the same history; `message` says how, `position` where. */
class TreeParted extends Data.TaggedError("TreeParted")<{
  readonly position: number
  readonly message: string
}> {}

/** The growing tree: where it stands, and the wish not to wait for more before what is there is kept. */
export interface Grower {
  readonly grown: SubscriptionRef.SubscriptionRef<Grown>
  readonly hurry: Effect.Latch
}

/** Where the tree stands in this process. `trouble` is what keeps it from growing, and waiting does not cure. */
export interface Grown {
  readonly size: number
  readonly root: Uint8Array
  readonly trouble: string | null
}

/** Leaves of consecutive events. */
interface Leaves {
  readonly first: number
  readonly hashes: ReadonlyArray<Uint8Array>
}

interface Ground extends Grower {
  readonly eventStore: Context.Tag.Service<EventStore>
  readonly store: Context.Tag.Service<AuditStore>
}

type Failure = EventStoreError | AuditStoreError | TreeDamaged | TreeParted

/** What comes within so long is kept by one statement, unless somebody waits for it. */
const TogetherMs = 1_000

/** Batches of leaves that wait to be kept: some 64,000 leaves, 2 MiB. */
const InboxMax = 64

const again = Schedule.exponential("250 millis").pipe(
  Schedule.union(Schedule.spaced("5 seconds")),
  Schedule.resetAfter("1 minute")
)

/** Starts to grow the tree, as long as the scope. */
export const start: Effect.Effect<
  Grower,
  AuditStoreError,
  EventStore | AuditStore | Scope.Scope
> = Effect.gen(function*() {
  const ground: Ground = {
    eventStore: yield* EventStore,
    store: yield* AuditStore,
    grown: yield* SubscriptionRef.make<Grown>({ size: -1, root: new Uint8Array(32), trouble: null }),
    hurry: yield* Effect.makeLatch(false)
  }
  yield* live(ground).pipe(
    Effect.sandbox,
    Effect.tapError((cause) => troubled(ground, cause)),
    Effect.retry(again),
    Effect.forkScoped
  )
  return ground
})

/** Waits until the tree holds the log up to this position, or cannot come to hold it. */
export const reaches = ({ grown, hurry }: Grower, position: number): Effect.Effect<Grown> =>
  grown.changes.pipe(
    // Each time it has grown and not far enough: what comes next is waited for as well.
    Stream.tap(({ size }) => size < position ? hurry.open : Effect.void),
    Stream.filter(({ size, trouble }) => size >= position || trouble !== null),
    Stream.runHead,
    Effect.flatMap(Effect.orDie)
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
  Effect.scoped(Effect.gen(function*() {
    const size = yield* ground.store.size
    const edge = yield* TreeEdge.load(ground.store.tiles, size)
    yield* mustBeTaken(ground, size)
    yield* stands(ground, edge)
    const inbox = yield* Queue.bounded<Leaves>(InboxMax)
    return yield* Effect.raceFirst(
      Stream.runForEach(ground.eventStore.follow(size), (batch) => Queue.offer(inbox, leavesOf(batch))).pipe(
        Effect.zipRight(Effect.never)
      ),
      Effect.forever(keep(ground, edge, inbox))
    )
  })).pipe(Effect.catchTag("OtherGrew", () => Effect.suspend(() => live(ground))))

const leavesOf = (batch: ReadonlyArray<RecordedEvent>): Leaves => ({
  first: batch[0]!.position,
  hashes: batch.map(({ hash }) => leafHash(hash))
})

/** Another process grew the tree: begin again where it stands now. */
class OtherGrew extends Data.TaggedError("OtherGrew") {}

const keep = (ground: Ground, edge: TreeEdge.TreeEdge, inbox: Queue.Queue<Leaves>) =>
  Effect.gen(function*() {
    const first = yield* Queue.take(inbox)
    yield* Effect.raceFirst(Effect.sleep(TogetherMs), ground.hurry.await)
    yield* ground.hurry.close
    const batches = [first, ...yield* Queue.takeAll(inbox)]
    const from = edge.tree.size
    for (const { first, hashes } of batches) {
      const position = edge.tree.size + 1
      if (first !== position) {
        return yield* new TreeParted({
          position,
          message: `position ${position} is missing: the log goes on at ${first}`
        })
      }
      for (const hash of hashes) edge.add(hash)
    }
    if (!(yield* ground.store.grow(from, edge.tree.size, edge.take()))) return yield* new OtherGrew()
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
