/**
 * Files of products that are not read yet, told by their shape, so that a refusal can say what it saw.
 *
 * F9  Each product in the table is named from its own shape.
 */
import { isObject, member, objectsOf } from "./Json.ts"
import type { Sample } from "./Sample.ts"

type Test = (sample: Sample) => boolean

/** Some record of the sample has all these keys. */
const records = (...keys: ReadonlyArray<string>): Test => (sample) =>
  sample.records.some((record) => isObject(record) && keys.every((key) => Object.hasOwn(record, key)))

const text = (pattern: RegExp): Test => (sample) => pattern.test(sample.text)

const TABLE: ReadonlyArray<readonly [product: string, test: Test]> = [
  ["a DeepSeek export", (sample) =>
    sample.records.some((record) => {
      const mapping = member(record, "mapping")
      return isObject(mapping) && Object.values(mapping).some((node) => isObject(member(node, "message")))
    })],
  ["a DeepSeek conversation", records("chat_session", "chat_messages")],
  ["Gemini activity from Google Takeout", records("header", "title", "time", "products")],
  ["Gemini activity from Google Takeout (HTML)", text(/Gemini Apps/)],
  ["a Google AI Studio chat", records("chunkedPrompt")],
  ["a Grok export", records("conversation", "responses")],
  ["a LibreChat export", records("conversationId", "messages")],
  [
    "an Open WebUI export",
    (sample) => sample.records.some((record) => isObject(member(member(record, "chat"), "history")))
  ],
  ["a Claude Code session", records("sessionId", "type")],
  ["a Codex session", records("timestamp", "type", "payload")],
  ["a Copilot activity history", text(/^\uFEFF?Conversation,Time,Author,Message/)],
  [
    "a Perplexity thread",
    (sample) =>
      sample.records.some((record) => objectsOf(member(record, "entries")).some((entry) => "query_str" in entry))
  ],
  ["an SQLite database", (sample) => sample.mime === "application/vnd.sqlite3"]
]

/** The product a file comes from, or null when no shape is known. */
export const foreignProduct = (sample: Sample): Foreign | null => TABLE.find(([, test]) => test(sample))?.[0] ?? null

/** As it stands in a sentence: "a LibreChat export". */
export type Foreign = string
