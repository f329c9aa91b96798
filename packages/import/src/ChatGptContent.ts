/**
 * What a message of ChatGPT holds, as blocks: every content type of its exports, and what is new kept word for word.
 *
 * C1  Each content type becomes the blocks of the research table; an unknown type or part stays whole as JSON.
 * C2  Pictures, sounds and files are shown by reference, with the stored bytes where the export has them.
 * C3  Whatever type a field has, reading it never fails.
 */
import type { Block } from "@vivim/event-schemas/document/Message"
import { attachedAssets, imageBlock, partBlocks } from "./ChatGptAssets.ts"
import { cite, searchCitations } from "./ChatGptCitations.ts"
import { cleanLabel, cleanLabelOrNull, cleanText, cleanTextOrNull, cleanUrlOrNull } from "./CleanText.ts"
import type { Workbench } from "./Draft.ts"
import {
  countOf,
  isObject,
  type JsonObject,
  kindOf,
  listOf,
  member,
  numberOf,
  objectsOf,
  textOf,
  wordsOf
} from "./Json.ts"

type Blocks = ReadonlyArray<Block>
type Read = (content: JsonObject, message: JsonObject, bench: Workbench) => Blocks

/** The blocks of one message: its content, then the files attached to it. */
export const blocksOf = (message: JsonObject, bench: Workbench): Blocks => {
  const content = message["content"]
  const own = content === undefined || content === null
    ? []
    : typeof content === "string"
    ? say(content, message, bench)
    : isObject(content)
    ? (READ.get(textOf(content["content_type"]) ?? "") ?? unknownContent)(content, message, bench)
    : [unknown(kindOf(content), content)]
  const context = member(message["metadata"], "user_context_message_data")
  return [
    ...own,
    ...(isObject(context) ? texts(Object.values(context), bench) : []),
    ...attachedAssets(message, bench)
  ]
}

const recipientOf = (message: JsonObject): string => wordsOf(message["recipient"]) ?? "all"

const roleOf = (message: JsonObject): string | null => textOf(member(message["author"], "role"))

const toolName = (message: JsonObject, bench: Workbench): string | null =>
  cleanLabelOrNull(wordsOf(member(message["author"], "name")), bench.notes)

/** Something kept as it stands. */
const unknown = (kind: string, value: unknown): Block => ({ _tag: "Unknown", kind, json: JSON.stringify(value) })

const unknownContent: Read = (content, _message, bench) => [
  unknown(cleanLabel(wordsOf(content["content_type"]) ?? "content", bench.notes), content)
]

/** Words: of a person or an answer, to a tool, or from one. */
const say = (source: string, message: JsonObject, bench: Workbench): Blocks => {
  if (source === "") return []
  const role = roleOf(message)
  const { citations, text } = cite(source, message["metadata"], role === "user", bench.notes)
  if (role === "tool") {
    const pages = [...citations, ...searchCitations(message["metadata"], bench.notes)]
    return [{ _tag: "ToolResult", name: toolName(message, bench), text, failed: false, citations: pages }]
  }
  const recipient = recipientOf(message)
  if (recipient !== "all") return call(recipient, source, bench)
  return [{ _tag: "Text", text, citations }]
}

/** A call of a tool; a canvas's document stands behind its call as what it is. */
const call = (recipient: string, input: string, bench: Workbench): Blocks => {
  const name = cleanLabel(recipient, bench.notes)
  const document = recipient.startsWith("canmore.create") ? parsed(input) : null
  const content = textOf(member(document, "content"))
  if (document === null || content === null) {
    return [{ _tag: "ToolCall", name, input: cleanText(input, bench.notes) }]
  }
  const { content: _, ...rest } = document
  const type = textOf(rest["type"]) ?? ""
  const text = cleanText(content, bench.notes)
  return [
    { _tag: "ToolCall", name, input: JSON.stringify(rest) },
    type.startsWith("code/")
      ? { _tag: "Code", text, language: cleanLabel(type.slice(5), bench.notes) }
      : { _tag: "Text", text, citations: [] }
  ]
}

const parsed = (json: string): JsonObject | null => {
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

const texts = (values: ReadonlyArray<unknown>, bench: Workbench): Blocks =>
  values.flatMap((value): Blocks =>
    typeof value !== "string"
      ? value === null || value === undefined ? [] : [unknown("part", value)]
      : value.trim() === ""
      ? []
      : [{ _tag: "Text", text: cleanText(value, bench.notes), citations: [] }]
  )

const readParts: Read = (content, message, bench) =>
  listOf(content["parts"]).flatMap((part): Blocks =>
    typeof part === "string" ? say(part, message, bench) : partBlocks(part, message, bench)
  )

const readText: Read = (content, message, bench) =>
  typeof content["text"] === "string" && content["parts"] === undefined
    ? say(content["text"], message, bench)
    : readParts(content, message, bench)

const readCode: Read = (content, message, bench) => {
  const text = textOf(content["text"])
  if (text === null) return readParts(content, message, bench)
  if (text === "") return []
  const recipient = recipientOf(message)
  if (recipient !== "all") return call(recipient, text, bench)
  const language = wordsOf(content["language"])
  const known = language === "unknown" ? null : cleanLabelOrNull(language, bench.notes)
  return [{ _tag: "Code", text: cleanText(text, bench.notes), language: known }]
}

/** A tool's answer with its text under `key`. */
const toolText = (...keys: ReadonlyArray<string>): Read => (content, message, bench) => {
  const source = keys.map((key) => textOf(content[key])).find((text) => text !== null) ?? null
  const { citations, text } = cite(source ?? "", message["metadata"], false, bench.notes)
  const aggregate = member(message["metadata"], "aggregate_result")
  const failed = isObject(member(aggregate, "in_kernel_exception")) || isObject(member(aggregate, "system_exception"))
  const pages = [...citations, ...searchCitations(message["metadata"], bench.notes)]
  const images = objectsOf(member(aggregate, "messages")).flatMap((drawn): Blocks => {
    const pointer = wordsOf(drawn["image_url"])
    return pointer === null ? [] : [imageBlock(pointer, null, message, bench)]
  })
  if (source === null && pages.length === 0 && images.length === 0) return unknownContent(content, message, bench)
  return [{ _tag: "ToolResult", name: toolName(message, bench), text, failed, citations: pages }, ...images]
}

/** A page a tool brought. */
const readPage: Read = (content, message, bench) => {
  const url = wordsOf(content["url"])
  const title = wordsOf(content["title"]) ?? wordsOf(content["domain"]) ?? url
  const { text } = cite(textOf(content["text"]) ?? textOf(content["snippet"]) ?? "", null, false, bench.notes)
  const page = title === null
    ? []
    : [{ url: cleanUrlOrNull(url, bench.notes), title: cleanLabel(title, bench.notes), marker: null }]
  const others = searchCitations(message["metadata"], bench.notes).filter((found) => found.url !== url)
  return [{ _tag: "ToolResult", name: toolName(message, bench), text, failed: false, citations: [...page, ...others] }]
}

const readError: Read = (content, message, bench) => {
  const words = [wordsOf(content["name"]), wordsOf(content["text"])].filter((part) => part !== null).join(": ")
  const text = cleanText(words, bench.notes)
  return [{ _tag: "ToolResult", name: toolName(message, bench), text, failed: true, citations: [] }]
}

const readScreen: Read = (content, message, bench) => {
  const state = content["state"]
  const title = wordsOf(member(state, "title"))
  const url = wordsOf(member(state, "url"))
  const page = cleanLabel(title ?? url ?? "", bench.notes)
  const citations = page === "" ? [] : [{ url: cleanUrlOrNull(url, bench.notes), title: page, marker: null }]
  const pointer = wordsOf(member(content["screenshot"], "asset_pointer"))
  return [
    { _tag: "ToolResult", name: toolName(message, bench), text: page, failed: false, citations },
    ...(pointer === null ? [] : [imageBlock(pointer, null, message, bench)])
  ]
}

const readThoughts: Read = (content, message, bench) => {
  const thoughts = objectsOf(content["thoughts"]).flatMap((thought): Blocks => {
    const chunks = listOf(thought["chunks"]).filter((chunk) => typeof chunk === "string").join("")
    const text = cleanText(wordsOf(thought["content"]) ?? chunks, bench.notes)
    const summary = cleanTextOrNull(wordsOf(thought["summary"]), bench.notes)
    return text === "" && summary === null ? [] : [{ _tag: "Reasoning", text, summary, durationMs: null }]
  })
  return thoughts.length > 0 ? thoughts : reasoningParts(content, message, bench)
}

/** Older and foreign writers put thoughts into `parts`, `text` or `content`. */
const reasoningParts: Read = (content, message, bench) => {
  const durationMs = durationOf(message["metadata"])
  const words = [...listOf(content["parts"]), content["text"], content["content"]]
  return words.flatMap((part): Blocks =>
    wordsOf(part) === null
      ? []
      : [{ _tag: "Reasoning", text: cleanText(part as string, bench.notes), summary: null, durationMs }]
  )
}

const durationOf = (metadata: unknown): number | null => {
  const seconds = numberOf(member(metadata, "finished_duration_sec"))
  return countOf(seconds === null ? null : seconds * 1_000)
}

const readContext: Read = (content, _message, bench) =>
  texts([content["user_profile"], content["user_instructions"], content["model_set_context"]], bench)

const READ: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["text", readText],
  ["multimodal_text", readParts],
  ["code", readCode],
  ["execution_output", toolText("text")],
  ["computer_output", readScreen],
  ["tether_browsing_display", toolText("result", "summary")],
  ["tether_quote", readPage],
  ["sonic_webpage", readPage],
  ["citable_code_output", toolText("output_str")],
  ["system_error", readError],
  ["thoughts", readThoughts],
  ["reasoning_recap", reasoningParts],
  ["user_editable_context", readContext],
  ["model_editable_context", readContext]
])
