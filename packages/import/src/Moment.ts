/**
 * When something happened, from the ways exports write it.
 *
 * D1  Seconds with a fraction, ISO text with or without a zone (UTC then) and milliseconds give the same moment.
 * D2  What is no moment between 1970 and 9999 is null, whatever its type.
 */

const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
/** From here on a bare number can only be milliseconds: as seconds it would lie behind the year 5000. */
const MILLISECONDS_FROM = 100_000_000_000

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/i

/** Milliseconds since 1970, whole, or null. */
export const momentOf = (value: unknown): number | null => {
  if (typeof value === "number") return bounded(value >= MILLISECONDS_FROM ? value : value * 1_000)
  if (typeof value !== "string" || value.length > 40) return null
  const text = value.trim()
  if (/^\d{9,13}(\.\d{1,9})?$/.test(text)) return momentOf(Number(text))
  const match = ISO.exec(text)
  if (match === null) return null
  const day = text.length === 10
  return bounded(Date.parse(text.replace(" ", "T") + (day || match[1] !== undefined ? "" : "Z")))
}

const bounded = (ms: number): number | null => ms >= 0 && ms <= LAST_MS ? Math.round(ms) : null
