/**
 * What an answer of ChatGPT points at, in both generations of its marks, and the text without the marks no font can show.
 *
 * G1  Private-use marks leave the text; each becomes citations whose marker is the words before it, which stand in the text.
 * G2  Old marks (`【1†source】`) stay where they are and are their citation's marker.
 * G3  A mark the export says nothing about becomes a citation without an address: nothing is lost.
 * G4  Every address of a reference is taken, wherever the reference keeps it.
 */
import { hasMarks, keepsSpace, looseSigns, markedSpans, wordsOfSpan } from "@vivim/contract/ReadableText"
import type { Citation } from "@vivim/event-schemas/document/Message"
import { cleanLabel, cleanText, cleanUrlOrNull, isWellFormed } from "./CleanText.ts"
import { type JsonObject, member, objectsOf, textOf, wordsOf } from "./Json.ts"
import type { Notes } from "./Notes.ts"

export interface Cited {
  readonly text: string
  readonly citations: ReadonlyArray<Citation>
}

const OLD_MARK = /【\d+(?::\d+)?†[^【】]*】/g

const MARKER_MAX = 60
const TAIL = 2 * MARKER_MAX
const CITATIONS_MAX = 1_000

/** The text without marks, and what the marks and the message's metadata point at. `spoken`: by a person, who may mean any character. */
export const cite = (source: string, metadata: unknown, spoken: boolean, notes: Notes): Cited => {
  const found = new Citations(notes)
  const references = objectsOf(member(metadata, "content_references"))
  const text = cleanText(takeMarks(source, references, spoken, found), notes)
  for (const reference of references) {
    const matched = wordsOf(reference["matched_text"])
    if (matched !== null && matched.includes("\uE200")) continue
    found.addReference(reference, matched !== null && text.includes(matched) ? matched : null)
  }
  addOldMarks(text, objectsOf(member(metadata, "citations")), found)
  return { text, citations: found.list.map((citation) => inText(citation, text)) }
}

/** A marker is worth something only where it can be found. */
const inText = (citation: Citation, text: string): Citation =>
  citation.marker === null || text.includes(citation.marker) ? citation : { ...citation, marker: null }

const takeMarks = (
  source: string,
  references: ReadonlyArray<JsonObject>,
  spoken: boolean,
  found: Citations
): string => {
  if (!hasMarks(source)) return source
  const byMark = new Map(
    references.map((reference) => [textOf(reference["matched_text"])?.trim() ?? "", reference] as const)
  )
  const parts: Array<string> = []
  // The end of what is said so far, short, so that a text of many marks is not copied for each.
  let tail = ""
  const put = (part: string) => {
    parts.push(part)
    tail = (tail + part.slice(-TAIL)).slice(-TAIL)
  }
  let from = 0
  for (const match of source.matchAll(markedSpans)) {
    put(source.slice(from, match.index))
    from = match.index + match[0].length
    const [, ...details] = match[1]!.split("\uE202")
    const word = wordsOfSpan(match[1]!)
    if (keepsSpace(match[0], word, source.slice(from, from + 2))) put(" ")
    put(word)
    if (word === "") found.addMark(details, byMark.get(match[0].trim()), marker(tail))
  }
  put(source.slice(from))
  const text = parts.join("")
  return spoken ? text : text.replace(looseSigns, "")
}

/** The last words of a text, on one line. */
const marker = (tail: string): string | null => {
  const line = tail.replace(looseSigns, "").trimEnd().split("\n").at(-1)!
  const words = line.length <= MARKER_MAX ? line : line.slice(-MARKER_MAX).replace(/^\S*\s/, "")
  return wordsOf(isWellFormed(words) ? words.trim() : null)
}

/** Old marks are located by the offsets the export gives; their unit is not documented, so the order decides when they miss. */
const addOldMarks = (text: string, citations: ReadonlyArray<JsonObject>, found: Citations): void => {
  if (citations.length === 0) return
  const marks: ReadonlyArray<string> = text.match(OLD_MARK) ?? []
  const known = new Set(marks)
  citations.forEach((citation, index) => {
    const { start_ix: start, end_ix: end } = citation
    const there = typeof start === "number" && typeof end === "number" ? text.slice(start, end) : ""
    found.addPage(citation["metadata"], known.has(there) ? there : marks[index] ?? null)
  })
}

/** Pages of a search: `search_result_groups[].entries[]` and `_cite_metadata.metadata_list[]`. */
export const searchCitations = (metadata: unknown, notes: Notes): ReadonlyArray<Citation> => {
  const found = new Citations(notes)
  for (const group of objectsOf(member(metadata, "search_result_groups"))) {
    for (const entry of objectsOf(group["entries"])) found.addPage(entry, null)
  }
  for (const page of objectsOf(member(member(metadata, "_cite_metadata"), "metadata_list"))) found.addPage(page, null)
  return found.list
}

class Citations {
  readonly list: Array<Citation> = []
  readonly #seen = new Set<string>()
  readonly #notes: Notes

  constructor(notes: Notes) {
    this.#notes = notes
  }

  /** A mark: what its reference says, else what it says itself. */
  addMark(details: ReadonlyArray<string>, reference: JsonObject | undefined, marker: string | null): void {
    const before = this.list.length
    if (reference !== undefined) this.addReference(reference, marker, details.find((part) => /^L\d/.test(part)))
    if (this.list.length > before) return
    for (const title of details) if (/^turn\d/.test(title)) this.#add({ url: null, title, marker })
  }

  addReference(reference: JsonObject, marker: string | null, lines?: string): void {
    for (const key of ["items", "fallback_items", "sources"]) {
      for (const item of objectsOf(reference[key])) {
        this.addPage(item, marker)
        for (const more of objectsOf(item["supporting_websites"])) this.addPage(more, marker)
      }
    }
    const name = wordsOf(reference["name"])
    if (name !== null) {
      const title = lines === undefined ? name : `${name}, ${lines}`
      this.#add({ url: wordsOf(reference["cloud_doc_url"]) ?? wordsOf(reference["url"]), title, marker })
    } else if (wordsOf(reference["url"]) !== null) this.addPage(reference, marker)
  }

  addPage(page: unknown, marker: string | null): void {
    const url = wordsOf(member(page, "url"))
    const title = wordsOf(member(page, "title")) ?? wordsOf(member(page, "attribution")) ?? url
    if (title !== null) this.#add({ url, title, marker })
  }

  #add({ marker, title, url }: Citation): void {
    const citation = {
      url: cleanUrlOrNull(url, this.#notes),
      title: cleanLabel(title, this.#notes),
      marker
    }
    const key = JSON.stringify(citation)
    if (this.#seen.has(key)) return
    if (this.list.length >= CITATIONS_MAX) {
      return this.#notes.count(`citations over ${CITATIONS_MAX} in one message, only in the raw record`)
    }
    this.#seen.add(key)
    this.list.push(citation)
  }
}
