/** Event stores on a test server whose logs are archived: what lies in a folder, and a store that archives before it is asked anything. */
import type { EventStore, RecordedEvent } from "@vivim/event-store/EventStore"
import * as PostgresArchive from "@vivim/event-store/PostgresArchive"
import * as SegmentFolder from "@vivim/event-store/SegmentFolder"
import { SegmentStore } from "@vivim/event-store/SegmentStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { event, type Store } from "./Events.ts"
import { run } from "./Law.ts"
import { temporaryFolder } from "./ServerPostgres.ts"
import { open, type Url } from "./StoresOnServer.ts"

/** Small enough that a law's few events fill some. */
const small = { eventsMax: 4, bytesMax: 1 << 20 }

/** All that can be, in segments of four. */
export const archiving = (parts: Partial<PostgresArchive.Archiving> = {}): PostgresArchive.Archiving => ({
  bound: { position: Infinity },
  limits: small,
  vouch: () => Effect.void,
  report: () => Effect.void,
  ...parts
})

export const groundIn = (url: Url, folder: string): Effect.Effect<PostgresArchive.Ground, never, Scope.Scope> =>
  Effect.map(
    Layer.build(SegmentFolder.layer(folder)),
    (context) => ({ url, segments: Context.get(context, SegmentStore) })
  )

/** A store, a folder for its archive, and the way to fill that. */
export const world = (url: Url) =>
  Effect.gen(function*() {
    const folder = yield* temporaryFolder
    const ground = yield* groundIn(url, folder)
    const store = yield* open(url, { segments: ground.segments })
    return { folder, ground, store }
  })

/** A store whose log is archived anew before everything that is read and behind everything that is kept; now and then a segment comes back. */
export const archivedStore = (url: Url): Effect.Effect<Store, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const { ground, store } = yield* world(url)
    const one = yield* Effect.makeSemaphore(1)
    let asked = 0
    let archived = 0
    const settle = one.withPermits(1)(Effect.gen(function*() {
      const head = yield* store.head
      // The longer the log, the larger the segments, and the more has to come before it is done again.
      const eventsMax = Math.max(small.eventsMax, 2 ** Math.floor(Math.log2(Math.max(1, head / 8))))
      if (head < archived + eventsMax) return
      yield* PostgresArchive.archive(ground, archiving({ limits: { ...small, eventsMax } }))
      archived = head - head % eventsMax
      if (++asked % 3 === 0) {
        const segments = yield* PostgresArchive.list(ground)
        yield* PostgresArchive.restore(ground, segments[asked % segments.length]!.first, () => Effect.void)
      }
    })).pipe(Effect.orDie)
    const archivedFirst: Store = {
      // Not before: appends that were sent one behind the other must come to the store so.
      append: (...given) => Effect.zipLeft(store.append(...given), settle),
      read: (...given) => Stream.unwrap(Effect.as(settle, store.read(...given))),
      readAll: (...given) => Stream.unwrap(Effect.as(settle, store.readAll(...given))),
      follow: (...given) => Stream.unwrap(Effect.as(settle, store.follow(...given))),
      find: (id) => Effect.zipRight(settle, store.find(id)),
      streamHead: (stream) => Effect.zipRight(settle, store.streamHead(stream)),
      head: Effect.zipRight(settle, store.head)
    } satisfies EventStore["Type"]
    return archivedFirst
  })

/** Streams that take turns, with events of all sizes. */
export const fill = (store: Store, count: number) =>
  Effect.forEach(run(1, count), (n) =>
    store.append(`tea/${n % 7}`, "any", [event({
      at: n,
      owner: n % 3 === 0 ? "did:key:zBo" : "did:key:zAda",
      type: n % 5 === 0 ? "tea.Drunk" : "tea.Poured",
      private: new Uint8Array(n % 50 === 0 ? 50_000 : n).fill(n)
    })]), { concurrency: 50, discard: true })

/** For comparison: what it is made of, bytes as text. */
export const plain = (log: ReadonlyArray<RecordedEvent>) =>
  log.map((event) =>
    Object.entries(event).map(([name, value]) =>
      value instanceof Uint8Array ? [name, Buffer.from(value).toString("base64")] : [name, value]
    )
  )

/** The table as it lies. */
export const rows = "select * from event order by position"
/** How many rows have given up what they carried, and what of it they still have. */
export const markers =
  "select count(*), coalesce(sum(length(private) + length(meta) + length(routing)), 0) from event where previous_hash = ''"
