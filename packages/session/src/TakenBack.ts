/**
 * Accounts that were taken back with a recovery key: whatever was set up before to show who their user is may be a thief's.
 *
 * W6  Once a recovery key has spoken, nothing that was set up before it shows who the account's user is, or keeps a session open.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Operation from "@vivim/crypto/did/Operation"
import * as NodeEd25519 from "@vivim/crypto/NodeEd25519"
import type { Did } from "@vivim/event-schemas/ids"
import { MeansRemoved } from "@vivim/event-schemas/session/index"
import type { Means } from "@vivim/event-schemas/session/Means"
import { UserEvents } from "@vivim/event-schemas/user/index"
import type { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Note } from "./Opening.ts"
import * as Tables from "./SessionTables.ts"

interface Stated {
  readonly operation: Uint8Array
  /** When the node took it in: its own time is whatever its author says. */
  readonly at: number
}

const statedOf = (eventStore: EventStore["Type"], userId: Did) =>
  eventStore.read(`user/${userId}`).pipe(
    Stream.filter(({ type }) => type === "user.OperationStated"),
    Stream.runFold([] as ReadonlyArray<Stated>, (all, recorded) => {
      const event = UserEvents.decodeRouting(recorded)
      return event._tag === "user.OperationStated" ? [...all, { operation: event.operation, at: recorded.at }] : all
    })
  )

/** When a recovery key last signed for the account; 0 if none ever did. The first operation is signed by a key of its own. */
const lastAt = Effect.fn("TakenBack.lastAt")(function*(eventStore: EventStore["Type"], userId: Did) {
  const stated = yield* statedOf(eventStore, userId)
  const { log } = IdentityLog.fold(userId, stated.map(({ operation }) => operation), { verify: NodeEd25519.verify })
  const last = log?.chain.findLast(({ rank }, seq) => seq > 0 && rank < IdentityLog.limits.recoveryMax)
  if (last === undefined) return 0
  return stated.findLast(({ operation }) => Buffer.compare(Operation.hashOf(operation), last.hash) === 0)?.at ?? 0
})

interface Dropped {
  readonly means_id: string
  readonly means: Means
  readonly counts: boolean
}

/** Lets nothing that was set up until then count any more. */
const drop = (sql: SqlClient.SqlClient, userId: Did, until: number) =>
  Effect.tap(
    sql<Dropped>`
      DELETE FROM user_means WHERE user_id = ${userId} AND added_at <= ${until} RETURNING means_id, means, counts`,
    () => Tables.dropSpareCodes(sql, userId)
  )

export interface Ground {
  readonly sql: SqlClient.SqlClient
  readonly eventStore: EventStore["Type"]
  readonly note: Note
}

/** Sees to it that nothing counts that was set up before the account was last taken back; its log tells of each. Answers what it was. */
export const heed = Effect.fn("TakenBack.heed")(function*({ eventStore, note, sql }: Ground, userId: Did) {
  const until = yield* lastAt(eventStore, userId)
  const dropped = until === 0 ? [] : yield* drop(sql, userId, until)
  const counted = dropped.filter(({ counts }) => counts)
  yield* Effect.forEach(
    counted,
    ({ means, means_id: meansId }) => note(userId, MeansRemoved({ userId, means, meansId })),
    { discard: true }
  )
  return counted.map(({ means_id }) => means_id)
})
