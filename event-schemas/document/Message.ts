/** What one message of a conversation holds, whichever product it came from. Part of stored events: it may grow, never change. */
import * as Schema from "effect/Schema"
import { ContentHash, MessageId, Millis } from "../ids.ts"

/** Where a kept file lies in the content store: address (SHA-256 of the bytes), length in bytes, media type as sniffed. */
export const ContentRef = Schema.Struct({
  hash: ContentHash,
  bytes: Schema.Int.pipe(Schema.nonNegative()),
  mime: Schema.String
})
export type ContentRef = typeof ContentRef.Type

/** A page or file an answer points at. */
export const Citation = Schema.Struct({
  url: Schema.NullOr(Schema.String),
  title: Schema.String,
  /** The words in the text that carry the mark, when the export says so. */
  marker: Schema.NullOr(Schema.String)
})
export type Citation = typeof Citation.Type

/** Markdown text, as the person or the model wrote it. */
export const Text = Schema.TaggedStruct("Text", { text: Schema.String, citations: Schema.Array(Citation) })
/** Program text that stands alone (a canvas, an artifact, a code call); fenced code inside Text stays there. */
export const Code = Schema.TaggedStruct("Code", { text: Schema.String, language: Schema.NullOr(Schema.String) })
/** What the model thought before it answered; `durationMs` when the product says so. */
export const Reasoning = Schema.TaggedStruct("Reasoning", {
  text: Schema.String,
  summary: Schema.NullOr(Schema.String),
  durationMs: Schema.NullOr(Millis)
})
/** A tool was called: its name and its input, as text. */
export const ToolCall = Schema.TaggedStruct("ToolCall", { name: Schema.String, input: Schema.String })
/** A tool answered. */
export const ToolResult = Schema.TaggedStruct("ToolResult", {
  name: Schema.NullOr(Schema.String),
  text: Schema.String,
  failed: Schema.Boolean,
  citations: Schema.Array(Citation)
})
/** A picture: stored when the export holds its bytes, else only referenced by its source name. */
export const Image = Schema.TaggedStruct("Image", {
  source: Schema.String,
  name: Schema.NullOr(Schema.String),
  alt: Schema.NullOr(Schema.String),
  content: Schema.NullOr(ContentRef)
})
/** A file: stored or referenced; `text` is what the product extracted from it. */
export const Attachment = Schema.TaggedStruct("Attachment", {
  source: Schema.String,
  name: Schema.NullOr(Schema.String),
  mime: Schema.NullOr(Schema.String),
  bytes: Schema.NullOr(Schema.Int),
  text: Schema.NullOr(Schema.String),
  content: Schema.NullOr(ContentRef)
})
/** Something this build does not know: kept word for word as JSON, shown inert. */
export const Unknown = Schema.TaggedStruct("Unknown", { kind: Schema.String, json: Schema.String })

export const Block = Schema.Union(Text, Code, Reasoning, ToolCall, ToolResult, Image, Attachment, Unknown)
export type Block = typeof Block.Type

export const Role = Schema.Literal("user", "assistant", "system", "tool")
export type Role = typeof Role.Type

/** One node of the conversation's tree. `parent` null: a root. `hidden` says why the product does not show it, or null. */
export const Message = Schema.Struct({
  id: MessageId,
  parent: Schema.NullOr(MessageId),
  role: Role,
  /** The speaker's or tool's own name, if it has one. */
  author: Schema.NullOr(Schema.String),
  model: Schema.NullOr(Schema.String),
  at: Schema.NullOr(Millis),
  hidden: Schema.NullOr(Schema.String),
  blocks: Schema.Array(Block),
  /** SHA-256 over the canonical bytes of everything above. */
  hash: ContentHash
})
export type Message = typeof Message.Type
