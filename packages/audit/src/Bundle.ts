/**
 * An audit bundle: a part of a log with everything that proves it, for a verifier that has no database and nothing of ours.
 *
 * B1  What a sound log gives is a sound bundle, whichever part of it: all, from one position to another, or one stream.
 * B2  It is made as it is taken: memory does not grow with the log.
 *
 * The form, in full (packages/audit/bin/verify.js reads it by these words alone). The first line is `vivim-audit-bundle/1`; each
 * further line is a link, a space, and one JSON object. The link is SHA-256(link before || the JSON's bytes) in hexadecimal, the
 * first one before being SHA-256 of the first line without its line break. Objects, by their `kind`, in this order:
 *
 *   bundle  origin, key (the line of the note key), createdAt, writtenBy, from, to (positions), stream or null, head (a signed note
 *           over `to` or more events: all else is proven to it)
 *   before  hashes: of the complete subtrees left of `from`, from left to right (none when one stream was asked for)
 *   event   position, stream, version, id, type, schemaVersion, owner, at, meta, routing (base64), sealed (SHA-256 of the private
 *           part, hexadecimal), private (base64, or left out), previousHash, hash (hexadecimal; as in EventHash.ts, H1);
 *           path when one stream was asked for: the proof of inclusion in `head`
 *   head    number, at, note; path when it was not signed over just the events seen so far: the proof of consistency with `head`
 *   after   path: the proof of consistency of the tree of `to` leaves with `head` (empty when one stream was asked for)
 *   end     events, heads (how many), seal: a note signed by `key` over three lines: the form, the origin, the last link
 *
 * Hashes of the tree are base64. Source of proofs: RFC 9162; of notes: C2SP signed-note and tlog-checkpoint.
 */
import * as EventHash from "@vivim/event-store/EventHash"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { type AuditFailure, AuditLog, TreeDisagrees } from "./AuditLog.ts"
import type { AuditStoreError, TreeHead } from "./AuditStore.ts"
import { nodesOf } from "./MerkleTree.ts"
import { keyLine, sign } from "./SignedNote.ts"
import * as TreeProof from "./TreeProof.ts"

const form = "vivim-audit-bundle/1"

/** Which part of the log. `from` and `to` are positions, both in it; without `to`, up to the end. */
export interface Selection {
  readonly from?: number
  readonly to?: number
  readonly stream?: string
  /** With the sealed bytes themselves, not their hashes alone. */
  readonly sealed?: boolean
}

type Log = Context.Tag.Service<AuditLog>

/** Heads before the part that is asked for, the newest ones of which come along with their proofs. */
const EarlierMax = 100
/** Heads read at once. */
const PageMax = 500

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")

class Links {
  link = createHash("sha256").update(form).digest()

  line(record: object): string {
    const json = JSON.stringify(record)
    this.link = createHash("sha256").update(this.link).update(json).digest()
    return `${this.link.toString("hex")} ${json}\n`
  }
}

const eventOf = (event: RecordedEvent, sealed: boolean, path: ReadonlyArray<Uint8Array> | null) => ({
  kind: "event",
  position: event.position,
  stream: event.stream,
  version: event.version,
  id: event.id,
  type: event.type,
  schemaVersion: event.schemaVersion,
  owner: event.owner,
  at: event.at,
  meta: base64(event.meta),
  routing: base64(event.routing),
  sealed: hex(EventHash.privateHash(event.private)),
  ...sealed ? { private: base64(event.private) } : {},
  previousHash: hex(event.previousHash),
  hash: hex(event.hash),
  ...path === null ? {} : { path: path.map(base64) }
})

const headOf = ({ at, note, number }: TreeHead, path: ReadonlyArray<Uint8Array> | null) => ({
  kind: "head",
  number,
  at,
  note,
  ...path === null ? {} : { path: path.map(base64) }
})

/** The number of the first head that was signed over at least so many events; heads only grow. */
const firstOver = ({ store }: Log, size: number, newest: number) =>
  Effect.gen(function*() {
    let low = 1
    let high = newest
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const head = yield* store.head(middle)
      if (head === null || head.size < size) low = middle + 1
      else high = middle
    }
    return low
  })

/** Heads in order, a page at a time. */
const reader = ({ store }: Log, after: number, upTo: number) => {
  let page: ReadonlyArray<TreeHead> = []
  let seen = after
  /** Those over at most so many events that were not answered yet. */
  const over = (size: number): Effect.Effect<ReadonlyArray<TreeHead>, AuditFailure> =>
    Effect.gen(function*() {
      const found: Array<TreeHead> = []
      while (true) {
        if (page.length === 0 && seen < upTo) page = yield* store.heads(seen, Math.min(PageMax, upTo - seen))
        const head = page[0]
        if (head === undefined || head.size > size) return found
        seen = head.number
        page = page.slice(1)
        found.push(head)
      }
    })
  return over
}

const proving = <A>(proof: Effect.Effect<A, AuditStoreError | TreeProof.TreeDamaged>): Effect.Effect<A, AuditFailure> =>
  Effect.catchTag(proof, "TreeDamaged", ({ message }) => new TreeDisagrees({ message }))

/** Everything before the events. */
const opening = (log: Log, course: Course, writtenBy: string) =>
  Effect.gen(function*() {
    const { from, head, stream, to } = course
    const { tiles } = log.store
    const before = stream === null ? nodesOf({ from: 0, size: from - 1 }) : []
    const ranges = before.map(({ height, index }) => ({ from: index * 2 ** height, size: 2 ** height }))
    const hashes = yield* proving(TreeProof.hashesOf(tiles, ranges))
    const earlier = yield* log.store.heads(Math.max(0, course.first - 1 - EarlierMax), EarlierMax)
    const heads = yield* Effect.forEach(
      earlier.filter(({ number }) => number < course.first),
      (one) => Effect.map(proving(TreeProof.consistency(tiles, one.size, head.size)), (path) => headOf(one, path))
    )
    course.heads += heads.length
    const createdAt = yield* Clock.currentTimeMillis
    const key = keyLine(log.key)
    return [
      { kind: "bundle", origin: log.key.name, key, createdAt, writtenBy, from, to, stream, head: head.note },
      { kind: "before", hashes: hashes.map(base64) },
      ...heads
    ]
  })

/** What the writing of one bundle is about. */
interface Course {
  readonly from: number
  readonly to: number
  readonly stream: string | null
  readonly sealed: boolean
  readonly head: TreeHead
  /** The first head that stands among the events. */
  readonly first: number
  events: number
  heads: number
}

/** The events of a part of the log, and between them the heads that were signed there. */
const part = (log: Log, eventStore: Context.Tag.Service<EventStore>, course: Course) => {
  const over = reader(log, course.first - 1, course.head.number)
  return eventStore.readAll(course.from - 1, { upTo: course.to }).pipe(
    Stream.chunks,
    Stream.mapEffect((events) =>
      Effect.gen(function*() {
        const records: Array<object> = []
        for (const event of events) {
          for (const head of yield* over(event.position - 1)) records.push(headOf(head, null))
          records.push(eventOf(event, course.sealed, null))
        }
        course.events += events.length
        course.heads += records.length - events.length
        return records
      })
    ),
    Stream.concat(Stream.fromEffect(Effect.map(over(course.to), (heads) => {
      course.heads += heads.length
      return heads.map((head) => headOf(head, null))
    })))
  )
}

/** The events of one stream, each with its own proof. */
const streamOf = (log: Log, eventStore: Context.Tag.Service<EventStore>, course: Course, stream: string) =>
  eventStore.read(stream).pipe(
    Stream.filter(({ position }) => position >= course.from && position <= course.to),
    Stream.mapEffect((event) =>
      Effect.map(
        proving(TreeProof.inclusion(log.store.tiles, event.position - 1, course.head.size)),
        (path) => [eventOf(event, course.sealed, path)]
      )
    ),
    Stream.tap(() => Effect.sync(() => course.events++))
  )

/** The text of a bundle, in pieces. Signs a head first, unless there is one over all that is committed. */
export const make = Effect.fn("Bundle.make")(function*(selection: Selection, writtenBy: string) {
  const log = yield* AuditLog
  const eventStore = yield* EventStore
  const head = yield* log.signHead
  const from = Math.max(1, selection.from ?? 1)
  const to = Math.max(from - 1, Math.min(selection.to ?? head.size, head.size))
  const stream = selection.stream ?? null
  const first = stream === null ? yield* firstOver(log, from, head.number) : head.number + 1
  const course: Course = { from, to, stream, sealed: selection.sealed === true, head, first, events: 0, heads: 0 }
  const links = new Links()
  const after = Effect.map(
    stream === null && to > 0 ? proving(TreeProof.consistency(log.store.tiles, to, head.size)) : Effect.succeed([]),
    (path) => [{ kind: "after", path: path.map(base64) }]
  )
  const end = Effect.sync(() => {
    const seal = sign(`${form}\n${log.key.name}\n${links.link.toString("hex")}\n`, log.key.name, {
      publicKey: log.key.publicKey,
      sign: log.seal
    })
    return [{ kind: "end", events: course.events, heads: course.heads, seal }]
  })
  const records: Stream.Stream<ReadonlyArray<object>, AuditFailure> = Stream.fromEffect(opening(log, course, writtenBy))
    .pipe(
      Stream.concat(stream === null ? part(log, eventStore, course) : streamOf(log, eventStore, course, stream)),
      Stream.concat(Stream.fromEffect(after)),
      Stream.concat(Stream.fromEffect(end))
    )
  return Stream.concat(
    Stream.make(`${form}\n`) as Stream.Stream<string, AuditFailure>,
    Stream.map(records, (some) => some.map((record) => links.line(record)).join(""))
  )
})
