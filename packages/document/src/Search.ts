/**
 * Finding the message one half remembers.
 *
 * X1  When any message holds every word, every hit does; else the rarest words decide, and the answer says so.
 * X2  Hits are marked segments, never markup; phrases stand together, what must not be there is not.
 * X3  Titles and tags are found, too, and lift the messages under them.
 * X4  Filters hold for every hit; hidden messages are found only when asked for.
 * X5  The last word may be unfinished: what is a whole word comes before what may become one.
 * X6  Any script is found, and nothing typed can break the question.
 * X7  Pages of the same question do not overlap.
 */
import type { Role } from "@vivim/event-schemas/document/Message"
import type { Database } from "@vivim/user-database/Database"
import * as LibraryFilter from "./LibraryFilter.ts"
import * as LibraryTrash from "./LibraryTrash.ts"
import * as SearchLadder from "./SearchLadder.ts"
import * as SearchQuery from "./SearchQuery.ts"
import * as SearchSnippet from "./SearchSnippet.ts"

export interface Question extends Pick<LibraryFilter.ConversationFilter, "provider" | "tag" | "trashed"> {
  readonly query: string
  readonly role?: Role | undefined
  /** Milliseconds, inclusive, against the message's own time. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** Look in hidden nodes too. */
  readonly hidden?: boolean | undefined
  readonly offset?: number | undefined
  readonly limit?: number | undefined
}

export interface Hit {
  readonly documentId: string
  /** Null when it is the title or a tag that was found. */
  readonly messageId: string | null
  readonly title: ReadonlyArray<SearchSnippet.Segment>
  readonly provider: string
  readonly role: Role | null
  readonly at: number | null
  readonly snippet: ReadonlyArray<SearchSnippet.Segment>
  readonly score: number
}

export interface Results {
  /** `all`: every word is in each hit (its title counts); `some`: no message holds them all. */
  readonly matched: "all" | "some" | "none"
  readonly hits: ReadonlyArray<Hit>
  /** More hits follow these. */
  readonly more: boolean
}

const snippetWidth = 200
const titleWidth = 200
const titlesMax = 50
const titlesRankedMax = 100
const day = 86_400_000

interface Ranked {
  readonly message: number | null
  readonly conversation: number
  readonly time: number
  readonly score: number
}

/** Conversations whose title or tags hold every word, the last of them perhaps unfinished: best first, of very many those that came last. */
const titled = (db: Database, { unwanted, wanted }: SearchQuery.Query, { conversation }: SearchLadder.Scope) => {
  const match = SearchQuery.conjunction(wanted.map((term) => SearchQuery.expression(term, term.unfinished)), unwanted)
  const matches = db.values<number>("SELECT rowid FROM titles WHERE titles MATCH ? LIMIT ?", match, titlesRankedMax + 1)
  if (matches.length === 0) return []
  const chosen = matches.length > titlesRankedMax
    ? `SELECT rowid, 0 AS rank FROM titles WHERE titles MATCH ? ORDER BY rowid DESC LIMIT ${titlesRankedMax}`
    : "SELECT rowid, bm25(titles, 2.0, 1.0) AS rank FROM titles WHERE titles MATCH ?"
  return db.all<{ readonly conversation: number; readonly time: number }>(
    `SELECT c.number AS conversation, c.sorted_at AS time FROM (${chosen}) t JOIN conversations c ON c.number = t.rowid
     WHERE ${conversation.sql} ORDER BY t.rank, time DESC LIMIT ?`,
    match,
    ...conversation.params,
    titlesMax
  )
}

/** A message without a time has its conversation's; where that has none either, nobody knows when it was said. */
const isDated = "(m.at IS NOT NULL OR c.dated)"

/** Up to so many conversations in the trash are passed over on the way; leaving out more is a filter like any other. */
const trashFewMax = 100

const scopeOf = (db: Database, asked: Question, wanted: number): SearchLadder.Scope => {
  const question = { ...asked, ...LibraryTrash.filter(db) }
  return {
    hiddenToo: question.hidden === true,
    marks: { role: question.role, provider: question.provider },
    open: [question.tag, question.from, question.to].every((part) => part === undefined) &&
      LibraryTrash.count(db) <= trashFewMax,
    conversation: LibraryFilter.ofConversation(question),
    message: LibraryFilter.all(
      LibraryFilter.when(question.role, "m.role = ?", String),
      LibraryFilter.when(question.from, `${isDated} AND m.time >= ?`, Number),
      LibraryFilter.when(question.to, `${isDated} AND m.time <= ?`, Number)
    ),
    wanted
  }
}

export const messages = (db: Database, question: Question): Results => {
  const { limit = 20, offset = 0 } = question
  const query = SearchQuery.parse(question.query)
  if (query.wanted.length === 0) return { matched: "none", hits: [], more: false }
  const scope = scopeOf(db, question, offset + limit + 1)
  const titles = titled(db, query, scope)
  const { candidates, matched } = SearchLadder.climb(db, query, scope, titles.length > 0)
  const under = new Set(titles.map(({ conversation }) => conversation))
  const newest = Math.max(0, ...candidates.map(({ time }) => time), ...titles.map(({ time }) => time))
  const fresh = (time: number) => 0.1 / (1 + (newest - time) / (180 * day))
  const ranked: Array<Ranked> = candidates.map(({ conversation, number, score, time }) => ({
    message: number,
    conversation,
    time,
    score: 0.8 * score + fresh(time) + (under.has(conversation) ? 0.1 : 0)
  }))
  // A role is asked of messages, and so are times: a title has neither.
  const titlesToo = question.role === undefined && question.from === undefined && question.to === undefined
  if (titlesToo) {
    titles.forEach(({ conversation, time }, i) =>
      ranked.push({ message: null, conversation, time, score: 1 / (1 + i / 8) + fresh(time) })
    )
  }
  const sorted = ranked.toSorted((a, b) => b.score - a.score || b.time - a.time || (b.message ?? 0) - (a.message ?? 0))
  return {
    matched: sorted.length === 0 ? "none" : matched,
    hits: hitsOf(db, sorted.slice(offset, offset + limit), query),
    more: sorted.length > offset + limit
  }
}

interface Row {
  readonly documentId: string
  readonly title: string
  readonly provider: string
  readonly messageId: string | null
  readonly role: Role | null
  readonly at: number | null
  /** Of a message its words, of a title the tags under it. */
  readonly text: string
}

/** What is shown of each place that was found, in the same order. */
const rowsOf = (db: Database, found: ReadonlyArray<Ranked>): ReadonlyArray<Row> =>
  db.all<Row>(
    `SELECT c.id AS documentId, c.title, c.provider, m.id AS messageId, m.role, m.at, coalesce(b.text,
       (SELECT group_concat(tag, ', ' ORDER BY tag) FROM tags WHERE conversation = c.number), '') AS text
     FROM json_each(?) j JOIN conversations c ON c.number = j.value ->> 0
     LEFT JOIN messages m ON m.number = j.value ->> 1 LEFT JOIN bodies b ON b.number = m.number ORDER BY j.key`,
    JSON.stringify(found.map(({ conversation, message }) => [conversation, message]))
  )

const hitsOf = (db: Database, found: ReadonlyArray<Ranked>, { wanted }: SearchQuery.Query): ReadonlyArray<Hit> => {
  const show = SearchSnippet.maker(wanted)
  return rowsOf(db, found).map(({ text, title, ...row }, i) => ({
    ...row,
    title: show(title, titleWidth),
    snippet: show(text, snippetWidth),
    score: found[i]!.score
  }))
}
