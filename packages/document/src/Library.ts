/**
 * The list of one user's conversations: a page of it, and how it divides.
 *
 * P1  A page holds what the filters leave, in the order asked for, and says how many there are in all.
 * P2  Facets count every conversation once per provider, once per month or as undated, and once per tag it has.
 * P5  What a facet counts is what choosing it shows, the rest of the filter held: of its own part each leaves the filter out.
 * P3  Words leave the conversations whose title, tags or one message hold them all; the last word may be unfinished.
 * P4  What has no date comes after all that have one, lies in no month and between no two dates; it can be asked for by itself.
 */
import type { Database } from "@vivim/user-database/Database"
import * as LibraryFilter from "./LibraryFilter.ts"
import * as LibrarySummary from "./LibrarySummary.ts"
import * as LibraryTrash from "./LibraryTrash.ts"
import * as SearchQuery from "./SearchQuery.ts"
import * as SearchWords from "./SearchWords.ts"

export interface Filter extends LibraryFilter.ConversationFilter {
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** True: only what has a date. False: only what has none. */
  readonly dated?: boolean | undefined
  readonly text?: string | undefined
}

export interface PageQuery extends Filter {
  readonly sort?: keyof typeof order | undefined
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
  readonly trashed: number
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
  title: "c.title COLLATE NOCASE, c.number",
  trashed: "t.trashed_at DESC, c.number DESC"
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

/** `held`: those that hold the words. */
const conditionOf = (db: Database, { trashed, ...filter }: Filter, held: LibraryFilter.Condition | null) =>
  LibraryFilter.all(
    LibraryFilter.ofConversation({ ...filter, ...LibraryTrash.filter(db, trashed) }),
    LibraryFilter.when(filter.dated, "c.dated = ?", Number),
    LibraryFilter.when(filter.from, "c.dated AND c.sorted_at >= ?", Number),
    LibraryFilter.when(filter.to, "c.dated AND c.sorted_at <= ?", Number),
    held
  )

export const page = (db: Database, query: PageQuery): Page => {
  const { limit = 50, offset = 0, sort = "newest" } = query
  const where = conditionOf(db, query, holding(db, query.text))
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

/** The words are looked for once, whatever is counted of what holds them. */
const foundOnce = (db: Database, text: string | undefined): LibraryFilter.Condition | null => {
  const words = holding(db, text)
  if (words === null) return null
  const numbers = db.values<number>(`SELECT c.number FROM conversations c WHERE ${words.sql}`, ...words.params)
  return { sql: "c.number IN (SELECT value FROM json_each(?))", params: [JSON.stringify(numbers)] }
}

export const facets = (db: Database, filter: Filter = {}): Facets => {
  const held = foundOnce(db, filter.text)
  /** How what the filter leaves divides, with one part of it changed. */
  const divide = <Row>(change: Filter, by: string, { join = "", order = "2 DESC, 1" } = {}): ReadonlyArray<Row> => {
    const { params, sql } = conditionOf(db, { ...filter, ...change }, held)
    return db.all<Row>(
      `SELECT ${by}, count(*) AS count FROM conversations c ${join} WHERE ${sql} GROUP BY 1 ORDER BY ${order}`,
      ...params
    )
  }
  const number = (change: Filter) => divide<{ readonly count: number }>(change, "NULL")[0]?.count ?? 0
  const whenever = { from: undefined, to: undefined, dated: undefined }
  const trashed = LibraryTrash.count(db)
  return {
    total: db.value<number>("SELECT count(*) FROM conversations")! - trashed,
    trashed,
    archived: number({ archived: true }),
    providers: divide({ provider: undefined }, "c.provider"),
    tags: divide({ tag: undefined }, "g.tag", { join: "JOIN tags g ON g.conversation = c.number" }),
    undated: number({ ...whenever, dated: false }),
    months: divide(
      { ...whenever, dated: true },
      "strftime('%Y-%m', c.sorted_at / 1000, 'unixepoch') AS month",
      { order: "1 DESC" }
    )
  }
}
