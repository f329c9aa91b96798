/**
 * The piece of a text that shows why it was found, with what was searched for marked: segments of text, never HTML.
 *
 * N1  The segments are the text itself, white space drawn together, cut between words.
 * N2  What is marked is what the index found: other forms of a word, beginnings of the word being typed, phrases, parts of runs.
 * N3  The window holds as many different terms as any window of its size can.
 */
import type { Term } from "./SearchQuery.ts"
import * as SearchStem from "./SearchStem.ts"
import * as SearchText from "./SearchText.ts"

export interface Segment {
  readonly text: string
  readonly hit: boolean
}

/** A place in the text, and which of the terms stands there. */
interface Mark {
  readonly start: number
  readonly end: number
  readonly term: number
}

const leadMax = 60
const marksMax = 400
const charactersMax = 1_000_000

/** Finds terms of words in passing: the last words seen are compared with each term that may end here. */
const wordMatcher = (terms: ReadonlyArray<Term>) => {
  const sought = terms.flatMap((term, index) =>
    term.kind === "words" ? [{ ...term, index, stems: term.words.map(SearchStem.stem) }] : []
  )
  const initials = new Set(sought.flatMap(({ words }) => words.map((word) => word[0])))
  const reach = Math.max(1, ...sought.map(({ words }) => words.length))
  const endings = sought.map(({ unfinished, words }) =>
    new Set(unfinished ? SearchStem.completions(words.at(-1)!).map(SearchStem.stem) : [])
  )
  const recent: Array<SearchText.Word & { readonly stem: string }> = []
  const isLast = (i: number, word: { readonly folded: string; readonly stem: string }) => {
    const { stems, unfinished, words } = sought[i]!
    return word.stem === stems.at(-1) ||
      (unfinished && (word.folded.startsWith(words.at(-1)!) || endings[i]!.has(word.stem)))
  }
  return (word: SearchText.Word): Mark | null => {
    // Stemming is only worth it for a word that could be one of those sought.
    recent.push({ ...word, stem: initials.has(word.folded[0]) ? SearchStem.stem(word.folded) : word.folded })
    if (recent.length > reach) recent.shift()
    for (let i = 0; i < sought.length; i++) {
      const { index, stems } = sought[i]!
      const from = recent.length - stems.length
      if (from < 0 || !isLast(i, recent.at(-1)!)) continue
      if (stems.slice(0, -1).every((stem, k) => recent[from + k]!.stem === stem)) {
        return { start: recent[from]!.start, end: word.end, term: index }
      }
    }
    return null
  }
}

const runMarks = (text: string, terms: ReadonlyArray<Term>): ReadonlyArray<Mark> => {
  const lower = SearchText.fold(text)
  const searched = lower.length === text.length ? lower : text
  return terms.flatMap((term, index) => {
    const marks: Array<Mark> = []
    if (term.kind !== "run") return marks
    for (let at = searched.indexOf(term.run); at >= 0 && marks.length < marksMax;) {
      marks.push({ start: at, end: at + term.run.length, term: index })
      at = searched.indexOf(term.run, at + term.run.length)
    }
    return marks
  })
}

const marksOf = (text: string, terms: ReadonlyArray<Term>): ReadonlyArray<Mark> => {
  const marks = [...runMarks(text, terms)]
  if (terms.some(({ kind }) => kind === "words")) {
    const matches = wordMatcher(terms)
    const seen = new Set(marks.map(({ term }) => term))
    for (const word of SearchText.wordsOf(text)) {
      const mark = matches(word)
      if (mark !== null) {
        marks.push(mark)
        seen.add(mark.term)
      }
      if (marks.length >= marksMax || word.end > charactersMax) break
      // All of it was met, and close to its beginning: further on it will not be better.
      if (seen.size === terms.length && marks.length >= 4 * terms.length) break
    }
  }
  return marks.toSorted((a, b) => a.start - b.start || b.end - a.end)
}

/** The mark to begin with: from there on most different terms come within the width; of several, the first. */
const best = (marks: ReadonlyArray<Mark>, width: number): Mark => {
  const within = new Map<number, number>()
  let [choice, most, to] = [marks[0]!, 0, 0]
  for (const mark of marks) {
    for (; to < marks.length && marks[to]!.end - mark.start <= width; to++) {
      within.set(marks[to]!.term, (within.get(marks[to]!.term) ?? 0) + 1)
    }
    if (within.size > most) [choice, most] = [mark, within.size]
    const left = (within.get(mark.term) ?? 1) - 1
    if (left > 0) within.set(mark.term, left)
    else within.delete(mark.term)
  }
  return choice
}

/** The next place after `at` where a word begins, if one is near; never inside of a character. */
const wordStart = (text: string, at: number): number => {
  if (at <= 0) return 0
  const near = /\s\S/.exec(text.slice(at, at + 24))
  const place = near === null ? at : at + near.index + 1
  return /[\udc00-\udfff]/.test(text[place] ?? "") ? place + 1 : place
}

const wordEnd = (text: string, at: number): number => {
  if (at >= text.length) return text.length
  const near = text.slice(at - 24, at).search(/\s\S*$/)
  const place = near < 0 ? at : at - 24 + near
  return /[\udc00-\udfff]/.test(text[place] ?? "") ? place - 1 : place
}

const segment = (text: string, marks: ReadonlyArray<Mark>, from: number, to: number): ReadonlyArray<Segment> => {
  const segments: Array<{ text: string; hit: boolean }> = []
  const push = (piece: string, hit: boolean) => {
    const drawn = piece.replace(/\s+/g, " ")
    const last = segments.at(-1)
    if (drawn === "") return
    if (last?.hit === hit) last.text += drawn
    else segments.push({ text: drawn, hit })
  }
  if (from > 0) push("…", false)
  let at = from
  for (const { end, start } of marks) {
    if (start < at || end > to) continue
    push(text.slice(at, start), false)
    push(text.slice(start, end), true)
    at = end
  }
  push(text.slice(at, to), false)
  if (to < text.length) push("…", false)
  return segments
}

/** `width`: about how many characters to show; all of the text when it is not longer. */
export const make = (given: string, terms: ReadonlyArray<Term>, width: number): ReadonlyArray<Segment> => {
  const normal = terms.some(({ kind }) => kind === "run") ? SearchText.normal(given) : given
  // Other forms of the same characters are shown as they were written, where that does not move them.
  const text = normal.length === given.length ? given : normal
  const marks = marksOf(text, terms)
  if (text.length <= width) return segment(text, marks, 0, text.length)
  const first = marks.length === 0 ? null : best(marks, width - leadMax)
  const from = first === null ? 0 : Math.min(first.start, wordStart(text, first.start - leadMax))
  const to = wordEnd(text, Math.max(from + width, first?.end ?? 0))
  return segment(text, marks, from, to)
}
