/**
 * Actors that stand still: their stream holds an event they cannot fold. Each is kept here until it folds to its end again.
 *
 * U1  Whoever stands still is listed with the event, the reason and since when; whoever folds again is not.
 * U2  The list is bounded; beyond it the oldest entries go, and are back when their actors are next asked.
 */
import type { Quarantined } from "@vivim/contract/Repair"
import * as Context from "effect/Context"

/** Listed unless told otherwise. */
const ListedMax = 1_000

interface List {
  readonly enter: (stop: Quarantined) => void
  readonly leave: (stream: string) => void
  readonly list: () => ReadonlyArray<Quarantined>
}

export const make = (listedMax = ListedMax): List => {
  const byStream = new Map<string, Quarantined>()
  return {
    enter: (stop) => {
      const before = byStream.get(stop.stream)
      if (before === undefined && byStream.size >= listedMax) byStream.delete(byStream.keys().next().value!)
      byStream.set(stop.stream, before?.version === stop.version ? { ...stop, since: before.since } : stop)
    },
    leave: (stream) => void byStream.delete(stream),
    list: () => [...byStream.values()]
  }
}

/** A reference, not a layer: it belongs to the process as such, and nothing depends on which one it is. */
export class Quarantine extends Context.Reference<Quarantine>()("@vivim/actor/Quarantine", { defaultValue: make }) {}
