/** One conversation in a list: the row it is read from, and how it is shown. */
import type { SealedSummary } from "@vivim/contract/Sealed"
import type { Database, SqlValue } from "@vivim/user-database/Database"
import * as LibrarySealed from "./LibrarySealed.ts"

export interface Summary {
  readonly documentId: string
  readonly title: string
  /** True when nobody gave a title and the first words stand in for it. */
  readonly titleDerived: boolean
  readonly provider: string
  readonly model: string | null
  readonly createdAt: number | null
  readonly updatedAt: number | null
  /** Messages that are shown, on all branches. */
  readonly messages: number
  readonly branches: number
  readonly tags: ReadonlyArray<string>
  readonly archived: boolean
  readonly starred: boolean
  /** Null unless it lies in the trash: since when, and when it goes for good. */
  readonly trash: { readonly since: number; readonly purgeAt: number } | null
  /** Null unless its words are sealed. */
  readonly sealed: SealedSummary | null
}

interface Row {
  readonly id: string
  readonly title: string
  readonly title_derived: number
  readonly provider: string
  readonly model: string | null
  readonly created_at: number | null
  readonly updated_at: number | null
  readonly shown: number
  readonly branches: number
  readonly tags: string
  readonly archived: number
  readonly starred: number
  readonly trashed_at: number | null
  readonly purge_at: number | null
  readonly revision: string | null
  readonly generation: number
  readonly wrapped: Uint8Array
  readonly head: Uint8Array
  readonly day: number | null
}

const summary = (row: Row): Summary => ({
  documentId: row.id,
  title: row.title,
  titleDerived: row.title_derived === 1,
  provider: row.provider,
  model: row.model,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  messages: row.shown,
  branches: row.branches,
  tags: JSON.parse(row.tags),
  archived: row.archived === 1,
  starred: row.starred === 1,
  trash: row.trashed_at === null || row.purge_at === null ? null : { since: row.trashed_at, purgeAt: row.purge_at },
  sealed: row.revision === null ? null : LibrarySealed.summaryOf({ ...row, revision: row.revision })
})

/** `rest` follows `FROM conversations c`; what lies in the trash has its row of it as `t`. */
export const select = (db: Database, rest: string, ...params: ReadonlyArray<SqlValue>): Array<Summary> =>
  db.all<Row>(
    `SELECT c.id, c.title, c.title_derived, c.provider, c.model, c.created_at, c.updated_at, c.shown, c.branches,
       c.archived, c.starred, t.trashed_at, t.purge_at, s.revision, s.generation, s.wrapped, s.head, s.day,
       (SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE conversation = c.number ORDER BY tag)) AS tags
     FROM conversations c LEFT JOIN trash t ON t.conversation = c.number
     LEFT JOIN sealed s ON s.conversation = c.number ${rest}`,
    ...params
  ).map(summary)
