/**
 * Empties the trash: a conversation is purged when its time there is over.
 *
 * K1  What is trashed is asked to be purged in its owner's name at its time; what is restored or deleted before is not.
 * K2  An actor that finds it too early says until when, and is asked again then.
 */
import { DocumentAddress } from "@vivim/contract/Document"
import { ConversationDeleted, ConversationRestored, ConversationTrashed } from "@vivim/event-schemas/document/index"
import * as Event from "@vivim/event-schemas/Event"
import * as Process from "@vivim/process/Process"

const Purge = "purge"

export const TrashProcess = Process.make({
  name: "trash",
  version: 1,
  reads: Event.vocabulary(ConversationTrashed, ConversationRestored, ConversationDeleted),
  asks: [DocumentAddress],
  key: ({ documentId }) => documentId,
  react: {
    "document.ConversationTrashed": ({ documentId, purgeAt }, { owner }) => [
      Process.setTimer(Purge, purgeAt, { documentId, owner })
    ],
    "document.ConversationRestored": () => [Process.cancelTimer(Purge)],
    "document.ConversationDeleted": () => [Process.cancelTimer(Purge)]
  },
  onTimer: ({ payload: { documentId, owner } }) => [
    Process.ask(DocumentAddress, "PurgeConversation", { documentId }, owner)
  ],
  onRefused: ({ by, payload: { documentId }, refusal }) =>
    refusal._tag === "InTrash" && "purgeAt" in refusal
      ? [Process.setTimer(Purge, refusal.purgeAt as number, { documentId, owner: by })]
      : []
})
