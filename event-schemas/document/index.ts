/** Everything that can ever have happened to a document. */
import * as Event from "../Event.ts"
import { ConversationArchived } from "./ConversationArchived.ts"
import { ConversationDeleted } from "./ConversationDeleted.ts"
import { ConversationImported } from "./ConversationImported.ts"
import { ConversationRenamed } from "./ConversationRenamed.ts"
import { ConversationRestated } from "./ConversationRestated.ts"
import { ConversationRestored } from "./ConversationRestored.ts"
import { ConversationSealed } from "./ConversationSealed.ts"
import { ConversationStarted } from "./ConversationStarted.ts"
import { ConversationTagged } from "./ConversationTagged.ts"
import { ConversationTrashed } from "./ConversationTrashed.ts"
import { ConversationUnarchived } from "./ConversationUnarchived.ts"
import { ConversationUnsealed } from "./ConversationUnsealed.ts"
import { ConversationUntagged } from "./ConversationUntagged.ts"
import { MessageAppended } from "./MessageAppended.ts"
import { MessageDeleted } from "./MessageDeleted.ts"
import { SealedConversationRestated } from "./SealedConversationRestated.ts"
import { SealedHeadReplaced } from "./SealedHeadReplaced.ts"
import { SealedKeyRewrapped } from "./SealedKeyRewrapped.ts"
import { SealedMessageAppended } from "./SealedMessageAppended.ts"

export {
  ConversationArchived,
  ConversationDeleted,
  ConversationImported,
  ConversationRenamed,
  ConversationRestated,
  ConversationRestored,
  ConversationSealed,
  ConversationStarted,
  ConversationTagged,
  ConversationTrashed,
  ConversationUnarchived,
  ConversationUnsealed,
  ConversationUntagged,
  MessageAppended,
  MessageDeleted,
  SealedConversationRestated,
  SealedHeadReplaced,
  SealedKeyRewrapped,
  SealedMessageAppended
}

export const DocumentEvents = Event.vocabulary(
  ConversationArchived,
  ConversationDeleted,
  ConversationImported,
  ConversationRenamed,
  ConversationRestated,
  ConversationRestored,
  ConversationSealed,
  ConversationStarted,
  ConversationTagged,
  ConversationTrashed,
  ConversationUnarchived,
  ConversationUnsealed,
  ConversationUntagged,
  MessageAppended,
  MessageDeleted,
  SealedConversationRestated,
  SealedHeadReplaced,
  SealedKeyRewrapped,
  SealedMessageAppended
)
export type DocumentEvent = Event.Type<(typeof DocumentEvents.events)[number]>
