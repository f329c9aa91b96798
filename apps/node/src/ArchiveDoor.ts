/** The operator's hand on the archive of the log: what lies there, moving old ranges into it, and bringing one back. */
import type { AuditLog } from "@vivim/audit/AuditLog"
import { ArchivedSegment, ArchiveRefused, ArchiveReport, ArchiveViews, RestoreReport } from "@vivim/contract/Archive"
import { SessionGuard } from "@vivim/contract/Session"
import { type Bound, type SegmentLimits, segmentLimits } from "@vivim/event-store/ArchivePlan"
import { type EventStoreError, SegmentDamaged } from "@vivim/event-store/EventStoreError"
import * as PostgresArchive from "@vivim/event-store/PostgresArchive"
import { SegmentStore, SegmentUnreadable } from "@vivim/event-store/SegmentStore"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { witness } from "./ArchiveWitness.ts"
import { NodeDatabase } from "./NodeDatabase.ts"
import { told } from "./Told.ts"

/** What is wrong with a file is the operator's business, and no weather. */
const said = <A, R>(doing: string, work: Effect.Effect<A, PostgresArchive.ArchiveError, R>) =>
  weatherproof(
    doing,
    Effect.mapError(work, (error): ArchiveRefused | EventStoreError => {
      if (error._tag === "ArchiveRefused") return new ArchiveRefused({ message: error.message })
      return error.cause instanceof SegmentDamaged || error.cause instanceof SegmentUnreadable
        ? new ArchiveRefused({ message: error.cause.message })
        : error
    }),
    ["ArchiveRefused"]
  )

interface Asked {
  readonly position?: number | undefined
  readonly at?: number | undefined
  readonly dryRun?: boolean | undefined
}

const boundOf = ({ at, position }: Asked): Effect.Effect<Bound, PostgresArchive.ArchiveRefused> =>
  position !== undefined && at === undefined
    ? Effect.succeed({ position })
    : at !== undefined && position === undefined
    ? Effect.succeed({ at })
    : new PostgresArchive.ArchiveRefused({ message: "say before what: a position, or a time" })

const rangesOf = (
  ranges: ReadonlyArray<{ readonly first: number; readonly last: number; readonly bytes: number }>
) => ({
  events: ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0),
  bytes: ranges.reduce((sum, { bytes }) => sum + bytes, 0),
  segments: ranges.map(({ bytes, first, last }) => ({ first, last, bytes }))
})

const archive = (ground: PostgresArchive.Ground, limits: SegmentLimits, asked: Asked) =>
  told((report) =>
    said(
      "archive the log",
      Effect.gen(function*() {
        const bound = yield* boundOf(asked)
        if (asked.dryRun === true) {
          const ranges = yield* PostgresArchive.plan(ground, { bound, limits })
          return new ArchiveReport({ dryRun: true, ...rangesOf(ranges), head: null })
        }
        const { number, vouch } = yield* witness
        const made = yield* PostgresArchive.archive(ground, {
          bound,
          limits,
          vouch,
          report: (done, total) => report({ doing: "archiving the log", done, total })
        })
        return new ArchiveReport({ dryRun: false, ...rangesOf(made), head: number })
      })
    )
  )

const restore = (ground: PostgresArchive.Ground, first: number) =>
  told((report) =>
    said(
      "restore the segment",
      Effect.map(
        PostgresArchive.restore(
          ground,
          first,
          (done, total) => report({ doing: "restoring the segment", done, total })
        ),
        ({ bytes, first, last }) => new RestoreReport({ first, last, bytes })
      )
    )
  )

const Doors = ArchiveViews.middleware(SessionGuard)

/** Segments are whole subtrees of the log's tree: the largest power of two is taken that is not more. */
export const handlers = (eventsMax: number) =>
  Doors.toLayer(Effect.gen(function*() {
    const limits = { ...segmentLimits, eventsMax: 2 ** Math.floor(Math.log2(eventsMax)) }
    const { url } = yield* NodeDatabase
    const ground = { url, segments: yield* SegmentStore }
    const audit = yield* Effect.context<AuditLog>()
    return {
      ListSegments: () =>
        said(
          "read the archive",
          Effect.map(
            PostgresArchive.list(ground),
            (found) =>
              found.map(({ archivedAt, bytes, first, last, name, trouble }) =>
                new ArchivedSegment({ first, last, bytes, name, archivedAt, trouble })
              )
          )
        ),
      ArchiveLog: (asked) => Stream.provideSomeContext(archive(ground, limits, asked), audit),
      RestoreSegment: ({ first }) => restore(ground, first)
    }
  }))
