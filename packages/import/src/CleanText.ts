/**
 * Text as it may be stored: whatever a database or a JSON reader would choke on is replaced, and the replacement noted.
 *
 * X1  Lone surrogates become U+FFFD, U+0000 goes; everything else, bidirectional marks too, stays as written.
 */
import type { Notes } from "./Notes.ts"

// Node has had both since 20; the type library of this project begins a year earlier.
type Surrogates = { isWellFormed(): boolean; toWellFormed(): string }

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

/** At most `max` UTF-16 units, never half a character. */
export const cutText = (text: string, max: number): string => {
  if (text.length <= max) return text
  const end = (text.charCodeAt(max - 1) & 0xfc00) === 0xd800 ? max - 1 : max
  return text.slice(0, end)
}
