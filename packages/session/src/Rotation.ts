/** How a refresh token gives way to its successor: decided under the row of its session, so that of two at once one goes first. */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as RefreshToken from "./RefreshToken.ts"
import { same, type SessionKey } from "./SessionKey.ts"
import type { SessionRow } from "./SessionTables.ts"

export type Rotated =
  | { readonly _tag: "next"; readonly row: SessionRow; readonly number: number }
  /** Shown again long after it was exchanged: two have it. */
  | { readonly _tag: "reused"; readonly row: SessionRow }
  | { readonly _tag: "none" }

export interface Asked {
  readonly token: RefreshToken.Named
  /** Whose key the proof showed. */
  readonly jkt: string
  readonly now: number
  /** For so long the same client may ask again for the successor of one token. */
  readonly graceMs: number
  /** A session that is not refreshed for so long is over. */
  readonly idleMs: number
}

const decide = (key: SessionKey, row: SessionRow, { graceMs, jkt, now, token }: Asked): Rotated => {
  if (row.ended_at !== null || Number(row.expires_at) <= now || !RefreshToken.isMade(key, token, row.salt)) {
    return { _tag: "none" }
  }
  const isOwn = same(Buffer.from(jkt), Buffer.from(row.jkt))
  if (token.number === row.number) return isOwn ? { _tag: "next", row, number: row.number + 1 } : { _tag: "none" }
  const isAskedTwice = token.number === row.number - 1 && now - Number(row.rotated_at) <= graceMs
  return isOwn && isAskedTwice ? { _tag: "next", row, number: row.number } : { _tag: "reused", row }
}

export const rotate = (sql: SqlClient.SqlClient, key: SessionKey, asked: Asked) =>
  sql.withTransaction(Effect.gen(function*() {
    const { sessionId } = asked.token
    const [row] = yield* sql<SessionRow>`SELECT * FROM user_session WHERE session_id = ${sessionId} FOR UPDATE`
    const rotated: Rotated = row === undefined ? { _tag: "none" } : decide(key, row, asked)
    if (rotated._tag === "next" && rotated.number !== rotated.row.number) {
      yield* sql`
        UPDATE user_session SET number = ${rotated.number}, rotated_at = ${asked.now}, seen_at = ${asked.now},
          expires_at = least(ends_at, ${asked.now + asked.idleMs}) WHERE session_id = ${sessionId}`
    }
    return rotated
  }))
