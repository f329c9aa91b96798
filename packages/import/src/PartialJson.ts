/**
 * What the beginning of a JSON text says, when its end is not at hand.
 *
 * P1  Every prefix of a JSON document gives a value that holds nothing the document does not.
 */

/** Deeper than this nothing is looked at: the answer is for telling formats apart. */
const DEPTH_MAX = 200

/** The value begun by `text`, its open brackets closed and its cut last member dropped; undefined when it is not JSON. */
export const parsePartialJson = (text: string): unknown => {
  const closed = close(text)
  if (closed === null) return undefined
  try {
    return JSON.parse(closed)
  } catch {
    return undefined
  }
}

/** A place behind which everything can be dropped: `at`, and how many brackets are open there. */
interface SafePlace {
  readonly at: number
  readonly open: number
}

const close = (text: string): string | null => {
  const open: Array<string> = []
  let safe: SafePlace | null = null
  let at = 0
  while (at < text.length) {
    const mark = text[at]!
    if (mark === "\"") {
      const end = endOfString(text, at)
      if (end === null) break
      at = end
      continue
    }
    at++
    if (mark === "{" || mark === "[") {
      if (open.length >= DEPTH_MAX) break
      open.push(mark === "{" ? "}" : "]")
      safe = { at, open: open.length }
    } else if (mark === "}" || mark === "]") {
      open.pop()
      safe = { at, open: open.length }
      if (open.length === 0) return text.slice(0, at)
    } else if (mark === ",") safe = { at: at - 1, open: open.length }
  }
  return safe === null ? null : text.slice(0, safe.at) + open.slice(0, safe.open).toReversed().join("")
}

/** Behind the closing quote, or null when there is none. */
const endOfString = (text: string, start: number): number | null => {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++
    else if (text[at] === "\"") return at + 1
  }
  return null
}
