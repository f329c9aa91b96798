/**
 * Citations: a number that leads to the source, in the place of the mark a product wrote, or behind the words it stands for.
 *
 * C1  Each mark becomes the number of its source, in the order of the message's citations; a source named twice keeps its number.
 * C2  A source that leads nowhere safe keeps its number, and leads nowhere.
 * C3  Code keeps its marks as they were written.
 * C5  Words that stand for a source stay as they are; the number comes behind them, where they come first.
 * C4  A mark whose source the export does not name is shown as one, instead of as its raw signs.
 */
import type { MarkdownIt, StateCore, Token } from "markdown-it"
import { safeHref } from "./Links.ts"

export interface Citation {
  readonly url: string | null
  readonly title: string
  readonly marker: string | null
}

export interface Source {
  readonly number: number
  readonly title: string
  readonly href: string | undefined
}

const keyOf = ({ url, title }: Citation) => `${url ?? ""}\n${title}`

/** The sources of a message, numbered, each once. */
export const sourcesOf = (citations: ReadonlyArray<Citation>): ReadonlyArray<Source> =>
  [...new Map(citations.map((citation) => [keyOf(citation), citation])).values()].map(({ url, title }, at) => ({
    number: at + 1,
    title: title === "" ? url ?? "Untitled source" : title,
    href: url === null ? undefined : safeHref(url)
  }))

// Noncharacters cannot be in the text of a message, so what stands between them is ours.
const opens = "\ufdd0"
const closes = "\ufdd1"
const ours = /\ufdd0(\d+)\ufdd1/g
/** ChatGPT writes marks between private-use signs; these have no source in the export. */
const ghosts = /\ue200[^\ue201\n]{0,400}\ue201/g
const ghost = -1
/** Marks that are nothing but marks, and say nothing to a reader. */
const signs = /^(【[^】]*】|\ue200[^\ue201]*\ue201)$/

/** Puts a sign that Markdown reads as a word where the marks were. `marks[n]` is what stood there. */
export const placeMarks = (
  text: string,
  citations: ReadonlyArray<Citation>
): { readonly text: string; readonly marks: ReadonlyArray<{ readonly mark: string; readonly source: number }> } => {
  const numbers = new Map([...new Set(citations.map(keyOf))].map((key, at) => [key, at + 1]))
  const marks: Array<{ mark: string; source: number }> = []
  const place = (mark: string, source: number) => `${opens}${marks.push({ mark, source }) - 1}${closes}`
  let placed = text.replaceAll(/[\ufdd0\ufdd1]/g, "\ufffd")
  const marked = citations.filter(({ marker }) => marker !== null && marker !== "")
  // Longer marks first: one may hold another. Of the same words the last source first: each goes right behind them.
  for (const citation of marked.toReversed().toSorted((a, b) => b.marker!.length - a.marker!.length)) {
    const marker = citation.marker!
    const number = numbers.get(keyOf(citation))!
    if (signs.test(marker)) {
      placed = placed.split(marker).reduce((before, after) => `${before}${place(marker, number)}${after}`)
    } else {
      const end = placed.indexOf(marker) + marker.length
      if (end >= marker.length) placed = `${placed.slice(0, end)}${place("", number)}${placed.slice(end)}`
    }
  }
  return { text: placed.replaceAll(ghosts, (mark) => place(mark, ghost)), marks }
}

type Placed = ReturnType<typeof placeMarks>

const piece = (state: StateCore, type: string, level: number): Token => {
  const token = new state.Token(type, "", 0)
  token.level = level
  return token
}

const split = (state: StateCore, { content, level }: Token, marks: Placed["marks"]): ReadonlyArray<Token> => {
  const pieces: Array<Token> = []
  let from = 0
  const text = (to: number) => {
    if (to <= from) return
    const token = piece(state, "text", level)
    token.content = content.slice(from, to)
    pieces.push(token)
  }
  for (const match of content.matchAll(ours)) {
    text(match.index)
    const token = piece(state, "citation", level)
    token.meta = { source: marks[Number(match[1])]?.source ?? ghost }
    pieces.push(token)
    from = match.index + match[0].length
  }
  text(content.length)
  return pieces
}

export const citations = (md: MarkdownIt): void => {
  md.core.ruler.push("citations", (state) => {
    const placed = state.env["placed"] as Placed | undefined
    if (placed === undefined || placed.marks.length === 0) return
    const restore = (token: Token) => {
      token.content = token.content.replaceAll(ours, (_, at: string) => placed.marks[Number(at)]?.mark ?? "")
    }
    for (const token of state.tokens) {
      if (token.children === null) {
        restore(token)
        continue
      }
      token.children = token.children.flatMap((child) => {
        if (child.type === "text") return split(state, child, placed.marks)
        restore(child)
        return [child]
      })
    }
  })
  md.renderer.rules["citation"] = (tokens, at, _options, env) => {
    const number = tokens[at]!.meta?.["source"] as number
    const source = (env?.["sources"] as ReadonlyArray<Source> | undefined)?.[number - 1]
    if (source === undefined) {
      return `<sup class="citation" title="The export does not name the source of this mark">?</sup>`
    }
    const title = md.utils.escapeHtml(source.title)
    return source.href === undefined
      ? `<sup class="citation" title="${title}">${number}</sup>`
      : `<sup class="citation"><a href="${
        md.utils.escapeHtml(source.href)
      }" title="${title}" target="_blank" rel="noopener noreferrer nofollow">${number}</a></sup>`
  }
}
