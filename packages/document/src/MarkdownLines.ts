/** The lines of a Markdown text, measured once, and what a single line can be. Every question is linear in the line. */

const isSpace = (c: number): boolean =>
  c === 0x20 || (c >= 0x09 && c <= 0x0d) || c === 0xa0 ||
  (c > 0xff && (c === 0x1680 || (c >= 0x2000 && c <= 0x200a) || c === 0x2028 || c === 0x2029 || c === 0x202f ||
    c === 0x205f || c === 0x3000 || c === 0xfeff))

const endless = (at: number) => at < 0 ? Infinity : at

export interface Fence {
  readonly tick: number
  readonly size: number
  readonly language: string | null
}

export class Lines {
  readonly text: string
  readonly start: Array<number> = []
  /** Where the line's first character that is not blank lies; -1 on a blank line. */
  readonly first: Array<number> = []
  /** Just after the line's last character that is not blank; its start on a blank line. */
  readonly last: Array<number> = []
  /** Columns before the first character; a tab goes to the next multiple of four. */
  readonly indent: Array<number> = []
  /** For each line, the next one that ends in `$$` or `\]` before a blank line; made when first asked for. */
  private closings: { readonly dollars: Int32Array; readonly brackets: Int32Array } | null = null

  /** The next of either line end from where reading stands: what is not there is looked for once, not on every line. */
  private feed = -1
  private carriage = -1

  constructor(text: string) {
    this.text = text
    for (let at = 0; at < text.length;) at = this.measure(at)
  }

  get count(): number {
    return this.start.length
  }

  /** Reads one line; answers where the next begins. What lies between its first and last character is not looked at. */
  private measure(start: number): number {
    const { text } = this
    const end = this.lineEnd(start)
    let first = start
    let indent = 0
    for (; first < end; first++) {
      const c = text.charCodeAt(first)
      if (!isSpace(c)) break
      indent = c === 0x09 ? (indent & ~3) + 4 : indent + 1
    }
    let last = end
    while (last > first && isSpace(text.charCodeAt(last - 1))) last--
    this.start.push(start)
    this.first.push(first < end ? first : -1)
    this.last.push(first < end ? last : start)
    this.indent.push(indent)
    return text.charCodeAt(end) === 0x0d && text.charCodeAt(end + 1) === 0x0a ? end + 2 : end + 1
  }

  private lineEnd(start: number): number {
    const { text } = this
    if (this.feed < start) this.feed = endless(text.indexOf("\n", start))
    if (this.carriage < start) this.carriage = endless(text.indexOf("\r", start))
    return Math.min(this.feed, this.carriage, text.length)
  }

  isBlank(i: number): boolean {
    return this.first[i]! < 0
  }

  lastNonBlank(from: number, next: number): number {
    let i = next - 1
    while (i > from && this.isBlank(i)) i--
    return i
  }

  /** The lines from `from` up to `next`, without the last one's line end. */
  between(from: number, next: number): string {
    if (from >= next) return ""
    const end = next < this.count ? this.start[next]! : this.text.length
    let cut = end
    if (cut > this.start[from]! && this.text.charCodeAt(cut - 1) === 0x0a) cut--
    if (cut > this.start[from]! && this.text.charCodeAt(cut - 1) === 0x0d) cut--
    return this.text.slice(this.start[from], cut)
  }

  /** The same, less the four columns that make it code. */
  dedented(from: number, next: number): string {
    return this.between(from, next).replace(/^(?: {4}| {0,3}\t)/gm, "")
  }

  /** How many of one character stand here. */
  private runOf(c: number, at: number): number {
    let n = 0
    while (this.text.charCodeAt(at + n) === c) n++
    return n
  }

  private fenceAt(at: number, end: number): Fence | null {
    const tick = this.text.charCodeAt(at)
    if (tick !== 0x60 && tick !== 0x7e) return null
    const size = this.runOf(tick, at)
    if (size < 3) return null
    const info = this.text.slice(at + size, end)
    if (tick === 0x60 && info.includes("`")) return null
    const word = /^\s*([^\s{]{1,40})/.exec(info.slice(0, 80))?.[1]
    return { tick, size, language: word?.toLowerCase() ?? null }
  }

  fence(i: number): Fence | null {
    return this.fenceAt(this.first[i]!, this.last[i]!)
  }

  closesFence(i: number, tick: number, size: number): boolean {
    if (this.isBlank(i) || this.indent[i]! > 3) return false
    const run = this.runOf(tick, this.first[i]!)
    return run >= size && this.first[i]! + run === this.last[i]!
  }

  isHeading(i: number): boolean {
    const at = this.first[i]!
    const n = this.runOf(0x23, at)
    return n <= 6 && (at + n === this.last[i]! || isSpace(this.text.charCodeAt(at + n)))
  }

  /** Three or more of one of - * _, and nothing else. */
  isBreak(i: number): boolean {
    const c = this.text.charCodeAt(this.first[i]!)
    let n = 0
    for (let at = this.first[i]!; at < this.last[i]!; at++) {
      const d = this.text.charCodeAt(at)
      if (d === c) n++
      else if (d !== 0x20 && d !== 0x09) return false
    }
    return n >= 3
  }

  /** Where an item's content begins, or -1. */
  private markerEnd(i: number): number {
    const at = this.first[i]!
    let end = at
    while (end - at < 9 && this.digit(end)) end++
    const c = this.text.charCodeAt(end)
    const marked = end > at ? c === 0x2e || c === 0x29 : c === 0x2d || c === 0x2a || c === 0x2b
    if (!marked) return -1
    end++
    return end >= this.last[i]! || isSpace(this.text.charCodeAt(end)) ? end : -1
  }

  private digit(at: number): boolean {
    const c = this.text.charCodeAt(at)
    return c >= 0x30 && c <= 0x39
  }

  isOrdered(i: number): boolean {
    return this.digit(this.first[i]!)
  }

  /** A bullet or a number; in the middle of a paragraph neither an empty one nor a number that is not 1. */
  isItem(i: number, inParagraph: boolean): boolean {
    const end = this.markerEnd(i)
    if (end < 0 || this.isBreak(i)) return false
    if (!inParagraph) return true
    if (end >= this.last[i]!) return false
    const width = end - this.first[i]!
    return !this.isOrdered(i) || (width === 2 && this.text.charCodeAt(this.first[i]!) === 0x31)
  }

  /** The line after this one or, when a fence opens here inside a list, after that fence. */
  afterItemFence(i: number): number {
    const marker = this.markerEnd(i)
    let at = marker < 0 ? this.first[i]! : marker
    while (at < this.last[i]! && isSpace(this.text.charCodeAt(at))) at++
    const fence = at < this.last[i]! ? this.fenceAt(at, this.last[i]!) : null
    if (fence === null) return i + 1
    for (let j = i + 1; j < this.count; j++) {
      if (this.isBlank(j)) continue
      const run = this.runOf(fence.tick, this.first[j]!)
      if (run >= fence.size && this.first[j]! + run === this.last[j]!) return j + 1
      // What is not indented any more is outside of the list, and so of its fence.
      if (this.indent[j]! < 2) return this.lastNonBlank(i, j) + 1
    }
    return this.lastNonBlank(i, this.count) + 1
  }

  private cells(i: number): number {
    let n = 1
    for (let at = this.first[i]!; at < this.last[i]!; at++) {
      const c = this.text.charCodeAt(at)
      if (c === 0x5c) at++
      else if (c === 0x7c && at > this.first[i]! && at < this.last[i]! - 1) n++
    }
    return n
  }

  /** A row with as many cells as the row of dashes under it. */
  isTableHead(i: number): boolean {
    const under = i + 1
    if (under >= this.count || this.isBlank(under) || this.indent[under]! > 3) return false
    let dashes = false
    let pipes = false
    for (let at = this.first[under]!; at < this.last[under]!; at++) {
      const c = this.text.charCodeAt(at)
      if (c === 0x2d) dashes = true
      else if (c === 0x7c) pipes = true
      else if (c !== 0x3a && c !== 0x20 && c !== 0x09) return false
    }
    if (!dashes || !pipes) return false
    const pipe = this.text.indexOf("|", this.first[i]!)
    return pipe >= 0 && pipe < this.last[i]! && this.cells(i) === this.cells(under)
  }

  /** The whole line is one image. */
  isImage(i: number): boolean {
    const { text } = this
    const end = this.last[i]!
    let at = this.first[i]! + 1
    if (text.charCodeAt(at) !== 0x5b) return false
    at = this.closing(at, end, 0x5b, 0x5d) + 1
    if (at === 0 || text.charCodeAt(at) !== 0x28) return false
    return this.closing(at, end, 0x28, 0x29) === end - 1
  }

  /** Where the bracket that opens here is closed, or -1. */
  private closing(at: number, end: number, open: number, close: number): number {
    let depth = 0
    for (let i = at; i < end; i++) {
      const c = this.text.charCodeAt(i)
      if (c === 0x5c) i++
      else if (c === open) depth++
      else if (c === close && --depth === 0) return i
    }
    return -1
  }

  /** The last line of the formula that opens here, or -1. */
  formulaEnd(i: number): number {
    const { text } = this
    const at = this.first[i]!
    const last = this.last[i]!
    const dollars = text.startsWith("$$", at)
    if (!dollars && !text.startsWith("\\[", at)) return -1
    const close = dollars ? "$$" : "\\]"
    // Only in this line: looking on to the end of the text for each line would be quadratic.
    const found = text.slice(at + 2, last).indexOf(close)
    // Closed on its own line: then it must end there, else it stands inside a sentence.
    if (found >= 0) return at + 2 + found === last - 2 ? i : -1
    this.closings ??= this.findClosings()
    return i + 1 < this.count ? this.closings[dollars ? "dollars" : "brackets"][i + 1]! : -1
  }

  private findClosings() {
    const dollars = new Int32Array(this.count)
    const brackets = new Int32Array(this.count)
    let dollar = -1
    let bracket = -1
    for (let i = this.count - 1; i >= 0; i--) {
      if (this.isBlank(i)) dollar = bracket = -1
      else if (this.text.endsWith("$$", this.last[i])) dollar = i
      else if (this.text.endsWith("\\]", this.last[i])) bracket = i
      dollars[i] = dollar
      brackets[i] = bracket
    }
    return { dollars, brackets }
  }
}
