/** The `like` of the policy language: `*` stands for any run of characters, `\*` for the star itself. */
import type { Steps } from "./Steps.ts"

/** The texts between the stars. */
export type Pattern = readonly [string, ...Array<string>]

const LENGTH_MAX = 1_024

/** The pattern a text says, or null. */
export const parse = (text: unknown): Pattern | null => {
  if (typeof text !== "string" || text.length > LENGTH_MAX) return null
  const parts: Array<string> = []
  let part = ""
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "*") {
      parts.push(part)
      part = ""
    } else {
      if (text[at] === "\\" && text[at + 1] === "*") at++
      part += text[at]
    }
  }
  return [...parts, part] as unknown as Pattern
}

/** Each text is looked for behind the one before: the first place is as good as any later one. */
export const matches = ([first, ...rest]: Pattern, text: string, steps: Steps): boolean => {
  steps.take(1 + ((text.length * (1 + rest.length)) >> 4))
  if (rest.length === 0) return text === first
  if (!text.startsWith(first)) return false
  const last = rest.at(-1)!
  let at = first.length
  for (const part of rest.slice(0, -1)) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}
