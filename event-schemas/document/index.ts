/** Everything that can ever have happened to a document. */
import * as Event from "../Event.ts"
import { ConversationArchived } from "./ConversationArchived.ts"
import { ConversationDeleted } from "./ConversationDeleted.ts"
import { ConversationImported } from "./ConversationImported.ts"
import { ConversationRenamed } from "./ConversationRenamed.ts"
import { ConversationRestored } from "./ConversationRestored.ts"
import { ConversationStarted } from "./ConversationStarted.ts"
import { ConversationTagged } from "./ConversationTagged.ts"
import { ConversationTrashed } from "./ConversationTrashed.ts"
import { ConversationUnarchived } from "./ConversationUnarchived.ts"
import { ConversationUntagged } from "./ConversationUntagged.ts"
import { MessageAppended } from "./MessageAppended.ts"

export {
  ConversationArchived,
  ConversationDeleted,
  ConversationImported,
  ConversationRenamed,
  ConversationRestored,
  ConversationStarted,
  ConversationTagged,
  ConversationTrashed,
  ConversationUnarchived,
  ConversationUntagged,
  MessageAppended
}

export const DocumentEvents = Event.vocabulary(
  ConversationArchived,
  ConversationDeleted,
  ConversationImported,
  ConversationRenamed,
  ConversationRestored,
  ConversationStarted,
  ConversationTagged,
  ConversationTrashed,
  ConversationUnarchived,
  ConversationUntagged,
  MessageAppended
)
export type DocumentEvent = Event.Type<(typeof DocumentEvents.events)[number]>
