/**
 * The piece of a text that shows why it was found, with what was searched for marked: segments of text, never HTML.
 *
 * N1  The segments are the text as it is read: without products' own marks, white space drawn together, cut between words.
 * N2  What is marked is what the index found: other forms of a word, beginnings of the word being typed, phrases, parts of runs.
 * N3  The window holds as many different terms as any window of its size can.
 */
import { readable } from "@vivim/contract/ReadableText"
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

type WordTerm = Extract<Term, { readonly kind: "words" }> & {
  readonly index: number
  readonly stems: ReadonlyArray<string>
}

/** Whether a word is the last of a term: in any form or, when it is still being typed, with any ending. */
const lastMatcher = ({ stems, unfinished, words }: WordTerm) => {
  const [stem, typed] = [stems.at(-1)!, words.at(-1)!]
  const endings = new Set(unfinished ? SearchStem.completions(typed).map(SearchStem.stem) : [])
  return (folded: string, stemmed: string) =>
    stemmed === stem || (unfinished && (folded.startsWith(typed) || endings.has(stemmed)))
}

type FindMarks = (text: string, marks: Array<Mark>) => void

/** Finds terms of words in passing. Few words begin as one of those sought does; the others are not even folded. */
const wordFinder = (terms: ReadonlyArray<Term>): FindMarks => {
  const sought = terms.flatMap((term, index): ReadonlyArray<WordTerm> =>
    term.kind === "words" ? [{ ...term, index, stems: term.words.map(SearchStem.stem) }] : []
  )
  if (sought.length === 0) return () => undefined
  const isLast = sought.map(lastMatcher)
  const initials = new Set(sought.flatMap(({ words }) => words.map((word) => word.charCodeAt(0))))
  const reach = Math.max(...sought.map(({ words }) => words.length))
  return (text, marks) => {
    const recent: Array<{ readonly start: number; readonly stem: string }> = []
    const seen = new Set(marks.map(({ term }) => term))
    SearchText.eachWord(text, (start, end) => {
      const unit = text.charCodeAt(start)
      if (unit < 0x80 && !initials.has(unit | 0x20) && !initials.has(unit)) {
        if (recent.length > 0) recent.length = 0
        return end > charactersMax
      }
      const folded = SearchText.fold(text.slice(start, end))
      const stem = SearchStem.stem(folded)
      if (recent.length === reach) recent.shift()
      recent.push({ start, stem })
      sought.forEach(({ index, stems }, i) => {
        const from = recent.length - stems.length
        if (from < 0 || !isLast[i]!(folded, stem)) return
        for (let k = 0; k < stems.length - 1; k++) if (recent[from + k]!.stem !== stems[k]) return
        marks.push({ start: recent[from]!.start, end, term: index })
        seen.add(index)
      })
      // All of it was met, and more than once: further on it will not be better.
      const enough = seen.size === terms.length && marks.length >= 4 * terms.length
      return enough || marks.length >= marksMax || end > charactersMax
    })
  }
}

/** `normal`: the text in the form runs are asked for. */
const runMarks = (normal: string, terms: ReadonlyArray<Term>): Array<Mark> => {
  const lower = SearchText.fold(normal)
  const searched = lower.length === normal.length ? lower : normal
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

/** Shows texts found for the same terms. `width`: about how many characters; all of a text that is not longer. */
export const maker = (terms: ReadonlyArray<Term>): (text: string, width: number) => ReadonlyArray<Segment> => {
  const findWords = wordFinder(terms)
  const anyRun = terms.some(({ kind }) => kind === "run")
  return (source, width) => {
    const given = readable(source)
    const normal = anyRun ? SearchText.normal(given) : given
    // Other forms of the same characters are shown as they were written, where that does not move them.
    const text = normal.length === given.length ? given : normal
    const found = anyRun ? runMarks(normal, terms) : []
    findWords(text, found)
    const marks = found.length < 2 ? found : found.toSorted((a, b) => a.start - b.start || b.end - a.end)
    if (text.length <= width) return segment(text, marks, 0, text.length)
    const first = marks.length === 0 ? null : best(marks, width - leadMax)
    const from = first === null ? 0 : Math.min(first.start, wordStart(text, first.start - leadMax))
    const to = wordEnd(text, Math.max(from + width, first?.end ?? 0))
    return segment(text, marks, from, to)
  }
}
