/**
 * The sessions this process has met, as they stand now. That one goes on costs a call no look at the database: whatever ends a session, here or
 * in another process, is an event, and events are heard at once. What was read is read again now and then in any case.
 *
 * V1  What ended is over for every process as soon as it hears of it, also for what is still being answered.
 * V2  A device that is revoked, a means that is removed, and an account that is closed or banned, take their sessions with them.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Event from "@vivim/event-schemas/Event"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import { SessionEnded, SessionEvents } from "@vivim/event-schemas/session/index"
import type { SessionId } from "@vivim/event-schemas/session/Means"
import { StandingEvents } from "@vivim/event-schemas/standing/index"
import { type OperationStated, UserEvents } from "@vivim/event-schemas/user/index"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { Note } from "./Opening.ts"
import * as Tables from "./SessionTables.ts"
import * as TakenBack from "./TakenBack.ts"

export type Row = NonNullable<Effect.Effect.Success<ReturnType<typeof Tables.load>>>

interface Met {
  readonly row: Row
  readonly readAt: number
  readonly ended: Deferred.Deferred<void>
}

/** Sessions remembered; whoever is forgotten is read again. */
const MetMax = 50_000

const heard = Event.vocabulary(...SessionEvents.events, ...StandingEvents.events, ...UserEvents.events)
type Heard = Event.Routing<(typeof heard.events)[number]> | Event.UnknownEvent
const types = [
  "session.SessionEnded",
  "user.DeviceRevoked",
  "user.OperationStated",
  "user.UserDeleted",
  "standing.AccountBanned"
]

type Why = Parameters<typeof SessionEnded>[0]["why"]

/** Which sessions of a user end: one, those of a device, those a means opened, or all but one. */
export interface Which {
  readonly userId: Did
  readonly sessionId?: SessionId
  readonly deviceId?: DeviceId
  readonly meansId?: string
  readonly except?: SessionId | null
}

/** What this process has met, and how it is forgotten: whoever waits for its end is told. */
const memory = () => {
  const met = new Map<string, Met>()
  const forget = (sessionId: string) =>
    Effect.suspend(() => {
      const known = met.get(sessionId)
      met.delete(sessionId)
      return known === undefined ? Effect.void : Deferred.succeed(known.ended, undefined)
    })
  return {
    get: (sessionId: string) => met.get(sessionId),
    forget,
    // Whoever stopped listening has missed things: nothing that was known counts any more.
    forgetAll: Effect.suspend(() => Effect.forEach([...met.keys()], forget, { discard: true })),
    keep: Effect.fnUntraced(function*(row: Row, readAt: number) {
      const known = met.get(row.session_id)
      if (known === undefined && met.size >= MetMax) yield* forget(met.keys().next().value!)
      met.set(row.session_id, { row, readAt, ended: known?.ended ?? (yield* Deferred.make<void>()) })
    })
  }
}
type Memory = ReturnType<typeof memory>

/** Ends sessions in the tables, and says so to whoever follows the log. */
const ending = (sql: SqlClient.SqlClient, { forget }: Memory, note: Note) =>
  Effect.fnUntraced(function*(which: Which, why: Why) {
    const { userId } = which
    const ended = yield* Tables.end(sql, which, yield* Clock.currentTimeMillis)
    yield* Effect.forEach(ended, forget, { discard: true })
    yield* Effect.forEach(ended, (sessionId) => note(userId, SessionEnded({ userId, sessionId, why })), {
      discard: true
    })
    return ended.length
  })

/** Sessions of devices that left, or of all where nobody can sign any more. */
const leaving =
  (end: ReturnType<typeof ending>) => ({ closed, removed, userId }: Event.Routing<typeof OperationStated>) =>
    closed
      ? Effect.asVoid(end({ userId }, "account-closed"))
      : Effect.forEach(removed, (deviceId) => end({ userId, deviceId }, "device-revoked"), { discard: true })

/** What was set up before the account was taken back counts no more, and neither do the sessions it opened. */
const takenBack = (ground: TakenBack.Ground, end: ReturnType<typeof ending>) => (userId: Did) =>
  Effect.flatMap(
    TakenBack.heed(ground, userId),
    (dropped) => Effect.forEach(dropped, (meansId) => end({ userId, meansId }, "signed-out"), { discard: true })
  )

const hearing =
  ({ forget }: Memory, end: ReturnType<typeof ending>, ground: TakenBack.Ground) =>
  (event: Heard): Effect.Effect<unknown, unknown> => {
    switch (event._tag) {
      case "session.SessionEnded":
        return forget(event.sessionId)
      case "user.DeviceRevoked":
        return end({ userId: event.userId, deviceId: event.deviceId }, "device-revoked")
      case "user.OperationStated":
        return Effect.zipRight(leaving(end)(event), takenBack(ground, end)(event.userId))
      case "user.UserDeleted":
        return Effect.zipRight(end({ userId: event.userId }, "account-closed"), Tables.forget(ground.sql, event.userId))
      case "standing.AccountBanned":
        return end({ userId: event.userId }, "account-closed")
      default:
        return Effect.void
    }
  }

/** Hears what ends sessions, as long as the process lives. */
const heed = (eventStore: EventStore["Type"], memory: Memory, hear: ReturnType<typeof hearing>) =>
  Effect.flatMap(eventStore.head, (head) =>
    eventStore.follow(head, { filter: { types } }).pipe(
      Stream.runForEach((events) =>
        Effect.forEach(events, (event) =>
          // What could not be done now is found when the session is next read.
          Effect.catchAllCause(
            hear(heard.decodeRouting(event)),
            (cause) => Effect.logWarning("a session may live on", cause)
          ), { discard: true })
      )
    )).pipe(Effect.ignoreLogged, Effect.zipRight(memory.forgetAll), Effect.repeat(Schedule.spaced("1 second")))

export const make = Effect.fnUntraced(function*(note: Note, freshMax: Duration.DurationInput) {
  const sql = yield* SqlClient.SqlClient
  const eventStore = yield* EventStore
  const met = memory()
  const end = ending(sql, met, note)
  yield* Effect.forkScoped(heed(eventStore, met, hearing(met, end, { sql, eventStore, note })))

  /** The session, if it is open; read now, where `anew`, or where it was not read for a while. */
  const find = Effect.fnUntraced(function*(sessionId: SessionId, anew = false) {
    const now = yield* Clock.currentTimeMillis
    const known = met.get(sessionId)
    const isFresh = known !== undefined && known.readAt + Duration.toMillis(freshMax) > now
    const row = isFresh && !anew ? known.row : yield* Tables.load(sql, sessionId)
    if (row === null || row.ended_at !== null || Number(row.expires_at) <= now) {
      yield* met.forget(sessionId)
      return null
    }
    if (row.meansless) {
      yield* end({ userId: row.user_id, sessionId }, "signed-out")
      return null
    }
    if (row.gone) {
      yield* end({ userId: row.user_id, sessionId }, row.device_id === null ? "account-closed" : "device-revoked")
      return null
    }
    if (row !== known?.row) yield* met.keep(row, now)
    return row
  })

  return {
    find,
    end,
    /** Waits until the session is over, as far as this process hears of it. */
    ended: (sessionId: SessionId): Effect.Effect<void> =>
      Effect.suspend(() => {
        const known = met.get(sessionId)
        return known === undefined ? Effect.void : Deferred.await(known.ended)
      })
  }
})

export type LiveSessions = Effect.Effect.Success<ReturnType<typeof make>>
