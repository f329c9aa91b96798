/**
 * What becomes of a conversation when it is sealed, and while it is: the node keeps what it cannot open.
 *
 * X1  Sealed or opened is all of it, as its owner read it: after any other change, or where a message is missing, nothing happens.
 * X2  A sealed conversation remembers which messages it has and where they hang; no title, no tag, no hash of a word.
 * X3  Of a sealed conversation the key can be wrapped anew, under a newer master key alone.
 */
import * as Actor from "@vivim/actor/Actor"
import { InTrash, MessageTaken, NoSuchMessage } from "@vivim/contract/Document"
import { DocumentMoved, DocumentNotSealed } from "@vivim/contract/Sealed"
import { chunksOf } from "@vivim/event-schemas/document/Chunks"
import {
  ConversationRestated,
  ConversationSealed,
  ConversationUnsealed,
  type DocumentEvent,
  SealedConversationRestated,
  SealedHeadReplaced,
  SealedKeyRewrapped,
  SealedMessageAppended
} from "@vivim/event-schemas/document/index"
import { type CommandId, ContentHash, type DocumentId, type MessageId } from "@vivim/event-schemas/ids"
import * as HashMap from "effect/HashMap"
import { already, type DocumentState, initial, own, put, served } from "./DocumentState.ts"

const { accept, refuse } = Actor

/** As an import cuts them unless told otherwise: the whole goes in one append, whatever its pieces. */
const chunkMax = { messagesMax: 200, bytesMax: 1 << 20 }
/** What each event of a restatement has for itself. */
export const piecesOf = <M>(messages: ReadonlyArray<M>) =>
  chunksOf(messages, chunkMax).map((messages, index, { length }) => ({ chunk: { index, of: length }, messages }))

/** Every command has an id. */
interface Asked {
  readonly commandId: CommandId
}
type Event<Tag extends DocumentEvent["_tag"]> = Extract<DocumentEvent, { readonly _tag: Tag }>

/** What is asked on something that was read before. */
interface Read {
  readonly documentId: DocumentId
  readonly expected: number
}

const moved = ({ documentId }: Read) =>
  new DocumentMoved({ documentId, message: "The conversation is not as it was read: read it again." })

/**
 * Why what was read is not all there is, or null. An actor that has seen less than its owner finds out when it appends, and decides
 * anew.
 */
const isMoved = (read: Read, { version = 0 }: Actor.Circumstance) => version > read.expected ? moved(read) : null

/** Whether it is every message, each of them once. */
const isAll = (state: DocumentState, messages: ReadonlyArray<{ readonly id: MessageId }>) =>
  messages.length === HashMap.size(state.messages) &&
  new Set(messages.map(({ id }) => id)).size === messages.length &&
  messages.every(({ id }) => HashMap.has(state.messages, id))

const trashed = ({ trash }: DocumentState, { documentId }: Read) =>
  trash === null ? null : new InTrash({ documentId, purgeAt: trash.purgeAt })

/** Runs the decision for a sealed conversation that is as it was read. */
const sealed = <Command extends Read, D>(decide: (state: DocumentState, command: Command) => D) =>
  own((state: DocumentState, command: Command, circumstance) => {
    if (state.sealed === null) return refuse(new DocumentNotSealed({ documentId: command.documentId }))
    const refusal = isMoved(command, circumstance)
    return refusal === null ? decide(state, command) : refuse(refusal)
  })

type Seal =
  & Read
  & Pick<Event<"document.SealedConversationRestated">, "revision" | "key" | "head" | "files" | "messages">
type Restated = Event<"document.ConversationRestated">
type Unseal = Read & {
  readonly head:
    & Omit<
      Restated,
      "_tag" | "documentId" | "owner" | "chunk" | "trash" | "archived" | "deleted" | "imported" | "messages" | "raws"
    >
    & { readonly archivedAtSource: boolean }
  readonly messages: Restated["messages"]
}
type Append = Read & Pick<Event<"document.SealedMessageAppended">, "head" | "files" | "message">

export const decide = {
  SealConversation: served((state, { commandId: _, expected, messages, ...given }: Seal & Asked, circumstance) => {
    const read = { documentId: given.documentId, expected }
    const refusal = trashed(state, read) ?? isMoved(read, circumstance) ?? (isAll(state, messages) ? null : moved(read))
    if (refusal !== null) return refuse(refusal)
    const { archived, deletedMessages, owner } = state
    const said = { ...given, owner: owner!, archived, trash: null, deleted: [...deletedMessages] }
    return accept(
      ConversationSealed({ documentId: given.documentId }),
      ...piecesOf(messages).map((piece) => SealedConversationRestated({ ...said, ...piece }))
    )
  }),

  UnsealConversation: sealed((state, { documentId, expected, head, messages }: Unseal & Asked) => {
    const read = { documentId, expected }
    const refusal = trashed(state, read) ?? (isAll(state, messages) ? null : moved(read))
    if (refusal !== null) return refuse(refusal)
    const { archivedAtSource, ...said } = head
    const imported = { head: "", updatedAt: head.updatedAt, starred: head.starred, archived: archivedAtSource }
    const { archived, deletedMessages, owner } = state
    const place = { documentId, owner: owner!, archived, trash: null, deleted: [...deletedMessages] }
    const whole = { ...said, ...place, imported, raws: [] }
    return accept(
      ConversationUnsealed({ documentId }),
      ...piecesOf(messages).map((piece) => ConversationRestated({ ...whole, ...piece }))
    )
  }),

  AppendSealedMessage: sealed(({ messages }, { documentId, files, head, message }: Append & Asked) => {
    if (HashMap.has(messages, message.id)) return refuse(new MessageTaken({ messageId: message.id }))
    return message.parent === null || HashMap.has(messages, message.parent)
      ? accept(SealedMessageAppended({ documentId, head, files, message }))
      : refuse(new NoSuchMessage({ messageId: message.parent }))
  }),

  ReplaceSealedHead: sealed((_, { documentId, head }: Read & Pick<Append, "head"> & Asked) =>
    accept(SealedHeadReplaced({ documentId, head }))
  ),

  RewrapSealedKey: sealed(({ sealed }, { documentId, key }: Read & Pick<Seal, "key"> & Asked) =>
    key.generation > sealed!.generation
      ? accept(SealedKeyRewrapped({ documentId, key }))
      : already("its key is wrapped under that master key, or a newer one")
  )
}

/** Of a sealed message no hash is known. */
const unknown = ContentHash.make("0".repeat(64))
const unread = (messages: ReadonlyArray<{ readonly id: MessageId }>) =>
  messages.map(({ id }) => ({ id, hash: unknown }))

/** What either restatement begins with. */
const begun = (
  { archived, deleted, owner, trash }: Restated | Event<"document.SealedConversationRestated">,
  messages: Parameters<typeof put>[1]
): DocumentState => ({
  ...initial,
  owner,
  messages: put(HashMap.empty(), messages),
  deletedMessages: new Set(deleted),
  archived,
  trash: trash === null ? null : { purgeAt: trash.purgeAt, archived: trash.archived }
})

export const evolve = {
  // What it is from then on is said right after.
  "document.ConversationSealed": (state: DocumentState) => state,
  "document.ConversationUnsealed": (state: DocumentState) => state,
  "document.SealedConversationRestated": (
    state: DocumentState,
    event: Event<"document.SealedConversationRestated">
  ) =>
    event.chunk.index > 0
      ? { ...state, messages: put(state.messages, unread(event.messages)) }
      : { ...begun(event, unread(event.messages)), sealed: { generation: event.key.generation } },
  "document.ConversationRestated": (state: DocumentState, event: Restated) => {
    const { chunk, imported: { head, ...source }, messages, tags, title } = event
    return chunk.index > 0
      ? { ...state, messages: put(state.messages, messages) }
      : { ...begun(event, messages), title, head, source, tags: new Set(tags) }
  },
  "document.SealedMessageAppended": (state: DocumentState, event: Event<"document.SealedMessageAppended">) => ({
    ...state,
    messages: put(state.messages, unread([event.message]))
  }),
  "document.SealedHeadReplaced": (state: DocumentState) => state,
  "document.SealedKeyRewrapped": (state: DocumentState, { key }: Event<"document.SealedKeyRewrapped">) => ({
    ...state,
    sealed: { generation: key.generation }
  })
}
