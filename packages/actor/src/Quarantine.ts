/**
 * Actors that stand still: their stream holds an event they cannot fold. Each is kept here until it folds to its end again.
 *
 * U1  Whoever stands still is listed with the event, the reason and since when; whoever folds again is not.
 * U2  The list is bounded; beyond it the oldest entries go, and are back when their actors are next asked.
 * U3  What other processes of the node have met is known by its stream, and no more: why is found out again by folding it.
 */
import type { Quarantined } from "@vivim/contract/Repair"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** Listed unless told otherwise. */
const ListedMax = 1_000

/** Where all processes of a node write down whose actors stand still. An error may quote what is private: it is not written down. */
export interface Notes {
  readonly note: (stream: string) => void
  readonly strike: (stream: string) => void
  /** What was noted by anyone, before or now; bounded. */
  readonly streams: Effect.Effect<ReadonlyArray<string>>
}

interface List {
  readonly enter: (stop: Quarantined) => void
  /** It folds to its end. */
  readonly leave: (stream: string) => void
  /** As far as this process has met them. */
  readonly list: () => ReadonlyArray<Quarantined>
  /** Streams whose actors stood still, here or in any other process, when they were last asked. */
  readonly streams: Effect.Effect<ReadonlyArray<string>>
  /** Nobody need ask after it any more. */
  readonly strike: (stream: string) => void
}

const alone: Notes = { note: () => {}, strike: () => {}, streams: Effect.succeed([]) }

export const make = (listedMax = ListedMax, notes = alone): List => {
  const byStream = new Map<string, Quarantined>()
  return {
    enter: (stop) => {
      const before = byStream.get(stop.stream)
      if (before === undefined) notes.note(stop.stream)
      if (before === undefined && byStream.size >= listedMax) byStream.delete(byStream.keys().next().value!)
      byStream.set(stop.stream, before?.version === stop.version ? { ...stop, since: before.since } : stop)
    },
    leave: (stream) => {
      if (byStream.delete(stream)) notes.strike(stream)
    },
    list: () => [...byStream.values()],
    streams: Effect.map(notes.streams, (noted) => [...new Set([...byStream.keys(), ...noted])]),
    strike: notes.strike
  }
}

/** A reference, not a layer: it belongs to the process as such, and nothing depends on which one it is. */
export class Quarantine extends Context.Reference<Quarantine>()("@vivim/actor/Quarantine", {
  defaultValue: (): List => make()
}) {}
