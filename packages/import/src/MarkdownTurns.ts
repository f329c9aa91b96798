/**
 * The turns of a Markdown transcript: who speaks is told by a heading, a bold name or a plain name at a line's beginning.
 *
 * U1  The way the first speaker is marked is the way all are; other marks are text.
 * U2  What stands inside a code fence is never a mark; a fence that is never closed is none.
 * U3  Front matter and a first heading give title, dates, model and tags; other words before the first turn are kept.
 */
import { momentOf } from "./Moment.ts"

export interface Turn {
  readonly role: "user" | "assistant" | "system" | "tool"
  /** The speaker as written, when it is more than the role's own word. */
  readonly speaker: string | null
  readonly at: number | null
  readonly text: string
}

export interface Transcript {
  readonly title: string | null
  readonly createdAt: number | null
  readonly updatedAt: number | null
  readonly model: string | null
  readonly tags: ReadonlyArray<string>
  /** Words before the first turn. */
  readonly preamble: string
  readonly turns: ReadonlyArray<Turn>
}

interface Mark {
  readonly line: number
  readonly style: string
  readonly role: Turn["role"]
  readonly speaker: string | null
  readonly at: number | null
  /** What follows the name on its line. */
  readonly rest: string
}

const ROLES: ReadonlyMap<string, Turn["role"]> = new Map<string, Turn["role"]>([
  ...["user", "you", "human", "me", "prompt", "question"].map((name) => [name, "user"] as const),
  ...["assistant", "ai", "bot", "model", "chatgpt", "gpt", "claude", "gemini", "copilot", "llm", "response", "answer"]
    .map((name) => [name, "assistant"] as const),
  ...["system", "developer"].map((name) => [name, "system"] as const),
  ["tool", "tool"]
])

/** A name, perhaps a version (`Claude 3.5 Sonnet`, `GPT-4`), perhaps `said`, perhaps something in brackets or behind a dash. */
const SPEAKER = new RegExp(
  `^(${[...ROLES.keys()].join("|")})((?:[ -]?\\d[\\w.-]{0,20}(?: [A-Z]\\w{1,20})?)?)(?: said)?` +
    "(?:\\s*[([]([^()[\\]]{1,60})[)\\]])?(?:\\s+[-–—|@]\\s+(.{1,60}))?$",
  "i"
)
const HEADING = /^ {0,3}(#{1,6})[ \t]+(\S.*)$/
const BOLD = /^ {0,3}(\*\*|__)(.{1,120}?)(:?)\1(\s?:)?(?:\s|$)/
const PLAIN = /^([A-Za-z][\w .()[\]-]{0,60}?):(?:\s|$)/
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/
const LINE_MAX = 240

/** Reads a transcript, or answers null when nobody speaks in it. */
export const readTranscript = (source: string): Transcript | null => {
  const lines = source.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)
  const { about, body } = frontMatter(lines)
  const marks = turnMarks(lines, body)
  if (marks.length === 0) return null
  const before = lines.slice(body, marks[0]!.line)
  const heading = before.findIndex((line) => /^# +\S/.test(line))
  const title = about.get("title")?.[0] ?? (heading === -1 ? null : before[heading]!.slice(2).trim())
  const preamble = about.has("title") || heading === -1 ? before : before.toSpliced(heading, 1)
  return {
    title: title === "" ? null : title,
    createdAt: moment(about, "created", "created_at", "create_time", "date"),
    updatedAt: moment(about, "updated", "updated_at", "update_time", "modified"),
    model: about.get("model")?.[0] ?? null,
    tags: about.get("tags") ?? [],
    preamble: trimLines(preamble),
    turns: marks.map((mark, i) => turn(mark, lines, marks[i + 1]?.line ?? lines.length, i + 1 < marks.length))
  }
}

const turn = (
  { at, line, rest, role, speaker }: Mark,
  lines: ReadonlyArray<string>,
  end: number,
  more: boolean
): Turn => {
  const own = [rest, ...lines.slice(line + 1, end)]
  // A rule before the next speaker separates; it is nobody's words.
  const last = own.findLastIndex((text) => text.trim() !== "")
  const words = more && last > 0 && /^ {0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/.test(own[last]!) ? own.slice(0, last) : own
  return { role, speaker, at, text: trimLines(words) }
}

const trimLines = (lines: ReadonlyArray<string>): string => {
  const first = lines.findIndex((line) => line.trim() !== "")
  if (first === -1) return ""
  return lines.slice(first, lines.findLastIndex((line) => line.trim() !== "") + 1).join("\n").trimEnd()
}

/** The marks of the style that speaks first and lets both sides speak; where only one side does, of the style that speaks first. */
const turnMarks = (lines: ReadonlyArray<string>, from: number): ReadonlyArray<Mark> => {
  const fenced = fences(lines)
  const byStyle = new Map<string, Array<Mark>>()
  for (let line = from; line < lines.length; line++) {
    const mark = fenced[line] === 1 ? null : markOf(lines[line]!, line)
    if (mark === null) continue
    const known = byStyle.get(mark.style)
    if (known === undefined) byStyle.set(mark.style, [mark])
    else known.push(mark)
  }
  const styles = [...byStyle.values()]
  const both = (marks: ReadonlyArray<Mark>) =>
    marks.some(({ role }) => role === "user") && marks.some(({ role }) => role === "assistant")
  return styles.find(both) ?? styles[0] ?? []
}

const markOf = (line: string, at: number): Mark | null => {
  const start = line.slice(0, LINE_MAX)
  const heading = HEADING.exec(start)
  if (heading !== null) {
    if (line.length > LINE_MAX) return null
    const name = heading[2]!.replace(/\s*#*\s*$/, "").replace(/^(\*\*|__)(.*)\1$/, "$2").replace(/\s*:$/, "")
    return speakerMark(name, `heading ${heading[1]!.length}`, at, "")
  }
  const bold = BOLD.exec(start)
  if (bold !== null) {
    const rest = line.slice(bold[0].length)
    if (bold[3] === "" && bold[4] === undefined && rest.trim() !== "") return null
    return speakerMark(bold[2]!.trim(), "bold", at, rest)
  }
  const plain = PLAIN.exec(start)
  return plain === null ? null : speakerMark(plain[1]!.trim(), "plain", at, line.slice(plain[0].length))
}

const speakerMark = (label: string, style: string, line: number, rest: string): Mark | null => {
  const match = SPEAKER.exec(label)
  if (match === null) return null
  const role = ROLES.get(match[1]!.toLowerCase())!
  const moment = momentOf(match[3] ?? "") ?? momentOf(match[4] ?? "")
  const named = moment === null ? label : `${match[1]}${match[2]}`
  return { line, style, role, speaker: named.toLowerCase() === role ? null : named, at: moment, rest }
}

/** 1 for every line that belongs to a closed code fence. */
const fences = (lines: ReadonlyArray<string>): Uint8Array => {
  const fenced = new Uint8Array(lines.length)
  let open: { readonly line: number; readonly mark: string } | null = null
  lines.forEach((line, at) => {
    const match = FENCE.exec(line.slice(0, LINE_MAX))
    if (match === null) return
    const [, mark = "", info = ""] = match
    if (open === null) {
      if (mark[0] === "~" || !info.includes("`")) open = { line: at, mark }
    } else if (mark[0] === open.mark[0] && mark.length >= open.mark.length && info.trim() === "") {
      fenced.fill(1, open.line, at + 1)
      open = null
    }
  })
  return fenced
}

/** `key: value` lines between two `---`; a list is in brackets or on lines of its own. */
const frontMatter = (lines: ReadonlyArray<string>) => {
  const about = new Map<string, ReadonlyArray<string>>()
  const end = lines[0]?.trimEnd() === "---"
    ? lines.findIndex((line, i) => i > 0 && /^(?:---|\.\.\.)\s*$/.test(line))
    : -1
  if (end === -1) return { about, body: 0 }
  let key = ""
  for (const line of lines.slice(1, end)) {
    const item = /^\s+-\s+(.+)$/.exec(line)
    const pair = /^([A-Za-z][\w-]*):\s*(.*)$/.exec(line)
    if (item !== null && key !== "") about.set(key, [...about.get(key) ?? [], unquote(item[1]!)])
    else if (pair !== null) {
      key = pair[1]!.toLowerCase()
      const value = pair[2]!.trim()
      const list = /^\[(.*)\]$/.exec(value)
      const values = list === null ? [unquote(value)] : list[1]!.split(",").map(unquote)
      about.set(key, values.filter((text) => text !== ""))
    }
  }
  return { about, body: end + 1 }
}

const unquote = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, "$2").trim()

const moment = (about: ReadonlyMap<string, ReadonlyArray<string>>, ...keys: ReadonlyArray<string>): number | null =>
  keys.map((key) => momentOf(about.get(key)?.[0])).find((at) => at !== null) ?? null
