/**
 * Text as it may be stored: whatever a database or a JSON reader would choke on is replaced, and the replacement noted.
 *
 * X1  Lone surrogates become U+FFFD, U+0000 goes; everything else, bidirectional marks too, stays as written.
 */
import type { Notes } from "./Notes.ts"

// Node has had both since 20; the type library of this project begins a year earlier.
type Surrogates = { isWellFormed(): boolean; toWellFormed(): string }

/** Names of people, models, tools and files; what is longer is none, and only the raw record has it whole. */
const LABEL_MAX = 512
const URL_MAX = 8_192

/** Whether no character of a text is half. */
export const isWellFormed = (text: string): boolean => (text as unknown as Surrogates).isWellFormed()

/** A text that is safe in any store. */
export const cleanText = (text: string, notes: Notes): string => {
  let clean = text
  if (!isWellFormed(clean)) {
    clean = (clean as unknown as Surrogates).toWellFormed()
    notes.count("texts with half characters (lone surrogates), replaced")
  }
  if (clean.includes("\0")) {
    clean = clean.replaceAll("\0", "")
    notes.count("texts with zero characters (U+0000), removed")
  }
  return clean
}

/** The same for a text that may be missing. */
export const cleanTextOrNull = (text: string | null, notes: Notes): string | null =>
  text === null ? null : cleanText(text, notes)

/** A name or other short text: clean, and no longer than a name may be. */
export const cleanLabel = (text: string, notes: Notes): string => cutText(cleanText(text, notes), LABEL_MAX)

/** The same for a name that may be missing. */
export const cleanLabelOrNull = (text: string | null, notes: Notes): string | null =>
  text === null ? null : cleanLabel(text, notes)

/** An address, or null when it is missing or longer than any that leads somewhere. */
export const cleanUrlOrNull = (url: string | null, notes: Notes): string | null => {
  if (url === null) return null
  if (url.length <= URL_MAX) return cleanText(url, notes)
  notes.count(`addresses longer than ${URL_MAX} characters, only in the raw record`)
  return null
}

/** At most `max` UTF-16 units, never half a character. */
export const cutText = (text: string, max: number): string => {
  if (text.length <= max) return text
  const end = (text.charCodeAt(max - 1) & 0xfc00) === 0xd800 ? max - 1 : max
  return text.slice(0, end)
}
