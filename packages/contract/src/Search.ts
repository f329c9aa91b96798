/** Finding the message one half remembers. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { Role } from "@vivim/event-schemas/document/Message"
import { DocumentId, MessageId, Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { query, watch } from "./Call.ts"

const Count = Schema.Int.pipe(Schema.nonNegative())

/** Words to find: all of them if any message holds all, else the rarest; `"a phrase"`; `-not`; the last word may be unfinished. */
export const SearchQuery = {
  query: Schema.String.pipe(Schema.maxLength(512)),
  provider: Schema.optional(Schema.String),
  tag: Schema.optional(Schema.String),
  role: Schema.optional(Role),
  from: Schema.optional(Millis),
  to: Schema.optional(Millis),
  /** Look in hidden nodes too (system, tools, reasoning). */
  hidden: Schema.optional(Schema.Boolean),
  offset: Schema.optional(Count),
  limit: Schema.optional(Schema.Int.pipe(Schema.between(1, 100)))
}

/** A piece of text; `hit` marks what was searched for. Never HTML. */
export const Segment = Schema.Struct({ text: Schema.String, hit: Schema.Boolean })

export const SearchHit = Schema.Struct({
  documentId: DocumentId,
  /** Null when only the title was found. */
  messageId: Schema.NullOr(MessageId),
  title: Schema.Array(Segment),
  provider: Schema.String,
  role: Schema.NullOr(Role),
  at: Schema.NullOr(Millis),
  snippet: Schema.Array(Segment),
  score: Schema.Number
}).annotations({ identifier: "SearchHit" })
export type SearchHit = typeof SearchHit.Type

export const SearchResults = Schema.Struct({
  /** `all`: every word is in each hit; `some`: no message holds them all. */
  matched: Schema.Literal("all", "some", "none"),
  hits: Schema.Array(SearchHit),
  /** More hits follow these. */
  more: Schema.Boolean,
  /** Conversations that were not looked into, because they are sealed: their owner's devices search them. */
  sealed: Count
}).annotations({ identifier: "SearchResults" })
export type SearchResults = typeof SearchResults.Type

export class SearchViews extends RpcGroup.make(
  query("Search", "GET /search", "Find messages", {
    payload: SearchQuery,
    success: SearchResults,
    refusals: Schema.Never,
    needs: { role: "user", bucket: "search" }
  }),
  watch("WatchSearch", "GET /search/live", "Find messages, and go on finding", {
    payload: SearchQuery,
    success: SearchResults,
    refusals: Schema.Never,
    needs: { role: "user", bucket: "search" }
  })
) {}
