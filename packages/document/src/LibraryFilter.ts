/** Which conversations, which messages: filters as SQL, shared by the library's list and by search. */
import type { SqlValue } from "@vivim/user-database/Database"

/** Every given part must hold. Times are milliseconds, inclusive. */
export interface ConversationFilter {
  readonly provider?: string | undefined
  readonly tag?: string | undefined
  /** Only what was last changed by this import. */
  readonly importId?: string | undefined
  readonly archived?: boolean | undefined
  /** True: only what lies in the trash. False: only what does not. */
  readonly trashed?: boolean | undefined
}

export interface Condition {
  readonly sql: string
  readonly params: ReadonlyArray<SqlValue>
}

/** Joins what is given with AND; nothing given holds always. */
export const all = (...conditions: ReadonlyArray<Condition | null>): Condition => {
  const given = conditions.filter((condition) => condition !== null)
  return {
    sql: given.length === 0 ? "1" : given.map(({ sql }) => `(${sql})`).join(" AND "),
    params: given.flatMap(({ params }) => params)
  }
}

export const when = <V>(value: V | undefined, sql: string, param: (value: V) => SqlValue): Condition | null =>
  value === undefined ? null : { sql, params: [param(value)] }

/** About a conversation `c`. */
export const ofConversation = ({ archived, importId, provider, tag, trashed }: ConversationFilter): Condition =>
  all(
    when(provider, "c.provider = ?", String),
    when(importId, "c.import_id = ?", String),
    when(tag, "EXISTS (SELECT 1 FROM tags WHERE conversation = c.number AND tag = ?)", String),
    when(archived, "c.archived = ?", (archived) => archived ? 1 : 0),
    when(trashed, "(c.number IN (SELECT conversation FROM trash)) = ?", (trashed) => trashed ? 1 : 0)
  )
