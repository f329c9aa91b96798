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
export const chunkMax = { messagesMax: 200, bytesMax: 1 << 20 }

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
    const chunks = chunksOf(messages, chunkMax)
    return accept(
      ConversationSealed({ documentId: given.documentId }),
      ...chunks.map((messages, index) =>
        SealedConversationRestated({ ...said, chunk: { index, of: chunks.length }, messages })
      )
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
    const chunks = chunksOf(messages, chunkMax)
    return accept(
      ConversationUnsealed({ documentId }),
      ...chunks.map((messages, index) =>
        ConversationRestated({ ...whole, chunk: { index, of: chunks.length }, messages })
      )
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

export const evolve = {
  // What it is from then on is said right after.
  "document.ConversationSealed": (state: DocumentState) => state,
  "document.ConversationUnsealed": (state: DocumentState) => state,
  "document.SealedConversationRestated": (
    state: DocumentState,
    event: Event<"document.SealedConversationRestated">
  ) => {
    const { archived, chunk, deleted, key, messages, owner, trash } = event
    if (chunk.index > 0) return { ...state, messages: put(state.messages, unread(messages)) }
    return {
      ...initial,
      owner,
      messages: put(HashMap.empty(), unread(messages)),
      deletedMessages: new Set(deleted),
      archived,
      trash: trash === null ? null : { purgeAt: trash.purgeAt, archived: trash.archived },
      sealed: { generation: key.generation }
    }
  },
  "document.ConversationRestated": (
    state: DocumentState,
    { chunk, messages, ...restated }: Event<"document.ConversationRestated">
  ) =>
    chunk.index > 0 ? { ...state, messages: put(state.messages, messages) } : {
      ...initial,
      owner: restated.owner,
      title: restated.title,
      head: restated.imported.head,
      source: {
        updatedAt: restated.imported.updatedAt,
        starred: restated.imported.starred,
        archived: restated.imported.archived
      },
      messages: put(HashMap.empty(), messages),
      deletedMessages: new Set(restated.deleted),
      tags: new Set(restated.tags),
      archived: restated.archived,
      trash: restated.trash === null
        ? null
        : { purgeAt: restated.trash.purgeAt, archived: restated.trash.archived }
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
