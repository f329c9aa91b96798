/**
 * A conversation: a tree of messages with one owner.
 *
 * D1  Only the owner sees or changes it; to anyone else it does not exist.
 * D2  An imported chunk adds what the archive has not, replaces what changed, and loses nothing that the file no longer holds.
 * D3  The same chunk again changes nothing, and says so; kept + hidden + merged is the number of nodes it was handed.
 * D4  A message is said once, under a parent that is there.
 * D5  What is asked for twice is refused as no change: titles, tags, archiving.
 * D7  An older state than the archive has adds the messages it lacks, and takes nothing back.
 * D8  What is in the trash can be restored as it was until its time there is over, and is purged after that; before only when
 *     that is asked for.
 * D9  A deleted message does not come back, whatever is imported again; what was said after it follows what was said before.
 * D10  Of a conversation whose keys were destroyed its owner is known, and that it is gone; one that was restated is as it was.
 * D11  To one that is sealed its owner's devices add sealed things only; the rest stands in `DocumentSealing`.
 * D12  A conversation from another node is here as it was there, once; to one that is here already only what it lacks is added.
 * D6  A deleted conversation takes nothing more.
 */
import * as Actor from "@vivim/actor/Actor"
import {
  DocumentAddress,
  DocumentTaken,
  ImportedChunk,
  InTrash,
  MessageTaken,
  NoSuchDocument,
  NoSuchMessage,
  NotInTrash,
  TrashKeepMs
} from "@vivim/contract/Document"
import {
  ConversationArchived,
  ConversationDeleted,
  ConversationImported,
  ConversationRenamed,
  ConversationRestated,
  ConversationRestored,
  ConversationStarted,
  ConversationTagged,
  ConversationTrashed,
  ConversationUnarchived,
  ConversationUntagged,
  type DocumentEvent,
  DocumentEvents,
  MessageAppended,
  MessageDeleted
} from "@vivim/event-schemas/document/index"
import type { Message } from "@vivim/event-schemas/document/Message"
import type { DocumentId } from "@vivim/event-schemas/ids"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as DocumentSealing from "./DocumentSealing.ts"
import { already, closed, DocumentState, initial, own, put, refuseSealed, served } from "./DocumentState.ts"

const { accept, refuse } = Actor

type Head = Omit<Parameters<typeof ConversationImported>[0], "owner" | "counts" | "messages">

/** All that a chunk says of the conversation as a whole. The record it was read from and its warnings are no news by themselves. */
const headOf = (head: Head) => {
  const { archived, createdAt, leaf, model, project, sourceId, starred, summary, tags, title, updatedAt } = head
  return JSON.stringify([sourceId, title, summary, createdAt, updatedAt, leaf, starred, archived, project, model, tags])
}

/** Whether a state of the conversation is older than the one the archive has. */
const isOlder = ({ source }: DocumentState, { updatedAt }: Pick<Head, "updatedAt">) =>
  source.updatedAt !== null && updatedAt !== null && updatedAt < source.updatedAt

/** An older state has no say in what the conversation is as a whole: null leaves each as it is. */
const withoutHead = <H extends Head>({ source }: DocumentState, head: H): H => ({
  ...head,
  title: null,
  summary: null,
  model: null,
  project: null,
  leaf: null,
  tags: [],
  starred: source.starred,
  archived: source.archived
})

/** Where a chunk names a message twice, the last one counts. */
const lastOfEach = (messages: ReadonlyArray<Message>) => [
  ...new Map(messages.map((message) => [message.id, message])).values()
]

/** Out of sight like what is archived, and the registry knows the day. */
const trashed = (documentId: DocumentId, purgeAt: number, archived: boolean) =>
  [
    ConversationTrashed({ documentId, purgeAt }),
    ...archived ? [] : [ConversationArchived({ documentId })]
  ] as const

/** What became of the messages a chunk brought. */
const countsOf = (event: DocumentEvent | undefined) => {
  if (event?._tag === "document.ConversationImported") return event.counts
  const messages = event?._tag === "document.ConversationRestated" ? event.messages : []
  const hidden = messages.filter((message) => message.hidden !== null).length
  return { kept: messages.length - hidden, hidden, merged: 0 }
}

export const Document = Actor.make({
  address: DocumentAddress,
  events: DocumentEvents,
  initial,
  snapshot: { version: 6, schema: DocumentState },
  owner: ({ owner }, by) => owner ?? by,

  decide: {
    StartConversation: ({ owner }, { documentId, title }, { by }) =>
      owner === null
        ? accept(ConversationStarted({ documentId, owner: by, title }))
        : refuse(new DocumentTaken({ documentId })),

    ImportConversation: (state, { commandId: _, messages, ...given }, { by }) => {
      const refusal = state.owner === null ? null : closed(state, given.documentId, by)
      if (refusal !== null) return refuse(refusal)
      if (state.sealed !== null) return refuseSealed(given.documentId)
      const older = isOlder(state, given)
      const chunk = older ? withoutHead(state, given) : given
      const news = lastOfEach(messages).filter(({ hash, id }) =>
        !state.deletedMessages.has(id) &&
        (older ? !HashMap.has(state.messages, id) : !Option.contains(HashMap.get(state.messages, id), hash))
      )
      if (news.length === 0 && state.owner !== null && (older || headOf(chunk) === state.head)) {
        return already("the archive holds all of this")
      }
      const hidden = news.filter((message) => message.hidden !== null).length
      const counts = { kept: news.length - hidden, hidden, merged: messages.length - news.length }
      return accept(ConversationImported({ ...chunk, owner: by, counts, messages: news }))
    },

    RestateConversation: (state, { commandId: _, messages, trash, ...given }, { by }) => {
      const isNew = state.owner === null
      const refusal = isNew ? null : closed(state, given.documentId, by)
      if (refusal !== null) return refuse(refusal)
      if (state.sealed !== null) return refuseSealed(given.documentId)
      if (isNew && given.chunk.index > 0) return refuse(new NoSuchDocument({ documentId: given.documentId }))
      const gone = new Set([...state.deletedMessages, ...given.deleted])
      const news = lastOfEach(messages).filter(({ id }) => !gone.has(id) && !HashMap.has(state.messages, id))
      if (!isNew && news.length === 0) return already("the archive holds all of this")
      const said = ConversationRestated({
        ...given,
        owner: by,
        trash: null,
        // What is not the first chunk says nothing of the conversation as a whole.
        chunk: isNew ? given.chunk : { ...given.chunk, index: Math.max(1, given.chunk.index) },
        archived: isNew && trash !== null ? trash.archived : given.archived,
        messages: news
      })
      return isNew && trash !== null
        ? accept(said, ...trashed(given.documentId, trash.purgeAt, trash.archived))
        : accept(said)
    },

    AppendMessage: served(({ messages }, { documentId, message }) => {
      if (HashMap.has(messages, message.id)) return refuse(new MessageTaken({ messageId: message.id }))
      return message.parent === null || HashMap.has(messages, message.parent)
        ? accept(MessageAppended({ documentId, message }))
        : refuse(new NoSuchMessage({ messageId: message.parent }))
    }),

    DeleteMessage: own(({ messages }, { documentId, messageId }) =>
      HashMap.has(messages, messageId)
        ? accept(MessageDeleted({ documentId, messageId }))
        : refuse(new NoSuchMessage({ messageId }))
    ),

    RenameConversation: served((state, { documentId, title }) =>
      state.title === title
        ? already("the conversation has that title")
        : accept(ConversationRenamed({ documentId, title }))
    ),

    TagConversation: served(({ tags }, { documentId, tag }) =>
      tags.has(tag) ? already("the conversation has that tag") : accept(ConversationTagged({ documentId, tag }))
    ),

    UntagConversation: served(({ tags }, { documentId, tag }) =>
      tags.has(tag)
        ? accept(ConversationUntagged({ documentId, tag }))
        : already("the conversation does not have that tag")
    ),

    ArchiveConversation: own(({ archived }, { documentId }) =>
      archived ? already("the conversation is archived") : accept(ConversationArchived({ documentId }))
    ),

    UnarchiveConversation: own(({ archived, trash }, { documentId }) =>
      trash !== null
        ? refuse(new InTrash({ documentId, purgeAt: trash.purgeAt }))
        : archived
        ? accept(ConversationUnarchived({ documentId })) :
        already("the conversation is not archived")
    ),

    TrashConversation: own(({ archived, trash }, { documentId, keepMs = TrashKeepMs }, { at }) =>
      trash === null
        ? accept(...trashed(documentId, at + keepMs, archived))
        : refuse(new InTrash({ documentId, purgeAt: trash.purgeAt }))
    ),

    RestoreConversation: own(({ trash }, { documentId }) =>
      trash === null
        ? refuse(new NotInTrash({ documentId }))
        : accept(
          ConversationRestored({ documentId }),
          ...trash.archived ? [] : [ConversationUnarchived({ documentId })]
        )
    ),

    PurgeConversation: own(({ trash }, { documentId, early = false }, { at }) => {
      if (trash === null) return refuse(new NotInTrash({ documentId }))
      return at < trash.purgeAt && !early
        ? refuse(new InTrash({ documentId, purgeAt: trash.purgeAt }))
        : accept(ConversationDeleted({ documentId }))
    }),

    DeleteConversation: own((_, { documentId }) => accept(ConversationDeleted({ documentId }))),

    ...DocumentSealing.decide
  },

  evolve: {
    "document.ConversationStarted": (_, { owner, title }) => ({ ...initial, owner, title }),
    "document.ConversationImported": (state, { owner, messages, ...chunk }) => ({
      ...state,
      owner,
      ...isOlder(state, chunk) ? {} : {
        head: headOf(chunk),
        source: { updatedAt: chunk.updatedAt, starred: chunk.starred, archived: chunk.archived }
      },
      messages: put(state.messages, messages)
    }),
    "document.MessageAppended": (state, { message }) => ({ ...state, messages: put(state.messages, [message]) }),
    "document.MessageDeleted": (state, { messageId }) => ({
      ...state,
      messages: HashMap.remove(state.messages, messageId),
      deletedMessages: new Set(state.deletedMessages).add(messageId)
    }),
    "document.ConversationRenamed": (state, { title }) => ({ ...state, title }),
    "document.ConversationTagged": (state, { tag }) => ({ ...state, tags: new Set(state.tags).add(tag) }),
    "document.ConversationUntagged": (state, { tag }) => ({
      ...state,
      tags: new Set([...state.tags].filter((other) => other !== tag))
    }),
    "document.ConversationArchived": (state) => ({ ...state, archived: true }),
    "document.ConversationUnarchived": (state) => ({ ...state, archived: false }),
    "document.ConversationTrashed": (state, { purgeAt }) => ({
      ...state,
      trash: { purgeAt, archived: state.archived }
    }),
    "document.ConversationRestored": (state) => ({ ...state, trash: null }),
    "document.ConversationDeleted": ({ owner }) => ({ ...initial, owner, deleted: true }),
    ...DocumentSealing.evolve
  },

  shredded: {
    "document.ConversationStarted": (_, { owner }) => ({ ...initial, owner }),
    "document.ConversationImported": (state, { owner }) => ({ ...state, owner }),
    "document.ConversationRestated": (_, { owner }) => ({ ...initial, owner }),
    "document.SealedConversationRestated": (_, { owner }) => ({ ...initial, owner })
  },

  answer: {
    ImportConversation: (receipt, [event]) => new ImportedChunk({ ...receipt, counts: countsOf(event) }),
    RestateConversation: (receipt, [event]) => new ImportedChunk({ ...receipt, counts: countsOf(event) })
  }
})
