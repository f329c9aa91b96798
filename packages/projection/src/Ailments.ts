/** The parts of a view that do not keep up: told to whoever asks, and written down, so that a restart knows whom to mend. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import { FileDamaged, UserLocked } from "@vivim/user-database/UserDatabaseError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type { Fact } from "./Fact.ts"
import type { Ailing, Stop } from "./View.ts"

interface Row {
  readonly part: string
  readonly damaged: boolean
  readonly position: string
  readonly stream: string | null
  readonly version: string | null
  readonly type: string | null
  readonly since: string
}

/** What befell a part: at which event, if it was one, and whether its rows can still be trusted. */
export interface Ailment {
  readonly state: Ailing["state"]
  readonly damaged: boolean
  readonly at: Pick<Stop, "position" | "event">
  readonly cause: unknown
}

/** What becomes of a part that met this. */
export const stateFor = (cause: unknown): Ailing["state"] =>
  cause instanceof FileDamaged ? "mending" : cause instanceof UserLocked ? "locked" : "stopped"

export const placeOf = ({ event, position, stream, version }: Fact<any>): Ailment["at"] => ({
  position,
  event: { stream, version, type: String(event._tag) }
})

const reasonOf = (cause: unknown): string => {
  const inner: any = (cause as { readonly cause?: unknown } | null)?.cause ?? cause
  return String(inner?.message || inner?._tag || inner)
}

const ofRow = ({ damaged, position, since, stream, type, version }: Row): Ailing => ({
  state: "mending",
  damaged,
  stop: {
    position: Number(position),
    event: stream === null ? null : { stream, version: Number(version), type: type! },
    reason: "it was so when the node ended, and is tried again",
    since: Number(since)
  }
})

/** Those of one view. Whatever ailed when the node ended is tried again once. */
export const make = Effect.fnUntraced(function*(view: string) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`SELECT * FROM projection_part WHERE view = ${view}`
  const all = yield* SubscriptionRef.make<ReadonlyMap<string, Ailing>>(
    new Map(rows.map((row) => [row.part, ofRow(row)]))
  )
  const set = (part: string, ailing: Ailing) => SubscriptionRef.update(all, (now) => new Map(now).set(part, ailing))

  /** Written down before the part is passed over: else a restart would not know what it has missed. */
  const note = (part: string, { at, cause, damaged, state }: Ailment): Effect.Effect<void, SqlError> =>
    Effect.gen(function*() {
      const since = yield* Clock.currentTimeMillis
      const { event, position } = at
      const stop: Stop = { position, event, reason: reasonOf(cause), since }
      yield* sql`
        INSERT INTO projection_part (view, part, damaged, position, stream, version, type, since)
        VALUES (${view}, ${part}, ${damaged}, ${position}, ${event?.stream ?? null}, ${event?.version ?? null},
          ${event?.type ?? null}, ${since})
        ON CONFLICT (view, part) DO UPDATE SET damaged = excluded.damaged, position = excluded.position,
          stream = excluded.stream, version = excluded.version, type = excluded.type, since = excluded.since`
      yield* set(part, { state, damaged, stop })
      // That somebody is not here is no fault.
      if (state === "locked") return yield* Effect.logDebug(`${view} of ${part} waits at position ${position}`)
      yield* Effect.logError(
        `${view} of ${part} ${state === "stopped" ? "stopped" : "is mended"} at position ${position}`,
        cause
      )
    })
  const forget = (part: string): Effect.Effect<void, SqlError> =>
    Effect.flatMap(SubscriptionRef.get(all), (now) =>
      now.has(part)
        ? Effect.zipRight(
          sql`DELETE FROM projection_part WHERE view = ${view} AND part = ${part}`,
          SubscriptionRef.update(all, (now) => new Map([...now].filter(([name]) => name !== part)))
        )
        : Effect.void)
  return {
    all,
    note,
    forget,
    of: (part: string) => Effect.map(SubscriptionRef.get(all), (now) => now.get(part)),
    resume: (part: string) =>
      Effect.flatMap(SubscriptionRef.get(all), (now) => {
        const ailing = now.get(part)
        return ailing === undefined ? Effect.void : set(part, { ...ailing, state: "mending" })
      })
  }
})

export type Ailments = Effect.Effect.Success<ReturnType<typeof make>>
