/**
 * A text as it is meant to be read: without the marks ChatGPT writes between private-use signs, which no font can show.
 *
 * M1  A marked span leaves the text with all it holds; of an entity its name stays, which is a word of the sentence.
 * M2  Signs that were cut off their span leave, too. Nothing else of the text changes.
 */

/** U+E200 kind U+E202 argument U+E202 argument U+E201, and the space before it. Group 1 is what stands between the signs. */
export const markedSpans = /[ \t]?\uE200([^\uE200\uE201]{0,4000})\uE201/g
/** What is left of spans that were cut, and the borders inside of them. */
export const looseSigns = /[\uE200-\uE206]/g

const anySign = /[\uE200-\uE206]/

/** Whether there is anything to take out. */
export const hasMarks = (text: string): boolean => anySign.test(text)

/** The words that stay of a span, given what stands between its signs: of most kinds none. */
export const wordsOfSpan = (span: string): string => {
  const [kind, details = ""] = span.split("\uE202")
  if (kind !== "entity") return ""
  try {
    // `["city","Kyoto","…"]`: the second is what the reader sees.
    const parts: unknown = JSON.parse(details)
    const name: unknown = Array.isArray(parts) ? parts[1] : undefined
    return typeof name === "string" ? name : ""
  } catch {
    return ""
  }
}

/** True when the space before a span belongs to the sentence: something to read follows it. */
export const keepsSpace = (span: string, words: string, after: string): boolean =>
  /^[ \t]/.test(span) && (words !== "" || /^[\p{L}\p{N}]/u.test(after))

export const readable = (text: string): string =>
  hasMarks(text)
    ? text.replace(markedSpans, (span: string, inner: string, at: number) => {
      const words = wordsOfSpan(inner)
      const from = at + span.length
      return `${keepsSpace(span, words, text.slice(from, from + 2)) ? " " : ""}${words}`
    }).replace(looseSigns, "")
    : text
