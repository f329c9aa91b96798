/**
 * The tree as a process sees it that does not grow it: how far it is kept, and its root, hashed from the log itself since the newest
 * signed head, so that whoever signs here vouches for the rows and not for what somebody kept of them.
 */
import type { EventStore } from "@vivim/event-store/EventStore"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { AuditStore } from "./AuditStore.ts"
import { leafHash } from "./MerkleTree.ts"
import * as TreeEdge from "./TreeEdge.ts"
import type { Grown } from "./TreeGrower.ts"

interface Kept {
  readonly eventStore: Context.Tag.Service<EventStore>
  readonly store: Context.Tag.Service<AuditStore>
}

/** How often it is looked whether the tree has grown far enough. */
const LookEvery = "100 millis"
const again = Schedule.spaced("1 second")

/** Waits until whoever grows the tree has kept the log up to a position. */
export const reaches = ({ eventStore, store }: Kept, position: number): Effect.Effect<Grown> =>
  store.size.pipe(
    Effect.delay(LookEvery),
    Effect.repeat({ until: (size) => size >= position }),
    Effect.flatMap((size) => read({ eventStore, store }, size)),
    Effect.catchTag("TreeDamaged", ({ message }) =>
      Effect.succeed({ size: -1, root: new Uint8Array(32), trouble: message })),
    Effect.retry(again),
    Effect.orDie
  )

const read = ({ eventStore, store }: Kept, size: number) =>
  Effect.gen(function*() {
    const head = yield* store.newestHead
    const { tree } = yield* TreeEdge.load(store.tiles, Math.min(size, head?.size ?? 0))
    yield* Stream.runForEach(eventStore.readAll(tree.size, { upTo: size }), ({ hash }) =>
      Effect.sync(() => tree.add(leafHash(hash))))
    // A log that is cut off comes to another size, and so to another root than the kept tree's.
    return { size, root: tree.root(), trouble: null } satisfies Grown
  })
