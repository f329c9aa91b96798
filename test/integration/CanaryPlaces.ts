/** Every place of a node where what somebody says comes to lie: how the test gets it there, and which words must be found there before. */
import { strToU8, zipSync } from "fflate"
import { randomBytes } from "node:crypto"
import { canary } from "./Canary.ts"
import type { Loot } from "./Loot.ts"

/** What is deleted by deleting one message, one conversation for good, or the account; and what no deletion but the last touches. */
export const words = {
  message: { text: canary("message") },
  conversation: {
    title: canary("title"),
    text: canary("text"),
    tag: canary("tag"),
    importTitle: canary("importtitle"),
    imported: canary("imported"),
    file: canary("file"),
    state: canary("state"),
    trashed: canary("trashed"),
    trashedTitle: canary("trashedtitle")
  },
  account: {
    kept: canary("kept"),
    keptTitle: canary("kepttitle"),
    profile: canary("profile"),
    device: canary("device"),
    circle: canary("circle"),
    upload: canary("upload"),
    broken: canary("broken"),
    brokenTitle: canary("brokentitle"),
    aside: canary("aside")
  }
}
const { account, conversation, message } = words

/** The part of a word that is random: an index that leaves out what a word has in common with its neighbour has that yet. */
const tail = (word: string) => word.slice(-14)

/** What a thief finds, and what the owner is shown. */
export type Found = Loot & { readonly shown: ReadonlyArray<Buffer> }

export interface Place {
  readonly place: string
  readonly how: string
  readonly of: (found: Found) => ReadonlyArray<Buffer>
  readonly words: ReadonlyArray<string>
}

/** What a thief with every key finds where. Sealed titles and names are in events alone; indexes and lists in the view. */
const places: ReadonlyArray<Place> = [
  {
    place: "the log in the database",
    how: "what was said last, with names of account, device and circle",
    of: ({ recentEvents }) => recentEvents,
    words: [
      ...[conversation.trashed, conversation.trashedTitle, conversation.tag],
      ...[account.profile, account.device, account.circle, account.kept]
    ]
  },
  {
    place: "archived segments of the log",
    how: "vivim archive, after the first conversations and the import",
    of: ({ archivedEvents }) => archivedEvents,
    words: [
      ...[message.text, conversation.title, conversation.text, conversation.importTitle, conversation.imported],
      ...[account.keptTitle, account.upload]
    ]
  },
  {
    place: "snapshots",
    how: "more events than VIVIM_ACTOR_SNAPSHOT_EVERY to both conversations",
    of: ({ snapshots }) => snapshots,
    words: [conversation.title, account.keptTitle]
  },
  {
    place: "contents: attachments in parts, verbatim records, receipts, files beside conversations",
    how:
      "an import of an attachment of two parts, a broken record, a file of memories; then of another state of the conversation",
    of: ({ contents }) => contents,
    words: [
      ...[conversation.file, conversation.importTitle, conversation.imported, conversation.state],
      ...[account.broken, account.brokenTitle, account.aside]
    ]
  },
  {
    place: "the library's file: lists, tags, full text, free pages",
    how: "by its following the log",
    of: ({ view }) => view,
    words: [
      ...[message.text, conversation.title, conversation.text, conversation.tag, conversation.importTitle],
      ...[conversation.imported, conversation.trashed, conversation.trashedTitle, account.kept, account.keptTitle]
    ]
  },
  {
    place: "what the owner is shown: the list, the trash, receipts, an export of the account",
    how: "by asking for it",
    of: ({ shown }) => shown,
    words: [...Object.values(conversation), ...Object.values(message), ...Object.values(account)].filter((word) =>
      // The verbatim record of a state that brought nothing, and files beside conversations, are kept and not handed out.
      ![conversation.state, account.aside, account.broken].includes(word)
    )
  }
]

const isIn = (pieces: ReadonlyArray<Buffer>, word: string) => pieces.some((piece) => piece.includes(tail(word)))

/** Words a place must have and has not, or has and must not have. */
export const misses = (loot: Found) =>
  places.flatMap(({ of, place, words }) =>
    words.filter((word) => !isIn(of(loot), word)).map((word) => `${word} is not in ${place}`)
  )
export const finds = (loot: Found, given: ReadonlyArray<string>) =>
  Object.entries(loot).filter(([kind]) => kind !== "keys").flatMap(([kind, pieces]) =>
    given.filter((word) => isIn(pieces as ReadonlyArray<Buffer>, word)).map((word) => `${word} in ${kind}`)
  )

const conversationOf = (state: string | null) => {
  const message = (id: string, parent: string, text: string, more = {}) => ({
    ...{ id, parent, children: [] },
    message: {
      ...{ id, author: { role: "user" }, create_time: 1_700_000_000 },
      content: { content_type: "text", parts: [text] },
      ...more
    }
  })
  const attachments = ["1", "2"].map((n) => ({
    ...{ id: `file-CanaryCanaryCanaryCan${n}`, name: `${n}.txt`, size: 1, mime_type: "text/plain" }
  }))
  return {
    ...{ id: "c-shred", conversation_id: "c-shred", title: conversation.importTitle },
    ...{ create_time: 1_700_000_000, update_time: 1_700_000_100, current_node: "a" },
    // Nothing new to the archive; the verbatim record has it.
    ...state === null ? {} : { remark: state },
    mapping: {
      root: { id: "root", message: null, parent: null, children: ["a"] },
      a: message("a", "root", conversation.imported, { metadata: { attachments } })
    }
  }
}

const packed = (state: string | null, more: Record<string, Uint8Array>) =>
  zipSync({
    "conversations.json": strToU8(JSON.stringify([
      conversationOf(state),
      ...state === null ? [{ mapping: 7, id: "broken", title: account.brokenTitle, told: account.broken }] : []
    ])),
    ...more
  })

/** An export of one conversation with a large file, of a record that cannot be read, and of something that is none. */
export const firstExport = () =>
  packed(null, {
    // Of two parts, and not to be packed so well that it is refused.
    "file-CanaryCanaryCanaryCan1-notes.txt": strToU8(`${conversation.file} ${randomBytes(600_000).toString("hex")}`),
    // This one is: nobody waits for it.
    "file-CanaryCanaryCanaryCan2-bomb.txt": strToU8("0".repeat(4_000_000)),
    "memories.json": strToU8(JSON.stringify([{ conversations_memory: account.aside }]))
  })

/** The same conversation, with a remark that no message has. */
export const secondExport = () => packed(conversation.state, {})
