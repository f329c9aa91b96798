/** Kept files of a conversation: which it points at, which of them are gone with a deleted message, which others have as well. */
import type { Block, Message } from "@vivim/event-schemas/document/Message"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import { LibraryView } from "./LibraryView.ts"
import { type Read, restated } from "./Restating.ts"

const ofBlock = (block: Block): ReadonlyArray<string> =>
  "content" in block && block.content !== null ? [block.content.hash] : []
const ofMessages = (messages: ReadonlyArray<Message>) => messages.flatMap(({ blocks }) => blocks.flatMap(ofBlock))

/** Every content the events speak of, the verbatim records included. */
export const refsOf = (all: ReadonlyArray<Read>): ReadonlySet<string> =>
  new Set(all.flatMap(({ event }) => {
    if (event === null) return []
    switch (event._tag) {
      case "document.ConversationImported":
        return [...event.raw === null ? [] : [event.raw.hash], ...ofMessages(event.messages)]
      case "document.ConversationRestated":
        return ofMessages(event.messages)
      case "document.MessageAppended":
        return ofMessages([event.message])
      default:
        return []
    }
  }))

/** What the conversation still shows, and what only its past does: a verbatim record holds what was deleted as well. */
export const split = (all: ReadonlyArray<Read>) => {
  const kept = new Set(restated(all).flatMap(({ messages }) => ofMessages(messages)))
  return { kept, gone: new Set([...refsOf(all)].filter((hash) => !kept.has(hash))) }
}

/** Those of these contents that other conversations of the owner show. Their library must have seen everything. */
export const usedElsewhere = (owner: string, hashes: ReadonlySet<string>, except: string) =>
  Effect.flatMap(
    UserDatabases,
    (databases) =>
      databases.read(owner, LibraryView, (db) =>
        new Set([...hashes].filter((hash) =>
          db.value(
            `SELECT 1 FROM bodies b JOIN messages m USING (number) JOIN conversations c ON c.number = m.conversation
           WHERE b.blocks LIKE ? AND c.id <> ? LIMIT 1`,
            `%"${hash}"%`,
            except
          ) !== undefined
        )))
  )
