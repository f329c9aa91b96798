/**
 * What was typed into the search field, understood: words, phrases, what must not be there; and how it is asked of the index.
 *
 * Y1  Whatever is typed becomes a query the index accepts; nothing typed is ever part of its syntax.
 * Y2  "A phrase" stands together, a word with a minus must be absent, the last word may be unfinished.
 * Y3  Words, phrases and scripts without spaces mix freely.
 */
import * as SearchStem from "./SearchStem.ts"
import * as SearchText from "./SearchText.ts"

/** One thing to find. `unfinished`: its last word is still being typed. */
export type Term = SearchText.Piece & { readonly unfinished: boolean }

export interface Query {
  readonly wanted: ReadonlyArray<Term>
  readonly unwanted: ReadonlyArray<Term>
}

const typedMax = 512
const termsMax = 12
const wordsMax = 24

interface Typed {
  readonly text: string
  readonly negated: boolean
  readonly open: boolean
}

/** Cuts at spaces and quotation marks, by hand. `open`: nothing came after it, not even a space. */
const cut = (typed: string): ReadonlyArray<Typed> => {
  const parts: Array<Typed> = []
  for (let at = 0; at < typed.length;) {
    if (/\s/u.test(typed[at]!)) {
      at++
      continue
    }
    const negated = typed[at] === "-" && at + 1 < typed.length && !/[\s-]/u.test(typed[at + 1]!)
    if (negated) at++
    const quoted = typed[at] === "\""
    if (quoted) at++
    let end = at
    while (end < typed.length && typed[end] !== "\"" && (quoted || !/\s/u.test(typed[end]!))) end++
    parts.push({ text: typed.slice(at, end), negated, open: end === typed.length && !quoted })
    at = quoted ? end + 1 : end
  }
  return parts
}

export const parse = (typed: string): Query => {
  const wanted: Array<Term> = []
  const unwanted: Array<Term> = []
  const seen = new Set<string>()
  for (const { negated, open, text } of cut(typed.slice(0, typedMax))) {
    const pieces = SearchText.piecesOf(text)
    pieces.forEach((piece, i) => {
      const target = negated ? unwanted : wanted
      const key = `${negated ? "-" : "+"}${JSON.stringify(piece)}`
      if (seen.has(key) || target.length >= termsMax) return
      seen.add(key)
      const short = piece.kind === "words" ? { ...piece, words: piece.words.slice(0, wordsMax) } : piece
      target.push({ ...short, unfinished: open && !negated && i === pieces.length - 1 })
    })
  }
  return { wanted, unwanted }
}

/** Only letters, marks and digits ever stand between these quotation marks: see `SearchText`. */
const phrase = (words: ReadonlyArray<string>) => `"${words.join(" ")}"`

/** A term as the index is asked for it: whole words, or also what the last one may become. */
export const expression = (term: Term, unfinished: boolean): string => {
  if (term.kind === "run") {
    const pairs = SearchText.pairsOf(term.run)
    return [...term.run].length < 2 ? `${phrase(pairs)} *` : phrase(pairs)
  }
  if (!unfinished) return phrase(term.words)
  const last = term.words.at(-1)!
  const before = term.words.slice(0, -1)
  const endings = SearchStem.completions(last).map((word) => phrase([...before, word]))
  return `(${[`${phrase(term.words)} *`, ...endings].join(" OR ")})`
}

/** All of these and none of those. */
export const conjunction = (wanted: ReadonlyArray<string>, unwanted: ReadonlyArray<Term>): string => {
  const all = wanted.map((part) => `(${part})`).join(" AND ")
  return unwanted.length === 0 ? all : `(${all}) NOT (${unwanted.map((term) => expression(term, false)).join(" OR ")})`
}
