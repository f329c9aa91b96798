/** What a reader is: a value that says which files it knows by their shape, and turns them into conversations in normal form. */
import type { FileConversation } from "@vivim/contract/AccountFile"
import type { ContentRef, Message } from "@vivim/event-schemas/document/Message"
import type { MessageId, Millis } from "@vivim/event-schemas/ids"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Assets } from "./Assets.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import type { EntryBroken, SourceFailed } from "./ImportRefused.ts"
import type { Sample } from "./Sample.ts"
import type { Entry } from "./Source.ts"

/** `found` is the sum of the others. `kept` are turns of the conversation, `hidden` are kept and not shown as turns. */
export interface NodeCounts {
  readonly found: number
  readonly kept: number
  readonly hidden: number
  readonly merged: number
  readonly quarantined: number
}

/** A conversation in normal form. */
export interface Conversation {
  readonly _tag: "Conversation"
  /** `empty`: nobody said anything in it. */
  readonly status: "imported" | "empty"
  readonly provider: string
  /** The provider's id; where the export has none, one derived from what does not change. At most 256 characters. */
  readonly sourceId: string
  /** Null when the export has none. */
  readonly title: string | null
  readonly summary: string | null
  readonly createdAt: Millis | null
  readonly updatedAt: Millis | null
  readonly archived: boolean | null
  readonly starred: boolean | null
  readonly model: string | null
  readonly project: string | null
  readonly tags: ReadonlyArray<string>
  /** The end of the path the product shows. */
  readonly leaf: MessageId | null
  /** In the order of the tree, parents before children. */
  readonly messages: ReadonlyArray<Message>
  readonly nodes: NodeCounts
  readonly quarantined: ReadonlyArray<{ readonly id: string; readonly reason: string }>
  /** Files the messages point at: stored, or not in the export. */
  readonly assets: { readonly resolved: number; readonly missing: number }
  readonly warnings: ReadonlyArray<string>
  /** This conversation's bytes as they stand in the file. */
  readonly raw: Uint8Array
  readonly place: Place
  /** The same conversation came before in this import, and this is the newer state of it. */
  readonly supersedes: Superseded | null
  /** All a VIVIM node knew of it besides its messages; only in one of its own exports. */
  readonly restated?: Omit<FileConversation, "documentId" | "format" | "hash" | "messages">
}

/** Where in the input something stands, in bytes of the unpacked file. */
export interface Place {
  readonly file: string
  readonly start: number
  readonly end: number
}

export interface Superseded {
  readonly status: "imported" | "empty"
  readonly nodes: NodeCounts
}

/** Stood where a conversation should, and is none, or one over a bound: quarantined. */
export interface Rejected {
  readonly _tag: "Rejected"
  readonly id: string | null
  readonly title: string | null
  readonly reason: string
  /** As far as they can be counted. */
  readonly nodes: number
  /** Null when it is over the size bound. */
  readonly raw: Uint8Array | null
  readonly place: Place
}

/** The same conversation came before in this import, as new or newer: only its raw bytes are of interest. */
export interface Merged {
  readonly _tag: "Merged"
  readonly provider: string
  readonly sourceId: string
  readonly title: string | null
  readonly reason: string
  readonly nodes: number
  readonly raw: Uint8Array
  readonly place: Place
}

/** A file, or a stretch of one, that holds no conversation. `content`: kept all the same, for readers to come. */
export interface Aside {
  readonly _tag: "Aside"
  readonly name: string
  readonly title: string | null
  readonly reason: string
  /** Records inside, when it is a list we know. */
  readonly records: number | null
  readonly content: ContentRef | null
}

export type Item = Conversation | Rejected | Merged | Aside

/** How sure a reader is that a file is its own, from 0 to 1, and what it saw. */
export interface Detection {
  readonly format: string
  readonly confidence: number
  readonly evidence: string
}

/** Stores bytes and answers where; what fails in the store itself is the store's own defect. */
export type Keep = (
  bytes: Stream.Stream<Uint8Array, EntryBroken | SourceFailed>,
  about: { readonly name: string; readonly mime: string }
) => Effect.Effect<ContentRef, EntryBroken | SourceFailed>

export interface ReadContext {
  readonly limits: ImportLimits
  readonly assets: Assets
  /** True while items are only counted because an earlier run has them: nothing is stored or hashed. */
  readonly counting: () => boolean
  /** Bytes of conversation files read so far. */
  readonly advance: (bytes: number) => void
}

/** Between this and an import's items stand only repeated conversations, which `Repeats` tells apart. */
export interface Reader {
  readonly name: string
  readonly detect: (sample: Sample) => Detection | null
  readonly read: (
    entry: Entry,
    sample: Sample,
    context: ReadContext
  ) => Stream.Stream<Conversation | Rejected | Aside, SourceFailed>
}
