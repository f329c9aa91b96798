/**
 * The list of one user's conversations: a page of it, and how it divides.
 *
 * P1  A page holds what the filters leave, in the order asked for, and says how many there are in all.
 * P2  Facets count every conversation once per provider, once per month or as undated, and once per tag it has.
 * P3  Words leave the conversations whose title, tags or one message hold them all; the last word may be unfinished.
 * P4  What has no date comes after all that have one, lies in no month and between no two dates; it can be asked for by itself.
 */
import type { Database } from "@vivim/user-database/Database"
import * as LibraryFilter from "./LibraryFilter.ts"
import * as LibrarySummary from "./LibrarySummary.ts"
import * as SearchQuery from "./SearchQuery.ts"
import * as SearchWords from "./SearchWords.ts"

export interface PageQuery extends LibraryFilter.ConversationFilter {
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** True: only what has a date. False: only what has none. */
  readonly dated?: boolean | undefined
  readonly text?: string | undefined
  readonly sort?: "newest" | "oldest" | "title" | undefined
  readonly offset?: number | undefined
  readonly limit?: number | undefined
}

export interface Page {
  readonly total: number
  readonly offset: number
  readonly items: ReadonlyArray<LibrarySummary.Summary>
}

export interface Facets {
  readonly total: number
  readonly archived: number
  readonly providers: ReadonlyArray<{ readonly provider: string; readonly count: number }>
  readonly tags: ReadonlyArray<{ readonly tag: string; readonly count: number }>
  /** Without any date. */
  readonly undated: number
  /** `YYYY-MM`, newest first. */
  readonly months: ReadonlyArray<{ readonly month: string; readonly count: number }>
}

/** As `LibraryTables` keeps them. */
export const order = {
  newest: "c.dated DESC, c.sorted_at DESC, c.number DESC",
  oldest: "c.dated DESC, c.sorted_at, c.number",
  title: "c.title COLLATE NOCASE, c.number"
} as const

/** Conversations whose title and tags, or one of whose shown messages, hold all of the words. */
const holding = (db: Database, text: string | undefined): LibraryFilter.Condition | null => {
  const { unwanted, wanted } = SearchQuery.parse(text ?? "")
  if (wanted.length === 0) return null
  const match = (unfinished: boolean) =>
    SearchQuery.conjunction(
      wanted.map((term) => SearchQuery.expression(term, unfinished && term.unfinished)),
      unwanted
    )
  return {
    sql: `c.number IN (SELECT rowid FROM titles WHERE titles MATCH ?) OR c.number IN (
      SELECT m.conversation FROM words w JOIN messages m ON m.number = w.rowid WHERE words MATCH ?)`,
    params: [match(true), SearchWords.within(match(SearchWords.mayBeUnfinished(db, wanted.at(-1)!)), false)]
  }
}

export const page = (db: Database, query: PageQuery): Page => {
  const { limit = 50, offset = 0, sort = "newest" } = query
  const where = LibraryFilter.all(
    LibraryFilter.ofConversation(query),
    LibraryFilter.when(query.dated, "c.dated = ?", Number),
    LibraryFilter.when(query.from, "c.dated AND c.sorted_at >= ?", Number),
    LibraryFilter.when(query.to, "c.dated AND c.sorted_at <= ?", Number),
    holding(db, query.text)
  )
  return {
    total: db.value<number>(`SELECT count(*) FROM conversations c WHERE ${where.sql}`, ...where.params)!,
    offset,
    items: LibrarySummary.select(
      db,
      `WHERE ${where.sql} ORDER BY ${order[sort]} LIMIT ? OFFSET ?`,
      ...where.params,
      limit,
      offset
    )
  }
}

export const facets = (db: Database): Facets => ({
  total: db.value<number>("SELECT count(*) FROM conversations")!,
  archived: db.value<number>("SELECT count(*) FROM conversations WHERE archived = 1")!,
  providers: db.all("SELECT provider, count(*) AS count FROM conversations GROUP BY 1 ORDER BY 2 DESC, 1"),
  tags: db.all("SELECT tag, count(*) AS count FROM tags GROUP BY 1 ORDER BY 2 DESC, 1"),
  undated: db.value<number>("SELECT count(*) FROM conversations WHERE dated = 0")!,
  months: db.all(
    `SELECT strftime('%Y-%m', sorted_at / 1000, 'unixepoch') AS month, count(*) AS count
     FROM conversations WHERE dated GROUP BY 1 ORDER BY 1 DESC`
  )
})
