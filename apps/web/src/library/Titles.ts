/**
 * What a person types as a title or a tag, made into one the node takes.
 *
 * T1  A title is one line, trimmed, without control characters, at most 512 characters long; nothing else is none.
 * T2  A tag likewise, at most 64 long, without the # people put before it.
 */
const line = (text: string, max: number): string | undefined => {
  // Cut by code points, so that no character is cut in two.
  const clean = [...text.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").replaceAll(/\s+/g, " ").trim()]
  let length = 0
  const kept = clean.filter((char) => (length += char.length) <= max).join("").trim()
  return kept === "" ? undefined : kept
}

export const titleFrom = (text: string): string | undefined => line(text, 512)

export const tagFrom = (text: string): string | undefined => line(text.trim().replace(/^#+/, ""), 64)
