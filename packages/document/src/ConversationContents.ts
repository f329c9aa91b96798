/** Kept files of a conversation: which it points at, which of them are gone with a deleted message, which others have as well. */
import type { Block, ContentRef, Message } from "@vivim/event-schemas/document/Message"
import type { Database } from "@vivim/user-database/Database"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import { LibraryView } from "./LibraryView.ts"
import type { Read, Restated } from "./Restating.ts"

const ofBlock = (block: Block): ReadonlyArray<string> =>
  "content" in block && block.content !== null ? [block.content.hash] : []
const ofMessages = (messages: ReadonlyArray<Message>) => messages.flatMap(({ blocks }) => blocks.flatMap(ofBlock))

const ofFiles = (files: ReadonlyArray<ContentRef>) => files.map(({ hash }) => hash)
const ofRestated = (said: Restated): ReadonlyArray<string> =>
  "files" in said ? ofFiles(said.files) : [...ofFiles(said.raws), ...ofMessages(said.messages)]

/** Every content the events speak of, the verbatim records included. */
export const refsOf = (all: ReadonlyArray<Read>): ReadonlySet<string> =>
  new Set(all.flatMap(({ event }) => {
    if (event === null) return []
    switch (event._tag) {
      case "document.ConversationImported":
        return [...event.raw === null ? [] : [event.raw.hash], ...ofMessages(event.messages)]
      case "document.ConversationRestated":
      case "document.SealedConversationRestated":
        return ofRestated(event)
      case "document.SealedMessageAppended":
        return ofFiles(event.files)
      case "document.MessageAppended":
        return ofMessages([event.message])
      default:
        return []
    }
  }))

/** What only the past of a conversation shows, not what is said of it anew: a verbatim record holds what was deleted as well. */
export const gone = (all: ReadonlyArray<Read>, said: ReadonlyArray<Restated>): ReadonlySet<string> => {
  const kept = new Set(said.flatMap(ofRestated))
  return new Set([...refsOf(all)].filter((hash) => !kept.has(hash)))
}

/** Those of these contents that conversations of a library show, but for one. */
export const shown = (db: Database, hashes: ReadonlySet<string>, except: string): ReadonlySet<string> =>
  new Set(db.values<string>(
    `SELECT DISTINCT block.value ->> '$.content.hash' AS kept
     FROM bodies b JOIN messages m USING (number) JOIN conversations c ON c.number = m.conversation, json_each(b.blocks) block
     WHERE c.id <> ? AND b.blocks LIKE '%"hash":%' AND kept IN (SELECT value FROM json_each(?))`,
    except,
    JSON.stringify([...hashes])
  ))

/** The same of an owner's library, which must have seen everything. Who has left shows nothing. */
export const usedElsewhere = (owner: string, hashes: ReadonlySet<string>, except: string) =>
  Effect.flatMap(
    UserDatabases,
    (databases) =>
      databases.read(owner, LibraryView, (db) => shown(db, hashes, except)).pipe(
        Effect.catchTag("NoSuchUser", () => Effect.succeed<ReadonlySet<string>>(new Set()))
      )
  )
