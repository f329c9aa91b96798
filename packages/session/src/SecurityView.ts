/** What was done with sessions, as the registry knows it: who, when, which and how; where from stays sealed in the events. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SecurityEntry } from "@vivim/contract/Sessions"
import * as Event from "@vivim/event-schemas/Event"
import type { DeviceId, Did } from "@vivim/event-schemas/ids"
import { SessionEvents } from "@vivim/event-schemas/session/index"
import type { Means, SessionId } from "@vivim/event-schemas/session/Means"
import { UserEvents } from "@vivim/event-schemas/user/index"
import type { Fact } from "@vivim/projection/Fact"
import * as Reference from "@vivim/projection/Reference"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as Effect from "effect/Effect"

const { drop, put } = RegistryView

/** What is touched when something was done with a user's sessions. */
export const keyOf = (userId: string) => `security/${userId}`

interface Entry {
  readonly userId: Did
  readonly sessionId?: SessionId | null
  readonly deviceId?: DeviceId | null
  readonly means?: Means
  readonly why?: string
}

const entry =
  (kind: SecurityEntry["kind"]) => ({ deviceId, means, sessionId, userId, why }: Entry, { at, position }: Fact) => [
    put("security_entry", {
      user_id: userId,
      position,
      at,
      kind,
      session_id: sessionId ?? null,
      device_id: deviceId ?? null,
      means: means ?? null,
      why: why ?? null
    })
  ]

export const SecurityView = RegistryView.make({
  name: "security",
  version: 1,
  reads: Event.vocabulary(...SessionEvents.events, ...UserEvents.events),
  tables: {
    security_entry: {
      key: ["user_id", "position"],
      columns: {
        user_id: "text",
        position: "bigint",
        at: "bigint",
        kind: "text",
        session_id: "text",
        device_id: "text",
        means: "text",
        why: "text"
      },
      indexes: [["at"]]
    }
  },
  on: {
    "session.AccountExported": entry("AccountExported"),
    "session.SessionOpened": entry("SessionOpened"),
    "session.SessionEnded": entry("SessionEnded"),
    "session.RefreshReused": entry("RefreshReused"),
    "session.MeansAdded": entry("MeansAdded"),
    "session.MeansRemoved": entry("MeansRemoved"),
    "session.CounterWentBack": entry("CounterWentBack"),
    "user.StoreKeyReplaced": ({ userId }, fact) => entry("StoreKeyReplaced")({ userId }, fact),
    "user.UserDeleted": ({ userId }) => [drop("security_entry", { user_id: userId })]
  },
  touches: (event) =>
    event._tag.startsWith("session.") || event._tag === "user.StoreKeyReplaced" ? [keyOf(event.userId)] : []
})

interface Row {
  readonly position: string
  readonly at: string
  readonly kind: SecurityEntry["kind"]
  readonly session_id: SessionId | null
  readonly device_id: DeviceId | null
  readonly means: Means | null
  readonly why: string | null
}

/** Entries shown at once: the newest ones. */
const EntriesMax = 100

/** The events that tell where something was done from. */
const tellsFrom: ReadonlySet<SecurityEntry["kind"]> = new Set(["SessionOpened", "RefreshReused", "AccountExported"])

/** Where something was done from, out of the event that tells of it. */
export const fromOf = (position: number) =>
  Effect.map(
    Reference.open(SessionEvents, position),
    (event) => event !== null && "address" in event ? { address: event.address, agent: event.agent } : null
  )

export const entries = Effect.fn("SecurityView.entries")(function*(userId: Did) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`
    SELECT * FROM registry.security_entry WHERE user_id = ${userId} ORDER BY position DESC LIMIT ${EntriesMax}`
  return yield* Effect.forEach(
    rows,
    (row) =>
      Effect.map(
        tellsFrom.has(row.kind) ? fromOf(Number(row.position)) : Effect.succeed(null),
        (from): SecurityEntry => ({
          position: Number(row.position),
          at: Number(row.at),
          kind: row.kind,
          sessionId: row.session_id,
          device: row.device_id,
          means: row.means,
          why: row.why,
          address: from?.address ?? null,
          agent: from?.agent ?? null
        })
      )
  )
})

/** How much of what, by day: whose it was is not told. */
export const counts = Effect.fn("SecurityView.counts")(function*(since: number) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<{ readonly day: string; readonly kind: string; readonly count: number }>`
    SELECT to_char(to_timestamp(at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, kind, count(*)::integer AS count
    FROM registry.security_entry WHERE at >= ${since} GROUP BY 1, 2 ORDER BY 1 DESC, 2 LIMIT 1000`
})
