/**
 * Formulas in Markdown: `$…$` and `\(…\)` inside a line, `$$…$$` and `\[…\]` inside or on lines of their own.
 *
 * X1  A formula keeps its TeX as it was written: nothing inside it is read as Markdown.
 * X2  Money is not a formula: a dollar opens one only before a sign, and closes one only after a sign and not before a digit.
 * X3  A formula that is never closed is text.
 */
import type { MarkdownIt, StateBlock, StateInline } from "markdown-it"

const inlineDelimiters: ReadonlyArray<{ readonly open: string; readonly close: string; readonly display: boolean }> = [
  { open: "$$", close: "$$", display: true },
  { open: "\\[", close: "\\]", display: true },
  { open: "\\(", close: "\\)", display: false },
  { open: "$", close: "$", display: false }
]

/** Where a single dollar closes what one opened, or -1. */
const closingDollar = (src: string, from: number): number => {
  if (/^\s?$/.test(src[from] ?? "")) return -1
  for (let at = src.indexOf("$", from); at !== -1; at = src.indexOf("$", at + 1)) {
    const before = src[at - 1]!
    if (before === "\\") continue
    // An empty line ends the paragraph, and a formula with it.
    if (src.slice(from, at).includes("\n\n")) return -1
    if (!/\s/.test(before) && !/\d/.test(src[at + 1] ?? "")) return at
  }
  return -1
}

const inlineRule = (state: StateInline, silent: boolean): boolean => {
  const found = inlineDelimiters.find(({ open }) => state.src.startsWith(open, state.pos))
  if (found === undefined) return false
  const { open, close, display } = found
  const from = state.pos + open.length
  const to = open === "$" ? closingDollar(state.src, from) : state.src.indexOf(close, from)
  if (to === -1 || to > state.posMax || state.src.slice(from, to).trim() === "") return false
  if (!silent) {
    const token = state.push("formula", "span", 0)
    token.content = state.src.slice(from, to).trim()
    token.meta = { display }
  }
  state.pos = to + close.length
  return true
}

const blockRule = (state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean => {
  const lineText = (line: number) => state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line])
  const first = lineText(startLine)
  const close = first.startsWith("$$") ? "$$" : first.startsWith("\\[") ? "\\]" : undefined
  if (close === undefined || state.sCount[startLine]! - state.blkIndent >= 4) return false
  const lines: Array<string> = []
  for (let line = startLine; line < endLine; line++) {
    // Less indented than the list item it began in: that item has ended.
    if (line > startLine && state.sCount[line]! < state.blkIndent && !state.isEmpty(line)) return false
    const text = (line === startLine ? first.slice(2) : lineText(line)).trimEnd()
    if (!text.endsWith(close)) {
      // What is closed within a line is not a block of its own.
      if (line === startLine && text.includes(close)) return false
      lines.push(text)
      continue
    }
    const content = [...lines, text.slice(0, -2)].join("\n").trim()
    if (content === "" || content.includes(close)) return false
    if (silent) return true
    const token = state.push("formula", "div", 0)
    token.block = true
    token.content = content
    token.meta = { display: true }
    token.map = [startLine, line + 1]
    state.line = line + 1
    return true
  }
  return false
}

export const formulas = (md: MarkdownIt): void => {
  md.inline.ruler.before("escape", "formula", inlineRule)
  md.block.ruler.before("fence", "formula", blockRule, { alt: ["paragraph", "reference", "blockquote", "list"] })
  // The TeX itself stands in the page until it is set, and stays if it cannot be.
  md.renderer.rules["formula"] = (tokens, at) => {
    const { content, meta, block } = tokens[at]!
    const span = `<span class="formula" data-display="${meta?.["display"] === true}">${
      md.utils.escapeHtml(content)
    }</span>`
    return block ? `<p>${span}</p>\n` : span
  }
}
