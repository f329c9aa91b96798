/** What a conversation must remember to decide, and who may have anything decided. */
import * as Actor from "@vivim/actor/Actor"
import { DocumentDeleted, NoSuchDocument } from "@vivim/contract/Document"
import { NothingToChange } from "@vivim/contract/Refusal"
import { documentSealed } from "@vivim/contract/Sealed"
import type { Message } from "@vivim/event-schemas/document/Message"
import { ContentHash, Did, type DocumentId, MessageId, Millis, Tag } from "@vivim/event-schemas/ids"
import * as HashMap from "effect/HashMap"
import * as Schema from "effect/Schema"

const { refuse } = Actor

/** Which messages it has, never what they say. */
export const DocumentState = Schema.Struct({
  owner: Schema.NullOr(Did),
  deleted: Schema.Boolean,
  title: Schema.NullOr(Schema.String),
  /** The last import's own head, to tell a re-import with news from one without. */
  head: Schema.String,
  /** How new that state was, and what the provider had it marked as. */
  source: Schema.Struct({ updatedAt: Schema.NullOr(Millis), starred: Schema.Boolean, archived: Schema.Boolean }),
  messages: Schema.HashMap({ key: MessageId, value: ContentHash }),
  deletedMessages: Schema.ReadonlySet(MessageId),
  tags: Schema.ReadonlySet(Tag),
  archived: Schema.Boolean,
  /** Until when it can be restored, and whether it was archived before. */
  trash: Schema.NullOr(Schema.Struct({ purgeAt: Millis, archived: Schema.Boolean })),
  /** Null unless its words are sealed: then it has no title, no tags and no hashes, and the key is wrapped under that master key. */
  sealed: Schema.NullOr(Schema.Struct({ generation: Schema.Int }))
})
export type DocumentState = typeof DocumentState.Type

export const initial: DocumentState = {
  owner: null,
  deleted: false,
  title: null,
  head: "",
  source: { updatedAt: null, starred: false, archived: false },
  messages: HashMap.empty(),
  deletedMessages: new Set(),
  tags: new Set(),
  archived: false,
  trash: null,
  sealed: null
}

/** Why this caller cannot touch the conversation, or null. */
export const closed = ({ deleted, owner }: DocumentState, documentId: DocumentId, by: Did) =>
  owner !== by ? new NoSuchDocument({ documentId }) : deleted ? new DocumentDeleted({ documentId }) : null

/** Runs the decision for the owner of a conversation that is there. */
export const own = <Command extends { readonly documentId: DocumentId }, D>(
  decide: (state: DocumentState, command: Command, circumstance: Actor.Circumstance) => D
) =>
(state: DocumentState, command: Command, circumstance: Actor.Circumstance) => {
  const refusal = closed(state, command.documentId, circumstance.by)
  return refusal === null ? decide(state, command, circumstance) : refuse(refusal)
}

/** The same of one whose words the node can read: to one that is sealed it adds nothing. */
export const served = <Command extends { readonly documentId: DocumentId }, D>(
  decide: (state: DocumentState, command: Command, circumstance: Actor.Circumstance) => D
) =>
  own<Command, D | ReturnType<typeof refuseSealed>>((state, command, circumstance) =>
    state.sealed === null ? decide(state, command, circumstance) : refuseSealed(command.documentId)
  )

export const refuseSealed = (documentId: DocumentId) => refuse(documentSealed(documentId))

export const already = (message: string) => refuse(new NothingToChange({ message }))

/** Messages it has from now on. */
export const put = (messages: DocumentState["messages"], added: ReadonlyArray<Pick<Message, "id" | "hash">>) =>
  HashMap.mutate(messages, (draft) => {
    for (const { hash, id } of added) HashMap.set(draft, id, hash)
  })
