/**
 * From all words down to some: which messages answer a query, within a budget of work that does not grow with the archive.
 *
 * The rungs: every word in one message; every word in a message and its conversation's title together; the commonest words
 * left out one by one; pairs of the rarest; any of the rarest. The first rung that holds anything is the answer.
 * Where few match they are ranked by BM25; where many do, ranking says little and costs much (it scores each of them), and
 * the newest are taken instead: the index keeps the month of each message as a word, and is asked month by month.
 *
 * How common a word is the index counts itself, up to a bound: 0.2 ms, where reading it from fts5vocab takes 3 ms for a word
 * that is in most messages. There is nothing to cache, and nothing to grow stale.
 */
import type { Database } from "@vivim/user-database/Database"
import * as Arr from "effect/Array"
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
  /** What of the filters the index itself can tell: it passes over most of what they exclude, the conditions judge the rest. */
  readonly marks: SearchWords.Marks
  /** There are no other filters than those, or none that leaves out more than a few. */
  readonly open: boolean
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
const rankedMax = 1_000
/** Of one era no more than so many are looked at. */
const newestMax = 2_000
/** So many are looked at without going era by era. */
const fewMax = 300
/** So many eras are asked for at once. */
const erasMax = 64
/** Of conversations whose title holds a word the newest are looked into, so many messages of them; and fewer for a common word. */
const titledMax = 300
const titledMessagesMax = 5_000
const titledCommonMax = 32

const columns = "m.number, m.conversation, m.time"
const joined = "JOIN messages m ON m.number = w.number JOIN conversations c ON c.number = m.conversation"

type Row = Omit<Candidate, "score">

const isMarked = ({ marks }: Scope) => marks.role !== undefined || marks.provider !== undefined
const where = ({ conversation, message }: Scope) => LibraryFilter.all(conversation, message)

/** The best of few, by BM25, which weighs each word by its rarity; `only` keeps those that also match what is too common for that. */
const ranked = (
  db: Database,
  match: string,
  only: ReadonlySet<number> | null,
  scope: Scope
): ReadonlyArray<Candidate> => {
  const weighed = db.all<{ readonly number: number; readonly rank: number }>(
    "SELECT rowid AS number, bm25(words, 1.0, 1.0, 0.0) AS rank FROM words WHERE words MATCH ? ORDER BY 2, 1 DESC",
    match
  ).filter(({ number }) => only === null || only.has(number))
  // SQLite's BM25 is negative, smaller is better; the best becomes 1.
  const best = Math.min(-1e-9, weighed[0]?.rank ?? 0)
  const scores = new Map(weighed.map(({ number, rank }) => [number, Math.max(0, rank / best)]))
  // Without filters only those that may be shown need to be looked at, and the others if too many of them may not.
  const first = scope.open ? weighed.slice(0, scope.wanted + 40) : weighed
  const some = left(db, numbersIn(first), scope)
  return (some.length < scope.wanted && first.length < weighed.length ? left(db, numbersIn(weighed), scope) : some)
    .map((row) => ({ ...row, score: scores.get(row.number)! }))
    .toSorted((a, b) => b.score - a.score || b.time - a.time || b.number - a.number)
    .slice(0, scope.wanted + 40)
}

/** In the order of the table, where neighbours lie on one page. */
const numbersIn = (weighed: ReadonlyArray<{ readonly number: number }>) =>
  weighed.map(({ number }) => number).toSorted((a, b) => a - b)

/** Those of the found messages that the filters leave. */
const left = (db: Database, numbers: ReadonlyArray<number>, scope: Scope): ReadonlyArray<Row> => {
  const filter = where(scope)
  return db.all<Row>(
    `SELECT ${columns} FROM (SELECT value AS number FROM json_each(?)) w ${joined} WHERE ${filter.sql}`,
    JSON.stringify(numbers),
    ...filter.params
  )
}

/** What matches, at most so many, in no order that means anything: the index is quickest from its beginning. */
const numbersOf = (db: Database, match: string, max: number): ReadonlyArray<number> =>
  db.values<number>("SELECT rowid FROM words WHERE words MATCH ? LIMIT ?", match, max)

/** By time alone: all of few, the newest of many. */
const recent = (db: Database, match: string, scope: Scope): ReadonlyArray<Candidate> => {
  const numbers = numbersOf(db, match, fewMax + 1)
  if (numbers.length <= fewMax) return byTime(left(db, numbers, scope))
  const archive = db.value<number>("SELECT max(number) FROM messages")!
  return newest(db, match, fewMax * archive / numbers.at(-1)!, scope)
}

/**
 * The newest of about so many: an era, or as many of them together as should hold enough, then twice as many, and so on.
 * With filters nothing is given up on: what they leave may lie anywhere.
 */
const newest = (db: Database, match: string, matches: number, scope: Scope): ReadonlyArray<Candidate> => {
  const max = scope.open ? newestMax : Number.MAX_SAFE_INTEGER
  const [first, last] = db.values<number>(
    "SELECT min(sorted_at) FROM conversations UNION ALL SELECT max(sorted_at) FROM conversations"
  ).map(SearchWords.eraOf)
  const found: Array<Row> = []
  let span = Math.max(1, Math.ceil((scope.open ? 2 : 8) * scope.wanted * (last! - first! + 1) / matches))
  for (let era = last!; era >= first! && found.length < scope.wanted; span = Math.min(2 * span, erasMax)) {
    const eras = Array.from({ length: Math.min(span, erasMax, era - first! + 1) }, () => era--)
    found.push(...left(db, numbersOf(db, SearchWords.inEras(match, eras), max), scope))
  }
  // What was said outside of the times its conversation gives, if there is nothing else.
  return byTime(found.length > 0 ? found : left(db, numbersOf(db, match, max), scope))
}

/** Only when it was said tells these apart. */
const byTime = (rows: ReadonlyArray<Row>): ReadonlyArray<Candidate> =>
  rows.toSorted((a, b) => b.time - a.time || b.number - a.number)
    .map((row, i) => ({ ...row, score: 1 / (1 + i / 50) }))

interface Part {
  readonly match: string
  readonly matches: number
}

const partOf = (db: Database, match: string, scope: Scope): Part => ({
  match,
  matches: SearchWords.count(db, SearchWords.within(match, scope.hiddenToo), rankedMax)
})

/** All of these parts, as the index is asked for them. The rarest first: it follows that one and skips through the others. */
const expressionOf = (parts: ReadonlyArray<Part>, unwanted: SearchQuery.Query["unwanted"], { hiddenToo }: Scope) =>
  SearchWords.within(
    SearchQuery.conjunction(parts.toSorted((a, b) => a.matches - b.matches).map(({ match }) => match), unwanted),
    hiddenToo
  )

/** All of these parts in one message. */
const together = (
  db: Database,
  parts: ReadonlyArray<Part>,
  unwanted: SearchQuery.Query["unwanted"],
  scope: Scope
): ReadonlyArray<Candidate> => {
  if (parts.length === 0 || parts.some(({ matches }) => matches === 0)) return []
  const rare = parts.filter(({ matches }) => matches <= rankedMax)
  const whole = expressionOf(parts, unwanted, scope)
  const carried = SearchWords.carrying(whole, scope.marks)
  if (rare.length === 0) return recent(db, carried, scope)
  if (rare.length === parts.length && !isMarked(scope)) return ranked(db, whole, null, scope)
  const all = numbersOf(db, carried, rankedMax)
  return all.length === 0 ? [] : ranked(db, expressionOf(rare, unwanted, scope), new Set(all), scope)
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
    if (others.some(({ matches }) => matches === 0)) continue
    const under = messagesTitled(db, part.match, scope)
    if (under.length === 0) continue
    const rare = others.filter(({ matches }) => matches <= rankedMax)
    const match = expressionOf(others, unwanted, scope)
    const both = rare.length > 0
      ? among(under, numbersOf(db, match, rankedMax))
      : byConversation(under).flatMap((rows) => among(rows, numbersBetween(db, match, rows)))
    if (both.length === 0) continue
    return rare.length > 0
      ? ranked(db, expressionOf(rare, unwanted, scope), new Set(both.map(({ number }) => number)), scope)
      : byTime(both)
  }
  return []
}

const among = (rows: ReadonlyArray<Row>, numbers: ReadonlyArray<number>): ReadonlyArray<Row> => {
  const known = new Set(numbers)
  return rows.filter(({ number }) => known.has(number))
}

/** The messages, within the filters, of the newest conversations whose title holds this. */
const messagesTitled = (db: Database, match: string, { conversation, message }: Scope): ReadonlyArray<Row> => {
  const titled = db.values<number>(
    "SELECT rowid FROM titles WHERE titles MATCH ? ORDER BY rowid DESC LIMIT ?",
    match,
    titledMax
  )
  const filter = LibraryFilter.all(conversation, message)
  return titled.length === 0 ? [] : db.all<Row>(
    `SELECT ${columns} FROM json_each(?) t JOIN conversations c ON c.number = t.value JOIN messages m ON m.conversation = c.number
     WHERE ${filter.sql} LIMIT ?`,
    JSON.stringify(titled),
    ...filter.params,
    titledMessagesMax
  )
}

/** What matches a common word, asked for between the first and the last of some messages only. */
const numbersBetween = (db: Database, match: string, rows: ReadonlyArray<Row>): ReadonlyArray<number> =>
  db.values<number>(
    "SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?",
    match,
    Math.min(...rows.map(({ number }) => number)),
    Math.max(...rows.map(({ number }) => number))
  )

/** Some conversations' messages, each conversation's together: those of an import stand side by side in the index. */
const byConversation = (rows: ReadonlyArray<Row>): ReadonlyArray<ReadonlyArray<Row>> =>
  Object.values(Arr.groupBy(rows, ({ conversation }) => String(conversation))).slice(-titledCommonMax)

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
  // Any of them, as far as they can be weighed together.
  const any: Array<Part> = []
  let matches = 0
  for (const part of rarestFirst) {
    if (any.length > 0 && matches + part.matches > rankedMax) break
    any.push(part)
    matches += part.matches
  }
  return any.length === 0
    ? []
    : together(db, [{ match: any.map(({ match }) => match).join(" OR "), matches }], unwanted, scope)
}

/** `anyTitle`: a title holds all of it, so there is no need to settle for less. */
export const climb = (db: Database, { unwanted, wanted }: SearchQuery.Query, scope: Scope, anyTitle: boolean): Rung => {
  const parts = wanted.map((term) => partOf(db, SearchQuery.expression(term, false), scope))
  const all = [...together(db, parts, unwanted, scope)]
  const last = wanted.at(-1)
  if (all.length < scope.wanted && last !== undefined && SearchWords.mayBeUnfinished(db, last)) {
    const known = new Set(all.map(({ number }) => number))
    const whole = parts.slice(0, -1)
    const begun = SearchQuery.conjunction(
      [...whole.map(({ match }) => match), SearchQuery.expression(last, true)],
      unwanted
    )
    const more = whole.some(({ matches }) => matches === 0)
      ? []
      : recent(db, SearchWords.carrying(SearchWords.within(begun, scope.hiddenToo), scope.marks), scope)
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
