/**
 * The list of what was deleted on a node, kept beside its keys: one line each, ids alone, only ever added to. A backup from before a deletion
 * does not know of it; with the list whoever restores it does.
 *
 * D1  A line that was cut off, or is none, is passed over; what stands before and after it counts.
 */
import { ConversationDeleted, MessageDeleted } from "@vivim/event-schemas/document/index"
import * as Event from "@vivim/event-schemas/Event"
import { Did, DocumentId, MessageId, StreamName } from "@vivim/event-schemas/ids"
import { UserDeleted } from "@vivim/event-schemas/user/index"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as fs from "node:fs"
import * as path from "node:path"

/** What deletes, and calls for keys that are destroyed. */
export const vocabulary = Event.vocabulary(ConversationDeleted, MessageDeleted, UserDeleted)
export const types = [ConversationDeleted.tag, MessageDeleted.tag, UserDeleted.tag]

const Deletion = Schema.Struct({
  type: Schema.Literal(ConversationDeleted.tag, MessageDeleted.tag, UserDeleted.tag),
  stream: StreamName,
  owner: Did,
  message: Schema.NullOr(MessageId)
})
export type Deletion = typeof Deletion.Type

const decode = Schema.decodeUnknownOption(Schema.parseJson(Deletion))

export const nameOf = ({ message, stream, type }: Deletion) => JSON.stringify([type, stream, message])
export const ofAccount = (owner: Did) =>
  nameOf({ type: UserDeleted.tag, stream: userStream(owner), owner, message: null })
export const ofConversation = ({ owner, stream }: Deletion) =>
  nameOf({ type: ConversationDeleted.tag, stream, owner, message: null })
const userStream = (owner: string) => StreamName.make(`user/${owner}`)

/** Null for any other event. */
export const deletionOf = (recorded: RecordedEvent): Deletion | null => {
  const event = vocabulary.decodeRouting(recorded)
  return Event.isUnknown(event) ? null : {
    type: event._tag,
    stream: StreamName.make(recorded.stream),
    // Who leaves states it themselves, and so owns the event.
    owner: Did.make(recorded.owner),
    message: event._tag === "document.MessageDeleted" ? event.messageId : null
  }
}

/** The event that says it again. */
export const eventOf = ({ message, owner, stream, type }: Deletion): Event.Type<(typeof vocabulary.events)[number]> => {
  const documentId = stream.slice(stream.indexOf("/") + 1) as DocumentId
  if (type === "user.UserDeleted") return UserDeleted({ userId: owner })
  return message === null ? ConversationDeleted({ documentId }) : MessageDeleted({ documentId, messageId: message })
}

export const fileIn = (folder: string) => path.join(folder, "deletions.log")

/** What a list says; nothing where there is none. */
export const read = (file: string): ReadonlyArray<Deletion> =>
  fs.existsSync(file)
    ? fs.readFileSync(file, "utf8").split("\n").flatMap((line) => Option.toArray(decode(line)))
    : []

/** On the disk when it answers. */
export const add = (file: string, deletions: ReadonlyArray<Deletion>) =>
  Effect.sync(() => {
    if (deletions.length === 0) return
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    const lines = deletions.map((deletion) => `\n${JSON.stringify(deletion)}`).join("")
    // Its own beginning of a line, so that one that was cut off spoils none that comes after it.
    fs.writeFileSync(file, lines, { flag: "a", mode: 0o600, flush: true })
  })
