/**
 * What travels of a conversation that its owner's devices sealed: bytes the node cannot open, and what it has to be told beside them.
 *
 * How they are sealed, `packages/client` says (`src/sealed`). The node keeps them, and answers whoever asks for words with `DocumentSealed`.
 */
import { ContentRef, Message } from "@vivim/event-schemas/document/Message"
import { CommandId, DocumentId, ImportId, MessageId, Millis, Tag, Text } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { base64 } from "./IdentityBytes.ts"

/** Its words are sealed: only devices of its owner open them, and the node has nothing to read, to search or to add to. */
export class DocumentSealed
  extends Schema.TaggedError<DocumentSealed>()("DocumentSealed", { documentId: DocumentId, message: Schema.String })
{}
export const documentSealed = (documentId: DocumentId): DocumentSealed =>
  new DocumentSealed({
    documentId,
    message: "This conversation is sealed: only its owner's devices open it."
  })

/** It is not sealed, and takes messages as they are. */
export class DocumentNotSealed
  extends Schema.TaggedError<DocumentNotSealed>()("DocumentNotSealed", { documentId: DocumentId })
{}

/** It is not as it was read: something was written meanwhile, or not all of it was handed over. Read it again. */
export class DocumentMoved
  extends Schema.TaggedError<DocumentMoved>()("DocumentMoved", { documentId: DocumentId, message: Schema.String })
{}

/** No more than the log takes in one event. */
const sealedMax = 16 * 1_024 * 1_024
const Sealed = base64(1, sealedMax, "sealed bytes")

export const SealedMessage = Schema.Struct({ id: MessageId, parent: Schema.NullOr(MessageId), sealed: Sealed })
  .annotations({ identifier: "SealedMessage" })
export type SealedMessage = typeof SealedMessage.Type

/** `day`: when it was last said something in, to the day, so that lists stay in order. */
export const SealedHead = Schema.Struct({ sealed: Sealed, day: Schema.NullOr(Millis) })
export type SealedHead = typeof SealedHead.Type

/** The key of the sealing, wrapped under a key of that generation of the owner's master key. */
export const SealedKey = Schema.Struct({
  generation: Schema.Int.pipe(Schema.positive()),
  wrapped: base64(1, 512, "a wrapped key")
})
export type SealedKey = typeof SealedKey.Type

/** Sealed files, as they were uploaded. */
export const SealedFiles = Schema.Array(ContentRef)

/** Which sealing it is, and what its owner's device needs for opening its title. */
export const SealedSummary = Schema.Struct({ revision: CommandId, key: SealedKey, head: SealedHead })
  .annotations({ identifier: "SealedSummary" })
export type SealedSummary = typeof SealedSummary.Type

/** All of a sealed conversation. `version`: how many changes there were, for whoever goes on from here. */
export const SealedDocument = Schema.Struct({
  documentId: DocumentId,
  version: Schema.Int,
  ...SealedSummary.fields,
  files: SealedFiles,
  messages: Schema.Array(SealedMessage)
}).annotations({ identifier: "SealedDocument" })
export type SealedDocument = typeof SealedDocument.Type

/** What is said of a conversation as a whole, so that nothing of it is lost when it is sealed and opened again. */
export const DocumentHead = Schema.Struct({
  provider: Schema.String.pipe(Schema.pattern(/^[a-z0-9-]{1,32}$/)),
  importId: Schema.NullOr(ImportId),
  sourceId: Schema.NullOr(Text),
  /** The title the owner gave, and the export's. */
  title: Schema.NullOr(Text),
  sourceTitle: Schema.NullOr(Text),
  model: Schema.NullOr(Text),
  project: Schema.NullOr(Text),
  createdAt: Schema.NullOr(Millis),
  updatedAt: Schema.NullOr(Millis),
  /** Where it stands in the library when it has no date. */
  sortedAt: Millis,
  leaf: Schema.NullOr(MessageId),
  starred: Schema.Boolean,
  archivedAtSource: Schema.Boolean,
  warnings: Schema.Array(Text),
  tags: Schema.Array(Tag)
}).annotations({ identifier: "DocumentHead" })
export type DocumentHead = typeof DocumentHead.Type

/** What commands about sealed conversations carry. `expected`: the version that was read. */
const read = { documentId: DocumentId, expected: Schema.Int.pipe(Schema.nonNegative()) }
export const Sealing = {
  seal: {
    ...read,
    revision: CommandId,
    key: SealedKey,
    head: SealedHead,
    files: SealedFiles,
    messages: Schema.Array(SealedMessage)
  },
  unseal: { ...read, head: DocumentHead, messages: Schema.Array(Message) },
  append: { ...read, head: SealedHead, files: SealedFiles, message: SealedMessage },
  replaceHead: { ...read, head: SealedHead },
  rewrap: { ...read, key: SealedKey }
}
