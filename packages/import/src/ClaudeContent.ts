/**
 * What a message of Claude holds, as blocks: its content list over its flat text, then its attachments and files.
 *
 * L1  Where there is a content list it alone speaks; the flat text's placeholders for unseen blocks are never shown.
 * L2  Text, thinking, tool calls, tool results and artifacts become their blocks; any other block stays whole as JSON.
 * L3  The words of an attachment are kept, also when the message itself is empty.
 */
import type { Block, Citation } from "@vivim/event-schemas/document/Message"
import { cleanLabel, cleanLabelOrNull, cleanText, cleanTextOrNull, cleanUrlOrNull } from "./CleanText.ts"
import type { Workbench } from "./Draft.ts"
import { countOf, isObject, type JsonObject, kindOf, listOf, member, objectsOf, textOf, wordsOf } from "./Json.ts"
import { momentOf } from "./Moment.ts"

type Blocks = ReadonlyArray<Block>

const PLACEHOLDER = /(?:^|\n)```\nThis block is not supported on your current device yet\.\n```(?:\n|$)/g

/** The blocks of one message. */
export const blocksOf = (message: JsonObject, bench: Workbench): Blocks => {
  const content = listOf(message["content"])
  const pages = titlesOf(content)
  const own = content.length > 0
    ? content.flatMap((block) => contentBlocks(block, pages, bench))
    : flatText(textOf(message["text"]) ?? textOf(message["content"]) ?? "", bench)
  return [...own, ...objectsOf(message["attachments"]).map((file) => attachment(file, bench)), ...files(message, bench)]
}

const flatText = (source: string, bench: Workbench): Blocks => {
  const text = source.replace(PLACEHOLDER, "\n")
  if (text !== source) bench.notes.add("placeholders for blocks the export does not hold were removed")
  return text.trim() === "" ? [] : [{ _tag: "Text", text: cleanText(text, bench.notes), citations: [] }]
}

/** Titles of the pages tools brought, by address: citations name only the address. */
const titlesOf = (content: ReadonlyArray<unknown>): ReadonlyMap<string, string> =>
  new Map(
    objectsOf(content).flatMap((block) => objectsOf(block["content"])).flatMap((page) => {
      const [url, title] = [wordsOf(page["url"]), wordsOf(page["title"])]
      return url === null || title === null ? [] : [[url, title] as const]
    })
  )

const unknown = (kind: string, value: unknown, bench: Workbench): Block => ({
  _tag: "Unknown",
  kind: cleanLabel(kind, bench.notes),
  json: JSON.stringify(value)
})

const contentBlocks = (block: unknown, pages: ReadonlyMap<string, string>, bench: Workbench): Blocks => {
  if (typeof block === "string") return flatText(block, bench)
  if (!isObject(block)) return block === null ? [] : [unknown(kindOf(block), block, bench)]
  switch (block["type"]) {
    case "text":
    case "voice_note":
      return textBlock(block, pages, bench)
    case "thinking":
      return thinking(block, bench)
    case "tool_use":
      return toolUse(block, bench)
    case "tool_result":
      return toolResult(block, bench)
    default:
      return [unknown(wordsOf(block["type"]) ?? "block", block, bench)]
  }
}

const textBlock = (block: JsonObject, pages: ReadonlyMap<string, string>, bench: Workbench): Blocks => {
  const source = textOf(block["text"])
  if (source === null) return [unknown("text", block, bench)]
  if (source.trim() === "") return []
  const text = cleanText(source, bench.notes)
  const citations = objectsOf(block["citations"]).flatMap((citation): ReadonlyArray<Citation> => {
    const details = member(citation, "details")
    const url = wordsOf(member(details, "url")) ?? wordsOf(citation["url"])
    const title = wordsOf(member(details, "title")) ?? wordsOf(citation["title"]) ?? pages.get(url ?? "") ?? url
    if (title === null) return []
    return [{
      url: cleanUrlOrNull(url, bench.notes),
      title: cleanLabel(title, bench.notes),
      marker: marker(text, citation["start_index"], citation["end_index"])
    }]
  })
  return [{ _tag: "Text", text, citations }]
}

/** The cited words, where the offsets give words that stand in the text. */
const marker = (text: string, start: unknown, end: unknown): string | null => {
  if (!Number.isInteger(start) || !Number.isInteger(end)) return null
  const words = wordsOf(text.slice(Math.max(0, start as number), Math.max(0, end as number)))
  return words !== null && text.includes(words) ? words : null
}

const thinking = (block: JsonObject, bench: Workbench): Blocks => {
  const text = cleanText(textOf(block["thinking"]) ?? "", bench.notes)
  const summaries = objectsOf(block["summaries"]).map((part) => wordsOf(part["summary"])).filter((part) =>
    part !== null
  )
  const [start, stop] = [momentOf(block["start_timestamp"]), momentOf(block["stop_timestamp"])]
  if (text === "" && summaries.length === 0) return [unknown("thinking", block, bench)]
  return [{
    _tag: "Reasoning",
    text,
    summary: summaries.length === 0 ? null : cleanText(summaries.join("\n"), bench.notes),
    durationMs: start === null || stop === null || stop < start ? null : stop - start
  }]
}

/** A tool call; an artifact's content stands behind its call as what it is. */
const toolUse = (block: JsonObject, bench: Workbench): Blocks => {
  const [name, input] = [wordsOf(block["name"]) ?? "tool", block["input"]]
  const service = wordsOf(block["integration_name"])
  const label = cleanLabel(service === null ? name : `${service}: ${name}`, bench.notes)
  const content = name === "artifacts" ? artifactContent(input) : null
  if (content === null) {
    return [{
      _tag: "ToolCall",
      name: label,
      input: typeof input === "string" ? cleanText(input, bench.notes) : JSON.stringify(input ?? null)
    }]
  }
  const { [content.key]: _, ...rest } = input as JsonObject
  const text = cleanText(content.text, bench.notes)
  const markdown = rest["type"] === "text/markdown"
  return [
    { _tag: "ToolCall", name: label, input: JSON.stringify(rest) },
    markdown
      ? { _tag: "Text", text, citations: [] }
      : {
        _tag: "Code",
        text,
        language: cleanLabelOrNull(wordsOf(rest["language"]) ?? LANGUAGE.get(rest["type"]) ?? null, bench.notes)
      }
  ]
}

const LANGUAGE: ReadonlyMap<unknown, string> = new Map([
  ["text/html", "html"],
  ["image/svg+xml", "svg"],
  ["application/vnd.ant.mermaid", "mermaid"],
  ["application/vnd.ant.react", "tsx"]
])

/** A new version holds its content, a change the words it puts in. */
const artifactContent = (input: unknown): { readonly key: string; readonly text: string } | null => {
  for (const key of ["content", "new_str"]) {
    const text = wordsOf(member(input, key))
    if (text !== null) return { key, text }
  }
  return null
}

const toolResult = (block: JsonObject, bench: Workbench): Blocks => {
  const content = block["content"]
  const parts = listOf(content)
  const texts: Array<string> = typeof content === "string" ? [content] : []
  const citations: Array<Citation> = []
  const others: Array<Block> = []
  for (const part of parts) {
    const text = textOf(member(part, "text")) ?? textOf(part)
    const url = wordsOf(member(part, "url"))
    const title = wordsOf(member(part, "title")) ?? url
    if (text !== null) texts.push(text)
    if (title !== null) {
      citations.push({ url: cleanUrlOrNull(url, bench.notes), title: cleanLabel(title, bench.notes), marker: null })
    }
    if (text === null && title === null) others.push(unknown(wordsOf(member(part, "type")) ?? "result", part, bench))
  }
  return [{
    _tag: "ToolResult",
    name: cleanLabelOrNull(wordsOf(block["name"]), bench.notes),
    text: cleanText(texts.join("\n\n"), bench.notes),
    failed: block["is_error"] === true,
    citations
  }, ...others]
}

const attachment = (file: JsonObject, bench: Workbench): Block => {
  const name = wordsOf(file["file_name"])
  const type = wordsOf(file["file_type"])
  const words = wordsOf(file["extracted_content"])
  const asset = bench.desk.look(name ?? "", words !== null)
  return {
    _tag: "Attachment",
    source: cleanLabel(wordsOf(file["id"]) ?? name ?? "attachment", bench.notes),
    name: cleanLabelOrNull(name, bench.notes),
    mime: asset.content?.mime ?? cleanLabelOrNull(type?.includes("/") === true ? type : null, bench.notes),
    bytes: asset.content?.bytes ?? countOf(file["file_size"]),
    text: cleanTextOrNull(words, bench.notes),
    content: asset.content
  }
}

/** `files` and `files_v2` name the same files. */
const files = (message: JsonObject, bench: Workbench): Blocks => {
  const byId = new Map<string, JsonObject>()
  for (const file of [...objectsOf(message["files"]), ...objectsOf(message["files_v2"])]) {
    byId.set(
      wordsOf(file["file_uuid"]) ?? wordsOf(file["uuid"]) ?? wordsOf(file["file_name"]) ?? JSON.stringify(file),
      file
    )
  }
  return [...byId].map(([id, file]): Block => {
    const name = wordsOf(file["file_name"])
    const asset = bench.desk.look(name ?? id)
    const shown = {
      source: cleanLabel(id, bench.notes),
      name: cleanLabelOrNull(name, bench.notes),
      content: asset.content
    }
    const isImage = file["file_kind"] === "image" || asset.content?.mime.startsWith("image/") === true
    return isImage
      ? { _tag: "Image", ...shown, alt: null }
      : {
        _tag: "Attachment",
        ...shown,
        mime: asset.content?.mime ?? null,
        bytes: asset.content?.bytes ?? null,
        text: null
      }
  })
}
