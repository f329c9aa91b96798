/** Everything that can ever have happened to a document. */
import * as Event from "../Event.ts"
import { ConversationArchived } from "./ConversationArchived.ts"
import { ConversationDeleted } from "./ConversationDeleted.ts"
import { ConversationImported } from "./ConversationImported.ts"
import { ConversationRenamed } from "./ConversationRenamed.ts"
import { ConversationRestated } from "./ConversationRestated.ts"
import { ConversationRestored } from "./ConversationRestored.ts"
import { ConversationStarted } from "./ConversationStarted.ts"
import { ConversationTagged } from "./ConversationTagged.ts"
import { ConversationTrashed } from "./ConversationTrashed.ts"
import { ConversationUnarchived } from "./ConversationUnarchived.ts"
import { ConversationUntagged } from "./ConversationUntagged.ts"
import { MessageAppended } from "./MessageAppended.ts"
import { MessageDeleted } from "./MessageDeleted.ts"

export {
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
  MessageAppended,
  MessageDeleted
}

export const DocumentEvents = Event.vocabulary(
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
  MessageAppended,
  MessageDeleted
)
export type DocumentEvent = Event.Type<(typeof DocumentEvents.events)[number]>
