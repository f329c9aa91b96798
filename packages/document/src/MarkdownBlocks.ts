/**
 * Where the blocks of a Markdown text begin and end: one pass over its lines, by hand, so that no input can make it slow.
 *
 * K1  Blocks are in order, do not overlap, and leave out nothing but white space.
 * K2  Fences of any length, tildes, unclosed fences, indented code: code is never mistaken for anything else.
 * K3  A list stays whole with everything nested in it; so do a table and a quotation.
 * K4  A megabyte of hostile text takes linear time.
 *
 * Follows CommonMark 0.31 and GFM for where blocks begin; formulas ($$…$$ and \[…\]) end at a blank line at the latest.
 */
import { Lines } from "./MarkdownLines.ts"

export interface MarkdownBlock {
  readonly type: "text" | "code" | "table" | "formula" | "list" | "quotation" | "image" | "break"
  /** The span, in UTF-16 units of the whole text. */
  readonly start: number
  readonly end: number
  /** The info string's first word, lower case, for fenced code. */
  readonly language: string | null
  /** What stands between the fences; null when the block is its own text. */
  readonly inner: string | null
}

/** Paragraphs go together until they are this long; then the next one begins a new block. */
const groupMax = 1_500

type Opening =
  | "text"
  | "heading"
  | "fence"
  | "indented"
  | "table"
  | "formula"
  | "list"
  | "quotation"
  | "image"
  | "break"

export const scan = (text: string): ReadonlyArray<MarkdownBlock> => {
  const lines = new Lines(text)
  const blocks: Array<MarkdownBlock> = []
  /** The first line of the open group of paragraphs, and the last one that is in it. */
  let from = -1
  let to = -1
  const flush = () => {
    if (from >= 0) blocks.push(block(lines, "text", from, to + 1))
    from = -1
  }

  let inParagraph = false
  for (let i = 0; i < lines.count;) {
    if (lines.isBlank(i)) {
      inParagraph = false
      i++
      continue
    }
    const opening = openingOf(lines, i, inParagraph)
    if (opening === "text" || opening === "heading") {
      const full = !inParagraph && from >= 0 && lines.last[to]! - lines.start[from]! > groupMax
      if (opening === "heading" || full) flush()
      if (from < 0) from = i
      to = i++
      inParagraph = opening === "text"
      continue
    }
    flush()
    inParagraph = false
    const next = endOf(lines, opening, i)
    blocks.push(
      opening === "fence" || opening === "indented" ? code(lines, opening, i, next) : block(lines, opening, i, next)
    )
    i = next
  }
  flush()
  return blocks
}

const block = (lines: Lines, type: MarkdownBlock["type"], from: number, next: number): MarkdownBlock => ({
  type,
  start: lines.start[from]!,
  end: lines.last[lines.lastNonBlank(from, next)]!,
  language: null,
  inner: null
})

const code = (lines: Lines, opening: "fence" | "indented", from: number, next: number): MarkdownBlock => {
  const whole = block(lines, "code", from, next)
  if (opening === "indented") return { ...whole, inner: lines.dedented(from, lines.lastNonBlank(from, next) + 1) }
  const { language, size, tick } = lines.fence(from)!
  const closed = next - 1 > from && lines.closesFence(next - 1, tick, size)
  return { ...whole, language, inner: lines.between(from + 1, closed ? next - 1 : next) }
}

/** What begins on this line. After a paragraph's line fewer things can. */
const openingOf = (lines: Lines, i: number, inParagraph: boolean): Opening => {
  if (lines.indent[i]! > 3) return inParagraph ? "text" : "indented"
  switch (lines.text.charCodeAt(lines.first[i]!)) {
    case 0x60: // `
    case 0x7e: // ~
      if (lines.fence(i) !== null) return "fence"
      break
    case 0x23: // #
      if (lines.isHeading(i)) return "heading"
      break
    case 0x3e: // >
      return "quotation"
    case 0x24: // $
    case 0x5c: // \
      if (lines.formulaEnd(i) >= 0) return "formula"
      break
    case 0x21: // !
      if (lines.isImage(i)) return "image"
      break
    case 0x2d: // -
      // Under a paragraph it makes the paragraph a heading.
      if (lines.isBreak(i)) return inParagraph ? "text" : "break"
      break
    case 0x2a: // *
    case 0x5f: // _
      if (lines.isBreak(i)) return "break"
      break
    default:
  }
  if (lines.isItem(i, inParagraph)) return "list"
  return lines.isTableHead(i) ? "table" : "text"
}

/** The line after the block that begins here. */
const endOf = (lines: Lines, opening: Exclude<Opening, "text" | "heading">, i: number): number => {
  switch (opening) {
    case "fence":
      return fenceEnd(lines, i)
    case "indented":
      return indentedEnd(lines, i)
    case "table":
      return runEnd(lines, i + 2)
    case "quotation":
      return quotationEnd(lines, i)
    case "list":
      return listEnd(lines, i)
    case "formula":
      return lines.formulaEnd(i) + 1
    case "image":
    case "break":
      return i + 1
  }
}

const fenceEnd = (lines: Lines, i: number): number => {
  const { size, tick } = lines.fence(i)!
  for (let j = i + 1; j < lines.count; j++) if (lines.closesFence(j, tick, size)) return j + 1
  return lines.count
}

const indentedEnd = (lines: Lines, i: number): number => {
  let end = i + 1
  for (let j = i + 1; j < lines.count && (lines.isBlank(j) || lines.indent[j]! > 3); j++) {
    if (!lines.isBlank(j)) end = j + 1
  }
  return end
}

/** Rows, or lazy lines: until a blank line or until something else begins. */
const runEnd = (lines: Lines, i: number): number => {
  let j = i
  while (j < lines.count && !lines.isBlank(j) && openingOf(lines, j, true) === "text") j++
  return j
}

const quotationEnd = (lines: Lines, i: number): number => {
  let j = i + 1
  while (j < lines.count && !lines.isBlank(j)) {
    const opening = openingOf(lines, j, true)
    if (opening !== "quotation" && opening !== "text") break
    j++
  }
  return j
}

/** Items of the same list, what is indented under them, lazy lines, and fences whatever they hold. */
const listEnd = (lines: Lines, i: number): number => {
  const ordered = lines.isOrdered(i)
  let end = i + 1
  let gap = false
  let j = lines.afterItemFence(i)
  if (j > end) end = j
  for (; j < lines.count; j++) {
    if (lines.isBlank(j)) {
      gap = true
      continue
    }
    const deep = lines.indent[j]! > 1
    const item = lines.isItem(j, false)
    if (!deep && item && gap && lines.isOrdered(j) !== ordered) break
    if (!deep && !item && (gap || openingOf(lines, j, true) !== "text")) break
    // A line that is neither deep nor an item is lazy; only the two others can open a fence inside the list.
    const after = deep || item ? lines.afterItemFence(j) : j + 1
    gap = false
    end = after
    j = after - 1
  }
  return end
}
