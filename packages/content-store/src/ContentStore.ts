/**
 * Where bytes are kept that are too large for events: raw records, pictures, attachments, receipts.
 * Content-addressed per owner, compressed where that helps, sealed.
 *
 * K1  What was put is got back, byte for byte, by its owner alone.
 * K2  The same content of one owner is kept once.
 * K3  Altered or missing parts are found out, never handed on.
 */
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"

/** The store cannot be reached, or what it holds is not what was put. */
export class ContentStoreError extends Schema.TaggedError<ContentStoreError>()("ContentStoreError", {
  doing: Schema.String,
  cause: Schema.Defect
}) {}

/** More bytes than one content may have; nothing of it was kept. */
export class ContentTooLarge extends Schema.TaggedError<ContentTooLarge>()("ContentTooLarge", { max: Schema.Int }) {}

export class ContentStore extends Context.Tag("@vivim/content-store/ContentStore")<ContentStore, {
  /** Keeps bytes that are at hand. */
  readonly put: (
    owner: string,
    bytes: Uint8Array,
    mime: string
  ) => Effect.Effect<ContentRef, ContentStoreError | ContentTooLarge>
  /** Keeps bytes as they come, a part at a time. `E` is the source's own failure: then nothing is kept. */
  readonly putStream: <E>(
    owner: string,
    bytes: Stream.Stream<Uint8Array, E>,
    mime: string
  ) => Effect.Effect<ContentRef, E | ContentStoreError | ContentTooLarge>
  /** The content with this hash, part by part, and what it is; null when this owner has none. */
  readonly get: (owner: string, hash: string) => Effect.Effect<
    { readonly ref: ContentRef; readonly bytes: Stream.Stream<Uint8Array, ContentStoreError> } | null,
    ContentStoreError
  >
}>() {}
