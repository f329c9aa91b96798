/**
 * What follows from a deletion: the keys of what was deleted are destroyed.
 *
 * H1  A conversation, a message, an account that is deleted calls for its keys, once; those of a locked vault wait for it.
 * H2  So does what was readable of a conversation that is sealed, and what was sealed of one that is opened.
 */
import { VaultAddress } from "@vivim/contract/Vault"
import {
  ConversationDeleted,
  ConversationSealed,
  ConversationUnsealed,
  MessageDeleted
} from "@vivim/event-schemas/document/index"
import * as Event from "@vivim/event-schemas/Event"
import { StreamName } from "@vivim/event-schemas/ids"
import { UserDeleted } from "@vivim/event-schemas/user/index"
import * as Process from "@vivim/process/Process"

const destroy = (what: "stream" | "message" | "owner", { owner, stream, version }: Process.Cause) => [
  Process.ask(VaultAddress, "DestroyKeys", { stream: StreamName.make(stream), owner, upTo: version, what }, owner)
]

export const ShredProcess = Process.make({
  name: "shred",
  version: 1,
  reads: Event.vocabulary(ConversationDeleted, ConversationSealed, ConversationUnsealed, MessageDeleted, UserDeleted),
  asks: [VaultAddress],
  key: (_, { stream }) => stream,
  react: {
    "document.ConversationDeleted": (_, cause) => destroy("stream", cause),
    "document.ConversationSealed": (_, cause) => destroy("message", cause),
    "document.ConversationUnsealed": (_, cause) => destroy("message", cause),
    "document.MessageDeleted": (_, cause) => destroy("message", cause),
    "user.UserDeleted": (_, cause) => destroy("owner", cause)
  }
})
