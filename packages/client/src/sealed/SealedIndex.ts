/**
 * A device's own index of its sealed conversations: in memory while it is used, sealed under the `index` branch of the master key
 * where it is kept.
 *
 * W1  It holds every sealed conversation as the node has it now, and none that is not; only what changed is read anew.
 * W2  What is kept of it opens with the account's master key alone, and in its own place.
 * W3  Found is what holds every word and phrase, and none that was asked away: in one message, or in title and tags.
 * W4  What does not open is left out, and counted.
 */
import type { SearchHit, SearchQuery } from "@vivim/contract/Search"
import { CryptoSuite, type Secret } from "@vivim/crypto/CryptoSuite"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { Block } from "@vivim/event-schemas/document/Message"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { finderOf, fold, holderOf } from "../Words.ts"
import { IndexStore } from "./IndexStore.ts"
import * as SealedConversation from "./SealedConversation.ts"
import * as SealedForm from "./SealedForm.ts"
import * as SealedLibrary from "./SealedLibrary.ts"
import type { SealingCalls } from "./Sealing.ts"

/** What is kept of one conversation. `stamp` tells whether it is as the node has it. */
const Entry = Schema.Struct({
  stamp: Schema.String,
  title: Schema.String,
  tags: Schema.Array(Schema.String),
  provider: Schema.String,
  at: Schema.NullOr(Schema.Number),
  messages: Schema.Array(Schema.Struct({
    id: Schema.String,
    role: Schema.String,
    at: Schema.NullOr(Schema.Number),
    hidden: Schema.Boolean,
    text: Schema.String
  }))
})
type Entry = typeof Entry.Type

/** Ready to be looked through: every text folded once. */
interface Ready extends Entry {
  readonly head: string
  readonly folded: ReadonlyArray<string>
}

type Hit = typeof SearchHit.Type
type Question = Schema.Struct.Type<typeof SearchQuery>

export interface Progress {
  readonly done: number
  readonly of: number
}

export interface SealedIndex {
  /** Brings it up to date with the node; answers how many conversations do not open. */
  readonly sync: (
    calls: Pick<SealingCalls, "ReadSealed" | "WatchLibrary">,
    onProgress?: (progress: Progress) => void
  ) => Effect.Effect<number, { readonly _tag: string }, CryptoSuite>
  readonly search: (question: Question) => ReadonlyArray<Hit>
  readonly size: () => number
}

const stampOf = ({ messages, sealed }: SealedLibrary.Sealed) =>
  [sealed.revision, messages, ...sealed.head.sealed.slice(-16)].join(" ")

const textOf = (block: Block): string => {
  switch (block._tag) {
    case "Unknown":
      return ""
    case "ToolCall":
      return `${block.name}\n${block.input}`
    case "Image":
      return [block.name, block.alt].filter((part) => part !== null).join("\n")
    case "Attachment":
      return [block.name, block.text].filter((part) => part !== null).join("\n")
    default:
      return block.text
  }
}

const entryOf = (stamp: string, { head: { head, title }, nodes, messages }: SealedConversation.Opened): Entry => ({
  stamp,
  title,
  tags: head.tags,
  provider: head.provider,
  at: head.updatedAt ?? head.createdAt,
  messages: nodes.map(({ id }) => {
    const { at, blocks, hidden, role } = messages.get(id)!
    return { id, role, at, hidden: hidden !== null, text: blocks.map(textOf).join("\n\n").normalize("NFC") }
  })
})

const readyOf = (entry: Entry): Ready => ({
  ...entry,
  head: fold(`${entry.title}\n${entry.tags.join("\n")}`),
  folded: entry.messages.map(({ text }) => fold(text))
})

const scope = ({ owner }: SealedForm.Keyring, documentId: string) =>
  Canonical.encode(["vivim/sealed-index/1", owner, documentId])

const around = 90

/** A piece of the text around what was found first, and what in it was looked for. */
const snippetOf = (text: string, find: ReturnType<typeof finderOf>): Hit["snippet"] => {
  const first = find(text)[0]?.start ?? 0
  const from = Math.max(0, text.lastIndexOf(" ", Math.max(0, first - around / 2)) + 1)
  const piece = text.slice(from, first + 2 * around).replaceAll(/\s+/gu, " ")
  const marked: Array<Hit["snippet"][number]> = from > 0 ? [{ text: "… ", hit: false }] : []
  let at = 0
  for (const { end, start } of find(piece)) {
    if (start > at) marked.push({ text: piece.slice(at, start), hit: false })
    marked.push({ text: piece.slice(start, end), hit: true })
    at = end
  }
  return at < piece.length ? [...marked, { text: piece.slice(at), hit: false }] : marked
}

const within = (at: number | null, { from, to }: Question) =>
  (from === undefined || (at !== null && at >= from)) && (to === undefined || (at !== null && at <= to))

/** Where something was found: in a message, or (null) in title and tags. */
interface Place {
  readonly documentId: string
  readonly entry: Ready
  readonly message: number | null
  readonly score: number
  readonly at: number | null
}

const placesIn = (
  documentId: string,
  entry: Ready,
  question: Question,
  holds: (folded: string) => boolean
): ReadonlyArray<Place> => {
  const isTitled = holds(entry.head)
  const places = entry.messages.flatMap(({ at, hidden, role }, message): ReadonlyArray<Place> => {
    if (hidden && question.hidden !== true) return []
    if (question.role !== undefined && question.role !== role) return []
    if (!within(at ?? entry.at, question) || !holds(entry.folded[message]!)) return []
    return [{ documentId, entry, message, score: isTitled ? 0.9 : 0.8, at }]
  })
  return isTitled && question.role === undefined && within(entry.at, question)
    ? [{ documentId, entry, message: null, score: 1, at: entry.at }, ...places]
    : places
}

const hitOf = ({ documentId, entry, message, score }: Place, find: ReturnType<typeof finderOf>): Hit => {
  const said = message === null ? undefined : entry.messages[message]
  return {
    documentId,
    messageId: said?.id ?? null,
    title: snippetOf(entry.title, find),
    provider: entry.provider,
    role: said?.role ?? null,
    at: said === undefined ? entry.at : said.at,
    snippet: said === undefined ? [{ text: entry.tags.join(", "), hit: false }] : snippetOf(said.text, find),
    score
  } as Hit
}

const search = (entries: ReadonlyMap<string, Ready>, question: Question): ReadonlyArray<Hit> => {
  const holds = holderOf(question.query)
  if (holds === null) return []
  const { offset = 0, limit = 20 } = question
  const found = [...entries].flatMap(([documentId, entry]) =>
    (question.provider !== undefined && ![entry.provider, SealedLibrary.sealedProvider].includes(question.provider)) ||
      (question.tag !== undefined && !entry.tags.includes(question.tag))
      ? []
      : placesIn(documentId, entry, question, holds)
  )
  const find = finderOf(question.query)
  return found.toSorted((a, b) => b.score - a.score || (b.at ?? 0) - (a.at ?? 0)).slice(offset, offset + limit)
    .map((place) => hitOf(place, find))
}

/** Opens what is kept of it; what does not open is forgotten, and read anew when it is brought up to date. */
export const make = Effect.fn("SealedIndex.make")(function*(ring: SealedForm.Keyring) {
  const store = yield* IndexStore
  const suite = yield* CryptoSuite
  const master = SealedForm.newest(ring)
  const key: Secret | null = master === null ? null : yield* KeyHierarchy.branch(master.key, "index")
  const entries = new Map<string, Ready>()
  if (key !== null) {
    for (const [documentId, record] of yield* store.all) {
      const entry = yield* suite.open(key, scope(ring, documentId), record).pipe(
        Effect.flatMap(StrictCbor.decode),
        Effect.flatMap(Schema.decodeUnknown(Entry)),
        Effect.option
      )
      if (Option.isSome(entry)) entries.set(documentId, readyOf(entry.value))
      else yield* store.remove(documentId)
    }
  }

  const forget = (documentId: string) =>
    Effect.zipRight(Effect.sync(() => entries.delete(documentId)), store.remove(documentId))

  const take = Effect.fnUntraced(function*(
    calls: Pick<SealingCalls, "ReadSealed">,
    summary: SealedLibrary.Sealed
  ) {
    const { documentId } = summary
    const opened = yield* Effect.flatMap(
      calls.ReadSealed({ documentId }),
      (sealed) => SealedConversation.open(ring, sealed)
    )
    const entry = entryOf(stampOf(summary), opened)
    entries.set(documentId, readyOf(entry))
    if (key === null) return
    yield* store.put(documentId, yield* Effect.orDie(suite.seal(key, scope(ring, documentId), Canonical.encode(entry))))
  })

  return {
    sync: (calls, onProgress = () => undefined) =>
      Effect.gen(function*() {
        const all = (yield* SealedLibrary.sealed(calls)).filter(({ trash }) => trash === null)
        const there = new Set<string>(all.map(({ documentId }) => documentId))
        for (const documentId of [...entries.keys()]) if (!there.has(documentId)) yield* forget(documentId)
        const stale = all.filter((summary) => entries.get(summary.documentId)?.stamp !== stampOf(summary))
        let broken = 0
        for (const [done, summary] of stale.entries()) {
          onProgress({ done, of: stale.length })
          // Deleted or opened meanwhile: the next time shows it.
          const taken = yield* take(calls, summary).pipe(
            Effect.as(true),
            Effect.catchTags({
              SealBroken: () => Effect.as(forget(summary.documentId), false),
              NoSuchDocument: () => Effect.as(forget(summary.documentId), true),
              DocumentNotSealed: () => Effect.as(forget(summary.documentId), true)
            })
          )
          if (!taken) broken++
        }
        onProgress({ done: stale.length, of: stale.length })
        return broken
      }),
    search: (question) => search(entries, question),
    size: () => entries.size
  } satisfies SealedIndex
})
