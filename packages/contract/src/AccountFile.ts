/**
 * The file an account leaves a node in, and comes to another with: what lies in it, and what of it is equal wherever it lies. A zip (APPNOTE 6.3,
 * with zip64) of JSON, JSON lines, Markdown and a CBOR sequence; `packages/export/README.md` describes it for readers of other programs.
 *
 * F1  The content hash of a conversation depends on nothing that is another on another node or in another account.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import { ContentRef, Message } from "@vivim/event-schemas/document/Message"
import {
  ContentHash,
  Did,
  DisplayName,
  DocumentId,
  Handle,
  MessageId,
  Millis,
  Tag,
  Text
} from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { KemKey, SignedOperation } from "./IdentityBytes.ts"

/** The form this build writes and reads; another one is refused. */
export const accountFormat = "vivim-account/1"
/** What each line of `conversations.jsonl` begins with. */
export const conversationFormat = "vivim-conversation/1"

/** Where things lie in the file. `manifest` comes last, `identity` first and unpacked, so that a client that only reads the beginning has it. */
export const places = {
  identity: "identity.json",
  account: "account.json",
  events: "events.cborseq",
  conversations: "conversations.jsonl",
  imports: "imports.jsonl",
  security: "security.jsonl",
  contents: "contents/",
  markdown: "markdown/",
  readme: "README.txt",
  manifest: "manifest.json"
} as const

const Count = Schema.Int.pipe(Schema.nonNegative())

/** One entry of the file: its name, its unpacked bytes and their SHA-256. */
export const FileEntry = Schema.Struct({ name: Schema.String, bytes: Count, sha256: ContentHash })
export type FileEntry = typeof FileEntry.Type

/** What the file holds, said at its end. */
export const Manifest = Schema.Struct({
  format: Schema.Literal(accountFormat),
  /** The program that wrote it. */
  writer: Schema.String,
  did: Did,
  handle: Handle,
  exportedAt: Millis,
  /** The log of the node up to here is in it. */
  upTo: Count,
  counts: Schema.Struct({
    conversations: Count,
    messages: Count,
    events: Count,
    /** Events whose private part nobody can read any more: shredded with what was deleted. */
    shredded: Count,
    contents: Count,
    /** Contents that are spoken of and no longer there. */
    missing: Count
  }),
  entries: Schema.Array(FileEntry),
  /** SHA-256 over `linesOf(entries)`. */
  root: ContentHash,
  /** SHA-256 over the content hashes of all conversations, sorted, a line each: equal files of one account have equal ones on any node. */
  content: ContentHash
})
export type Manifest = typeof Manifest.Type

/** What `root` is the hash of: a line for each entry but the manifest, sorted, as `sha256sum` writes and checks them. */
export const linesOf = (entries: ReadonlyArray<FileEntry>): string =>
  entries.map(({ name, sha256 }) => `${sha256}  ${name}\n`).toSorted().join("")

/** Who the account is, as it proves it: the operations of its log, and the keys they name. Without operations for an account that has no log. */
export const FileIdentity = Schema.Struct({
  format: Schema.Literal("vivim-identity/1"),
  did: Did,
  handle: Handle,
  displayName: DisplayName,
  bio: Schema.String,
  operations: Schema.Array(SignedOperation),
  kemKeys: Schema.Array(KemKey)
})
export type FileIdentity = typeof FileIdentity.Type

/** What is known of a conversation besides its messages and its id. */
export const conversationHead = {
  provider: Schema.String.pipe(Schema.pattern(/^[a-z0-9-]{1,32}$/)),
  /** The provider's id; of a conversation that began here, its own. */
  sourceId: Text.pipe(Schema.minLength(1), Schema.maxLength(1_024)),
  /** The title its owner gave it, and the provider's. */
  title: Schema.NullOr(Text),
  sourceTitle: Schema.NullOr(Text),
  model: Schema.NullOr(Text),
  project: Schema.NullOr(Text),
  createdAt: Schema.NullOr(Millis),
  updatedAt: Schema.NullOr(Millis),
  /** Where it stands among others when it has no date. */
  sortedAt: Millis,
  leaf: Schema.NullOr(MessageId),
  starred: Schema.Boolean,
  archived: Schema.Boolean,
  tags: Schema.Array(Tag),
  /** In the trash until `purgeAt`; `archived`: whether it was before. */
  trash: Schema.NullOr(Schema.Struct({ purgeAt: Millis, archived: Schema.Boolean })),
  /** Messages that were deleted, and do not come back. */
  deleted: Schema.Array(MessageId),
  warnings: Schema.Array(Text),
  /** What the last import said of it as a whole, to tell one with news from one without. */
  imported: Schema.Struct({
    head: Text,
    updatedAt: Schema.NullOr(Millis),
    starred: Schema.Boolean,
    archived: Schema.Boolean
  }),
  /** The verbatim records it was read from. */
  raws: Schema.Array(ContentRef)
}

/** A line of `conversations.jsonl`. `hash` is the SHA-256 of `contentOf`. */
export const FileConversation = Schema.Struct({
  format: Schema.Literal(conversationFormat),
  hash: ContentHash,
  documentId: DocumentId,
  ...conversationHead,
  messages: Schema.Array(Message)
})
export type FileConversation = typeof FileConversation.Type

/** What is equal of a conversation wherever it lies: all but its id here, and where it is sorted. Messages count by their hashes. */
export const contentOf = (
  { documentId: _, messages, raws, sortedAt: __, tags, deleted, ...said }: Omit<FileConversation, "format" | "hash">
): Uint8Array =>
  Canonical.encode({
    ...said,
    tags: [...tags].toSorted(),
    deleted: [...deleted].toSorted(),
    raws: raws.map(({ hash }) => hash).toSorted(),
    messages: messages.map(({ hash }) => hash)
  })
