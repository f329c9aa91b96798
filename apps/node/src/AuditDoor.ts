/**
 * Answers the operator's questions about the audit: signed heads, and proofs out of the kept tree.
 *
 * V1  A proof is one that whoever gets it can verify, with the head that comes along; one over a newer event brings a newer head.
 * V2  What does not exist is refused by name, and so is everything while log, tree and heads do not agree.
 */
import { type AuditFailure, AuditLog, TreeDisagrees } from "@vivim/audit/AuditLog"
import type { AuditStoreError, TreeHead } from "@vivim/audit/AuditStore"
import { keyLine, type NoteKey } from "@vivim/audit/SignedNote"
import * as TreeProof from "@vivim/audit/TreeProof"
import {
  AuditViews,
  ConsistencyProof,
  InclusionProof,
  LogDisagrees,
  NoSuchEntry,
  NoSuchHead,
  SignedTreeHead
} from "@vivim/contract/Audit"
import { SessionGuard } from "@vivim/contract/Session"
import { EventStore } from "@vivim/event-store/EventStore"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")

const shown = (key: NoteKey) => ({ at, note, number, root, size }: TreeHead) =>
  new SignedTreeHead({ number, size, root: base64(root), at, note, key: keyLine(key) })

const agreeing = <A, E>(work: Effect.Effect<A, E | TreeDisagrees | TreeProof.TreeDamaged>) =>
  Effect.mapError(work, (error) =>
    error instanceof TreeDisagrees || error instanceof TreeProof.TreeDamaged
      ? new LogDisagrees({ message: error.message })
      : error as Exclude<E, TreeDisagrees | TreeProof.TreeDamaged>)

const headWith = Effect.fnUntraced(function*(number: number) {
  const { store } = yield* AuditLog
  return (yield* store.head(number)) ?? (yield* new NoSuchHead({ number }))
})

const entry = (asked: { readonly event?: string | undefined; readonly position?: number | undefined }) =>
  Effect.gen(function*() {
    const eventStore = yield* EventStore
    if ((asked.event === undefined) === (asked.position === undefined)) {
      return yield* new NoSuchEntry({ message: "say which event: by its id, or by its position" })
    }
    const found = asked.event !== undefined
      ? yield* eventStore.find(asked.event)
      : Option.getOrNull(yield* Stream.runHead(eventStore.readAll(asked.position! - 1, { upTo: asked.position! })))
    return found ?? (yield* new NoSuchEntry({ message: `there is no event ${asked.event ?? `at ${asked.position}`}` }))
  })

const proveInclusion = (asked: Parameters<typeof entry>[0] & { readonly head?: number | undefined }) =>
  Effect.gen(function*() {
    const log = yield* AuditLog
    const event = yield* entry(asked)
    const newest = yield* log.store.newestHead
    const head = asked.head !== undefined
      ? yield* headWith(asked.head)
      : newest !== null && newest.size >= event.position
      ? newest
      : yield* agreeing<TreeHead, AuditFailure>(log.signHead)
    if (head.size < event.position) {
      return yield* new NoSuchEntry({
        message: `head ${head.number} was signed over ${head.size} events, and this one is at ${event.position}`
      })
    }
    const path = yield* agreeing<ReadonlyArray<Uint8Array>, AuditStoreError>(
      TreeProof.inclusion(log.store.tiles, event.position - 1, head.size)
    )
    return new InclusionProof({
      position: event.position,
      event: event.id,
      stream: event.stream,
      version: event.version,
      hash: Buffer.from(event.hash).toString("hex"),
      path: path.map(base64),
      head: shown(log.key)(head)
    })
  })

const proveConsistency = (asked: { readonly from: number; readonly to?: number | undefined }) =>
  Effect.gen(function*() {
    const log = yield* AuditLog
    const from = yield* headWith(asked.from)
    const to = asked.to === undefined
      ? yield* agreeing<TreeHead, AuditFailure>(log.signHead)
      : yield* headWith(asked.to)
    // Whichever way round it was asked: the smaller one comes first.
    const [first, second] = from.size <= to.size ? [from, to] : [to, from]
    const path = yield* agreeing<ReadonlyArray<Uint8Array>, AuditStoreError>(
      TreeProof.consistency(log.store.tiles, first.size, second.size)
    )
    return new ConsistencyProof({
      from: shown(log.key)(first),
      to: shown(log.key)(second),
      path: path.map(base64)
    })
  })

/** Heads answered at once, unless it is said how many. */
const PageMax = 100

const listHeads = ({ after, limit }: { readonly after?: number | undefined; readonly limit?: number | undefined }) =>
  Effect.gen(function*() {
    const { key, store } = yield* AuditLog
    if (after !== undefined) return (yield* store.heads(after, limit ?? PageMax)).map(shown(key))
    const newest = yield* store.newestHead
    return newest === null ? [] : [shown(key)(newest)]
  })

const Doors = AuditViews.middleware(SessionGuard)

export const handlers = Doors.toLayer(Effect.gen(function*() {
  const ground = yield* Effect.context<AuditLog | EventStore>()
  const log = yield* AuditLog
  return {
    SignTreeHead: () =>
      weatherproof(
        "sign a tree head",
        Effect.map(agreeing<TreeHead, AuditFailure>(log.signHead), shown(log.key)),
        ["LogDisagrees"]
      ),
    ListTreeHeads: (asked) => Effect.provide(weatherproof("read the tree heads", listHeads(asked)), ground),
    ProveInclusion: (asked) =>
      Effect.provide(
        weatherproof("prove inclusion", proveInclusion(asked), ["NoSuchHead", "NoSuchEntry", "LogDisagrees"]),
        ground
      ),
    ProveConsistency: (asked) =>
      Effect.provide(weatherproof("prove consistency", proveConsistency(asked), ["NoSuchHead", "LogDisagrees"]), ground)
  }
}))
