/**
 * Verifies the whole log: positions without gaps, each stream's versions without gaps, each hash over its bytes and the hash
 * before it; names the first event that is not as it was written.
 *
 * U1  A sound log is found sound, whatever is in it.
 * U2  A changed, missing, moved or inserted row is found, and the first one is named.
 */
import { AuditReport, Progress } from "@vivim/contract/Operator"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as LogTrail from "./LogTrail.ts"

/** Events between two words about how far it is. */
const ProgressEvery = 5_000

export const audit = Stream.unwrap(Effect.gen(function*() {
  const eventStore = yield* EventStore
  const total = yield* eventStore.head
  const trail = LogTrail.begin()
  let bad: { readonly event: RecordedEvent | null; readonly problem: string } | null = null

  /** What is bad stands at the first position that is not accounted for; an event further on only shows that one is missing. */
  const firstBad = () => {
    if (bad === null) return null
    const position = trail.position + 1
    const there = bad.event?.position === position ? bad.event : null
    return { position, stream: there?.stream ?? null, version: there?.version ?? null, problem: bad.problem }
  }
  const report = () =>
    new AuditReport({
      events: trail.position,
      streams: trail.streams.size,
      sound: bad === null,
      firstBad: firstBad(),
      head: { position: trail.position, digest: LogTrail.digestOf(trail) }
    })

  return eventStore.readAll(0, { upTo: total }).pipe(
    Stream.takeUntil((event) => {
      const found = LogTrail.problem(trail, event)
      if (found === null) LogTrail.take(trail, event)
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
