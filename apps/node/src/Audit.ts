/**
 * Verifies the whole log: positions without gaps, each stream's versions without gaps, each hash over its bytes and the hash
 * before it; then every event as a leaf of the kept tree, and the tree as it was at every signed head. Names the first thing that is
 * not as it was written.
 *
 * U1  A sound log is found sound, whatever is in it.
 * U2  A changed, missing, moved or inserted row is found, and the first one is named.
 * U3  What leaves every chain whole is found as well: a stream written anew from some event on, and a log without its newest events.
 * U4  A tree or a head that was altered is told from an event that was.
 * U5  The kept tree is tried: it proves events to be in it, and each head to continue the one before.
 * U6  An archived range that cannot be read is named, and so is its segment.
 */
import { AuditLog } from "@vivim/audit/AuditLog"
import { AuditStore } from "@vivim/audit/AuditStore"
import * as HeadTrail from "@vivim/audit/HeadTrail"
import { leafHash } from "@vivim/audit/MerkleTree"
import { type Leaf, prove, Sample } from "@vivim/audit/TrailProofs"
import { type Finding, type Mark, TreeTrail } from "@vivim/audit/TreeTrail"
import { AuditReport, Progress } from "@vivim/contract/Operator"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import { SegmentDamaged } from "@vivim/event-store/EventStoreError"
import type * as Chunk from "effect/Chunk"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as LogTrail from "./LogTrail.ts"

/** Events between two words about how far it is. */
const ProgressEvery = 5_000

type Found = Omit<Finding, "what"> & {
  readonly what: "event" | "tree" | "head"
  readonly stream: string | null
  readonly version: number | null
}

/** Everything an audit under way knows. */
class Course {
  readonly rows = LogTrail.begin()
  readonly leaves = new Sample<Leaf>()
  readonly marks = new Sample<Mark>()
  readonly tree: TreeTrail
  found: Found | null = null

  constructor(log: Context.Tag.Service<AuditLog>, heads: HeadTrail.HeadTrail, size: number) {
    this.tree = new TreeTrail(log.store, heads, size, (mark) => this.marks.offer(mark))
  }

  /** What is bad stands at the first position that is not accounted for; an event further on only shows that one is missing. */
  miss(finding: Omit<Finding, "what"> & { readonly what: Found["what"] }, event: RecordedEvent | null): void {
    const there = event?.position === finding.position ? event : null
    this.found = { ...finding, stream: there?.stream ?? null, version: there?.version ?? null }
  }

  readonly events = (events: Chunk.Chunk<RecordedEvent>) =>
    Effect.gen(this, function*() {
      yield* this.tree.prepare(events.length)
      for (const event of events) {
        const problem = LogTrail.problem(this.rows, event)
        if (problem !== null) return this.miss({ what: "event", position: this.rows.position + 1, problem }, event)
        LogTrail.take(this.rows, event)
        const asked = this.tree.take(event)
        const finding = asked === null ? null : yield* asked
        if (finding !== null) return this.miss(finding, event)
        this.leaves.offer({ position: event.position, hash: leafHash(event.hash) })
      }
    })
}

/** A head's rows and its note, and every proof asked of the kept tree, once the rows are known to be sound. */
const lookBehind = (course: Course, heads: HeadTrail.HeadTrail, total: number) =>
  Effect.gen(function*() {
    const { rows, tree } = course
    if (course.found === null && rows.position < total) {
      const problem = `the log ends at ${rows.position}, but ${total} events were written`
      course.miss({ what: "event", position: rows.position + 1, problem }, null)
    }
    const cut = course.found === null ? yield* tree.end : null
    if (cut !== null) course.miss(cut, null)
    const bad = heads.bad()
    if (bad !== null && course.found === null) {
      course.miss({ what: "head", position: bad.size, problem: bad.problem }, null)
    } else if (bad !== null && course.found !== null) {
      // What happened to events comes first; that somebody was at the heads as well belongs to it.
      course.found = { ...course.found, problem: `${course.found.problem}; moreover, ${bad.problem}` }
    }
    if (course.found !== null) return { inclusions: 0, consistencies: 0 }
    const whole = tree.whole === null ? [] : [tree.whole]
    const proven = yield* prove(course.leaves.kept, [...course.marks.kept, ...whole])
    if (proven.failed !== null) {
      course.miss({ what: "tree", position: proven.failed.size, problem: proven.failed.problem }, null)
    }
    return proven
  })

export const audit = Stream.unwrap(Effect.gen(function*() {
  const eventStore = yield* EventStore
  const log = yield* AuditLog
  // First what was signed and grown, then how far the log reaches: what is committed meanwhile is in the log alone.
  yield* log.reaches(yield* eventStore.head)
  const size = yield* log.store.size
  const newest = (yield* log.store.newestHead)?.number ?? 0
  const issued = yield* Effect.orElseSucceed(log.issued, () => ({ number: newest, note: "" }))
  const ground = Effect.provideService(AuditStore, log.store)
  const heads = yield* ground(HeadTrail.begin(log.key, newest, issued))
  const total = yield* eventStore.head
  const course = new Course(log, heads, size)

  const report = Effect.gen(function*() {
    const { inclusions, consistencies } = yield* ground(lookBehind(course, heads, total))
    const { found, rows, tree: { tree } } = course
    return new AuditReport({
      events: rows.position,
      streams: rows.streams.size,
      sound: found === null,
      firstBad: found,
      head: { position: rows.position, digest: LogTrail.digestOf(rows) },
      tree: {
        size: tree.size,
        root: Buffer.from(tree.root()).toString("base64"),
        heads: heads.seen(),
        inclusions,
        consistencies
      }
    })
  })
  let said = 0
  return eventStore.readAll(0, { upTo: total }).pipe(
    Stream.chunks,
    Stream.mapEffect(course.events),
    // What lies in an archive and cannot be read is as good as missing, and belongs in the report.
    Stream.catchSome(({ cause }) =>
      cause instanceof SegmentDamaged
        ? Option.some(
          Stream.sync(() => course.miss({ what: "event", position: cause.position, problem: cause.message }, null))
        )
        : Option.none()
    ),
    Stream.takeUntil(() => course.found !== null),
    Stream.filter(() => course.rows.position >= said + ProgressEvery),
    Stream.map(() => {
      said = course.rows.position
      return new Progress({ doing: "verifying the log", done: said, total })
    }),
    Stream.concat(Stream.fromEffect(report))
  )
}))
