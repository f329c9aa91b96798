/**
 * From all words down to some: which messages answer a query, within a budget of work that does not grow with the archive.
 *
 * The rungs: every word in one message; every word in a message and its conversation's title together; the commonest words
 * left out one by one; pairs of the rarest; any of the rarest. The first rung that holds anything is the answer.
 * Where few match they are ranked by BM25; where many do, ranking says little and costs much (it scores each of them), and
 * the newest conversations are gone through instead, until there are enough.
 *
 * How common a word is the index counts itself, up to a bound: 0.2 ms, where reading it from fts5vocab takes 3 ms for a word
 * that is in most messages. There is nothing to cache, and nothing to grow stale.
 */
import type { Database } from "@vivim/user-database/Database"
import * as LibraryFilter from "./LibraryFilter.ts"
import * as SearchQuery from "./SearchQuery.ts"
import * as SearchWords from "./SearchWords.ts"

/** A message that answers, and how well: from 0 to 1. */
export interface Candidate {
  readonly number: number
  readonly conversation: number
  readonly time: number
  readonly score: number
}

/** What the search is confined to. */
export interface Scope {
  readonly hiddenToo: boolean
  readonly conversation: LibraryFilter.Condition
  readonly message: LibraryFilter.Condition
  /** How many candidates are wanted. */
  readonly wanted: number
}

export interface Rung {
  readonly matched: "all" | "some" | "none"
  readonly candidates: ReadonlyArray<Candidate>
}

/** Ranked up to here; with more matches the newest are taken. */
const rankedMax = 3_000
/** A word in more messages than this says too little to weigh, and weighing it means counting them all. */
const commonMin = 5_000
/** Conversations gone through, newest first, before giving up on more. */
const conversationsMax = 600

const columns = "m.number, m.conversation, coalesce(m.at, c.sorted_at) AS time"
const joined = "JOIN messages m ON m.number = w.number JOIN conversations c ON c.number = m.conversation"

interface Row {
  readonly number: number
  readonly conversation: number
  readonly time: number
  readonly rank: number
}

const isOpen = ({ conversation, message }: Scope) => conversation.sql === "1" && message.sql === "1"
const where = ({ conversation, message }: Scope) => LibraryFilter.all(conversation, message)

/** BM25 as SQLite gives it is negative, smaller is better; the best becomes 1. */
const scored = (rows: ReadonlyArray<Row>): ReadonlyArray<Candidate> => {
  const best = Math.max(1e-9, ...rows.map(({ rank }) => -rank))
  return rows.map(({ conversation, number, rank, time }) => ({
    conversation,
    number,
    time,
    score: Math.max(0, -rank) / best
  }))
}

/** The best of few, by BM25; `only` keeps those that also match what was too common to weigh. */
const ranked = (db: Database, match: string, only: string | null, scope: Scope): ReadonlyArray<Candidate> => {
  const filter = where(scope)
  const pool = Math.max(100, 3 * scope.wanted)
  const also = only === null ? null : new Set(db.values<number>("SELECT rowid FROM words WHERE words MATCH ?", only))
  const inner = "SELECT rowid AS number, bm25(words) AS rank FROM words WHERE words MATCH ?"
  const rows = db.all<Row>(
    also === null && isOpen(scope)
      ? `SELECT ${columns}, w.rank FROM (${inner} ORDER BY 2 LIMIT ${pool}) w ${joined} WHERE ${filter.sql}`
      : `SELECT ${columns}, w.rank FROM (${inner}) w ${joined} WHERE ${filter.sql}`,
    match,
    ...filter.params
  )
  const kept = also === null ? rows : rows.filter(({ number }) => also.has(number))
  return scored(kept.toSorted((a, b) => a.rank - b.rank || b.time - a.time || b.number - a.number).slice(0, pool))
}

/** Runs of neighbouring numbers: a conversation that was imported is one, and one question to the index. */
const runsOf = (numbers: ReadonlyArray<number>): ReadonlyArray<readonly [first: number, last: number]> => {
  const runs: Array<[number, number]> = []
  for (const number of numbers) {
    const last = runs.at(-1)
    if (last !== undefined && number - last[1] <= 16) last[1] = number
    else runs.push([number, number])
  }
  return runs
}

/** The newest of many: conversation by conversation, as the filters leave them. */
const newest = (db: Database, match: string, scope: Scope): ReadonlyArray<Candidate> => {
  const found: Array<Row> = []
  const conversations = db.values<number>(
    `SELECT c.number FROM conversations c WHERE ${scope.conversation.sql} ORDER BY c.sorted_at DESC, c.number DESC LIMIT ?`,
    ...scope.conversation.params,
    conversationsMax
  )
  for (const conversation of conversations) {
    if (found.length >= scope.wanted) break
    const numbers = db.values<number>("SELECT number FROM messages WHERE conversation = ?", conversation)
    for (const [first, last] of runsOf(numbers.toSorted((a, b) => a - b))) {
      found.push(...db.all<Row>(
        `SELECT ${columns}, 0 AS rank FROM (SELECT rowid AS number FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?) w
         ${joined} WHERE m.conversation = ? AND ${scope.message.sql} ORDER BY m.number DESC LIMIT ?`,
        match,
        first,
        last,
        conversation,
        ...scope.message.params,
        scope.wanted
      ))
    }
  }
  return byTime(found)
}

/** Only when it was said tells these apart. */
const byTime = (rows: ReadonlyArray<Row>): ReadonlyArray<Candidate> =>
  rows.toSorted((a, b) => b.time - a.time || b.number - a.number)
    .map(({ conversation, number, time }, i) => ({ conversation, number, time, score: 1 / (1 + i / 50) }))

interface Part {
  readonly match: string
  readonly matches: number
}

const partOf = (db: Database, match: string, scope: Scope): Part => ({
  match,
  matches: SearchWords.count(db, SearchWords.within(match, scope.hiddenToo), commonMin)
})

/** All of these parts in one message. */
const together = (
  db: Database,
  parts: ReadonlyArray<Part>,
  unwanted: SearchQuery.Query["unwanted"],
  scope: Scope
): ReadonlyArray<Candidate> => {
  const expression = (some: ReadonlyArray<Part>) =>
    SearchWords.within(SearchQuery.conjunction(some.map(({ match }) => match), unwanted), scope.hiddenToo)
  if (parts.length === 0 || parts.some(({ matches }) => matches === 0)) return []
  const all = expression(parts)
  const matches = SearchWords.count(db, all, rankedMax)
  if (matches === 0) return []
  if (matches > rankedMax) return newest(db, all, scope)
  const rare = parts.filter(({ matches }) => matches <= commonMin)
  return rare.length === 0
    ? listed(db, all, scope)
    : ranked(db, expression(rare), rare.length < parts.length ? all : null, scope)
}

/** Few matches of common words only: nothing to weigh. */
const listed = (db: Database, match: string, scope: Scope): ReadonlyArray<Candidate> => {
  const filter = where(scope)
  return byTime(db.all<Row>(
    `SELECT ${columns}, 0 AS rank FROM (SELECT rowid AS number FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?) w
     ${joined} WHERE ${filter.sql}`,
    match,
    rankedMax,
    ...filter.params
  ))
}

/** Words that stand in the title count for each message of that conversation. */
const withTitle = (
  db: Database,
  parts: ReadonlyArray<Part>,
  unwanted: SearchQuery.Query["unwanted"],
  scope: Scope
): ReadonlyArray<Candidate> => {
  for (const part of parts) {
    const others = parts.filter((other) => other !== part)
    const titled = db.values<number>("SELECT rowid FROM titles WHERE titles MATCH ? LIMIT 300", part.match)
    if (titled.length === 0) continue
    const conversation = LibraryFilter.all(scope.conversation, {
      sql: "c.number IN (SELECT value FROM json_each(?))",
      params: [JSON.stringify(titled)]
    })
    const candidates = together(db, others, unwanted, { ...scope, conversation })
    if (candidates.length > 0) return candidates
  }
  return []
}

const some = (
  db: Database,
  parts: ReadonlyArray<Part>,
  unwanted: SearchQuery.Query["unwanted"],
  scope: Scope
): ReadonlyArray<Candidate> => {
  const rarestFirst = parts.filter(({ matches }) => matches > 0).toSorted((a, b) => a.matches - b.matches)
  const most = rarestFirst.length < parts.length ? rarestFirst.length : rarestFirst.length - 1
  for (let size = most; size > 1; size--) {
    const candidates = together(db, rarestFirst.slice(0, size), unwanted, scope)
    if (candidates.length > 0) return candidates
  }
  const [first, second, third] = rarestFirst
  for (const pair of [[first, third], [second, third]]) {
    if (most < 2 || pair.includes(undefined)) continue
    const candidates = together(db, pair as ReadonlyArray<Part>, unwanted, scope)
    if (candidates.length > 0) return candidates
  }
  let budget = rankedMax
  const any = rarestFirst.filter(({ matches }, i) => i === 0 || (budget -= matches) > 0)
  if (any.length === 0) return []
  const either = {
    match: any.map(({ match }) => match).join(" OR "),
    matches: Math.max(...any.map(({ matches }) => matches))
  }
  return together(db, [either], unwanted, scope)
}

/** `anyTitle`: a title holds all of it, so there is no need to settle for less. */
export const climb = (db: Database, { unwanted, wanted }: SearchQuery.Query, scope: Scope, anyTitle: boolean): Rung => {
  const parts = wanted.map((term) => partOf(db, SearchQuery.expression(term, false), scope))
  const all = [...together(db, parts, unwanted, scope)]
  const last = wanted.at(-1)
  if (all.length < scope.wanted && last !== undefined && SearchWords.mayBeUnfinished(db, last)) {
    const known = new Set(all.map(({ number }) => number))
    const begun = [...parts.slice(0, -1), { match: SearchQuery.expression(last, true), matches: commonMin + 1 }]
    const match = SearchQuery.conjunction(begun.map(({ match }) => match), unwanted)
    const more = begun.some(({ matches }) => matches === 0)
      ? []
      : listed(db, SearchWords.within(match, scope.hiddenToo), scope)
    // What is a whole word already stands before what may become one.
    for (const candidate of more) {
      if (!known.has(candidate.number)) all.push({ ...candidate, score: 0.4 * candidate.score })
    }
  }
  if (all.length > 0 || anyTitle) return { matched: "all", candidates: all }
  const besideTitle = parts.length > 1 ? withTitle(db, parts, unwanted, scope) : []
  if (besideTitle.length > 0) return { matched: "all", candidates: besideTitle }
  const candidates = parts.length > 1 ? some(db, parts, unwanted, scope) : []
  return { matched: candidates.length > 0 ? "some" : "none", candidates }
}
