/** What one message of a conversation holds, whichever product it came from. Part of stored events: what is published is never edited. */
import * as Schema from "effect/Schema"
import { ContentHash, MessageId, Millis, Text } from "../ids.ts"

/** Where a kept file lies in the content store: address (SHA-256 of the bytes), length in bytes, media type as sniffed. */
export const ContentRef = Schema.Struct({
  hash: ContentHash,
  bytes: Schema.Int.pipe(Schema.nonNegative()),
  mime: Text
})
export type ContentRef = typeof ContentRef.Type

/** A page or file an answer points at. */
export const Citation = Schema.Struct({
  url: Schema.NullOr(Text),
  title: Text,
  /** The words in the text that carry the mark, when the export says so. */
  marker: Schema.NullOr(Text)
})
export type Citation = typeof Citation.Type

/** Markdown text, as the person or the model wrote it. */
const TextBlock = Schema.TaggedStruct("Text", { text: Text, citations: Schema.Array(Citation) })
/** Program text that stands alone (a canvas, an artifact, a code call); fenced code inside Text stays there. */
const Code = Schema.TaggedStruct("Code", { text: Text, language: Schema.NullOr(Text) })
/** What the model thought before it answered; `durationMs` when the product says so. */
const Reasoning = Schema.TaggedStruct("Reasoning", {
  text: Text,
  summary: Schema.NullOr(Text),
  durationMs: Schema.NullOr(Millis)
})
/** A tool was called: its name and its input, as text. */
const ToolCall = Schema.TaggedStruct("ToolCall", { name: Text, input: Text })
/** A tool answered. */
const ToolResult = Schema.TaggedStruct("ToolResult", {
  name: Schema.NullOr(Text),
  text: Text,
  failed: Schema.Boolean,
  citations: Schema.Array(Citation)
})
/** A picture: stored when the export holds its bytes, else only referenced by its source name. */
const Image = Schema.TaggedStruct("Image", {
  source: Text,
  name: Schema.NullOr(Text),
  alt: Schema.NullOr(Text),
  content: Schema.NullOr(ContentRef)
})
/** A file: stored or referenced; `text` is what the product extracted from it. */
const Attachment = Schema.TaggedStruct("Attachment", {
  source: Text,
  name: Schema.NullOr(Text),
  mime: Schema.NullOr(Text),
  bytes: Schema.NullOr(Schema.Int),
  text: Schema.NullOr(Text),
  content: Schema.NullOr(ContentRef)
})
/** Something this build does not know: kept word for word as JSON, shown inert. */
const Unknown = Schema.TaggedStruct("Unknown", { kind: Text, json: Text })

export const Block = Schema.Union(TextBlock, Code, Reasoning, ToolCall, ToolResult, Image, Attachment, Unknown)
export type Block = typeof Block.Type

export const Role = Schema.Literal("user", "assistant", "system", "tool")
export type Role = typeof Role.Type

/** One node of the conversation's tree. `parent` null: a root. `hidden` says why the product does not show it, or null. */
export const Message = Schema.Struct({
  id: MessageId,
  parent: Schema.NullOr(MessageId),
  role: Role,
  /** The speaker's or tool's own name, if it has one. */
  author: Schema.NullOr(Text),
  model: Schema.NullOr(Text),
  at: Schema.NullOr(Millis),
  hidden: Schema.NullOr(Text),
  blocks: Schema.Array(Block),
  /** SHA-256 over the canonical bytes of everything above, with all strings in NFC: what differs in normalisation only is the same. */
  hash: ContentHash
})
export type Message = typeof Message.Type
