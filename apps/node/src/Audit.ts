/**
 * Verifies the whole log: positions without gaps, each stream's versions without gaps, each hash over its bytes and the hash
 * before it; names the first event that is not as it was written.
 *
 * U1  A sound log is found sound, whatever is in it.
 * U2  A changed, missing, moved or inserted row is found, and the first one is named.
 */
import { AuditReport, Progress } from "@vivim/contract/Operator"
import * as EventHash from "@vivim/event-store/EventHash"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"

interface Trail {
  position: number
  readonly streams: Map<string, { version: number; hash: Uint8Array }>
  /** Over all hashes in order: two copies of one log have the same. */
  readonly digest: ReturnType<typeof createHash>
}

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

/** What is wrong with the next event, or null. */
const problem = (trail: Trail, event: RecordedEvent): string | null => {
  const before = trail.streams.get(event.stream)
  if (event.position !== trail.position + 1) {
    return `position ${trail.position + 1} is missing: the log goes on at ${event.position}`
  }
  if (event.version !== (before?.version ?? 0) + 1) {
    return `version ${(before?.version ?? 0) + 1} of the stream is missing or out of order`
  }
  if (!equal(event.previousHash, before?.hash ?? EventHash.noHash())) return "it does not follow the event before it in its stream"
  return EventHash.isIntact(event) ? null : "its bytes are not those its hash was made over"
}

const take = (trail: Trail, event: RecordedEvent) => {
  trail.position = event.position
  trail.streams.set(event.stream, { version: event.version, hash: event.hash })
  trail.digest.update(event.hash)
}

/** Events between two words about how far it is. */
const ProgressEvery = 5_000

export const audit = Stream.unwrap(Effect.gen(function*() {
  const eventStore = yield* EventStore
  const total = yield* eventStore.head
  const trail: Trail = { position: 0, streams: new Map(), digest: createHash("sha256") }
  let bad: { readonly event: RecordedEvent | null; readonly problem: string } | null = null

  const report = () =>
    new AuditReport({
      events: trail.position,
      streams: trail.streams.size,
      sound: bad === null,
      firstBad: bad === null ? null : {
        position: bad.event?.position ?? trail.position + 1,
        stream: bad.event?.stream ?? null,
        version: bad.event?.version ?? null,
        problem: bad.problem
      },
      head: { position: trail.position, digest: trail.digest.copy().digest("hex") }
    })

  return eventStore.readAll(0, { upTo: total }).pipe(
    Stream.takeUntil((event) => {
      const found = problem(trail, event)
      if (found === null) take(trail, event)
      else bad = { event, problem: found }
      return bad !== null
    }),
    Stream.filter((event) => event.position % ProgressEvery === 0),
    Stream.map((event) => new Progress({ doing: "verifying the log", done: event.position, total })),
    Stream.concat(Stream.sync(() => {
      if (bad === null && trail.position < total) {
        bad = { event: null, problem: `the log ends at ${trail.position}, but ${total} events were written` }
      }
      return report()
    }))
  )
}))
