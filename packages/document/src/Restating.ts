/**
 * Says a conversation anew as it stands, under a new generation of its keys, so that the older ones can be destroyed.
 *
 * T1  What is restated folds to the same actor and the same library as everything before it.
 * T2  What was sealed or opened by its owner is restated as well, once: its keys are not those of what it was before.
 *
 * The append expects the stream as it was read: where somebody wrote meanwhile, nothing is appended, and it is read again.
 */
import { fold } from "@vivim/actor/Actor"
import * as HybridClock from "@vivim/actor/HybridClock"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { generationOf, suite } from "@vivim/crypto/vault/DataKey"
import {
  ConversationRestated,
  ConversationSealed,
  ConversationUnsealed,
  DocumentEvents,
  MessageDeleted,
  SealedConversationRestated
} from "@vivim/event-schemas/document/index"
import * as Event from "@vivim/event-schemas/Event"
import type { CommandId, Did } from "@vivim/event-schemas/ids"
import * as Meta from "@vivim/event-schemas/Meta"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import * as SqliteFile from "@vivim/user-database/SqliteFile"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ConversationView from "./ConversationView.ts"
import { Document } from "./Document.ts"
import { piecesOf } from "./DocumentSealing.ts"
import * as LibraryRestated from "./LibraryRestated.ts"
import * as LibrarySealed from "./LibrarySealed.ts"
import { LibraryView } from "./LibraryView.ts"

export type Restated = Event.Type<typeof ConversationRestated> | Event.Type<typeof SealedConversationRestated>

/** An event of the stream, whole; null where its private part was destroyed and it had one. */
export interface Read {
  readonly recorded: RecordedEvent
  readonly event: Event.Type<(typeof DocumentEvents.events)[number]> | null
}

/** A conversation's events, opened as far as they can be. */
export const read = Effect.fn("Restating.read")(function*(stream: string) {
  const eventStore = yield* EventStore
  const cipher = yield* PayloadCipher
  return [
    ...yield* eventStore.read(stream).pipe(
      Stream.mapEffect((recorded) =>
        EventSeal.open(cipher, recorded).pipe(
          Effect.map((plain) => DocumentEvents.decode({ ...recorded, private: plain })),
          Effect.catchTag("Shredded", () => Effect.sync(() => DocumentEvents.decodeKeyless(recorded))),
          Effect.map((event): Read => ({ recorded, event: event === null || Event.isUnknown(event) ? null : event }))
        )
      ),
      Stream.runCollect
    )
  ]
})

/** Everything that stays of a conversation, in as many events as it takes; none when nothing stays. */
export const restated = (all: ReadonlyArray<Read>): ReadonlyArray<Restated> => {
  const state = fold(Document, Document.initial, all.flatMap(({ event }) => event ?? []))
  const documentId = all.find(({ event }) => event !== null)?.event?.documentId
  const db = SqliteFile.open(":memory:", { did: state.owner ?? "", view: LibraryView, version: LibraryView.version })
  try {
    db.apply(LibraryView, all.flatMap(({ event, recorded }) => event === null ? [] : [{ ...recorded, event }]))
    const head = documentId === undefined ? null : LibraryRestated.read(db, documentId)
    if (head === null || state.owner === null || state.deleted) return []
    const { archivedAtSource: _, trashed, ...said } = head
    const place = {
      owner: state.owner as Did,
      archived: state.archived,
      trash: trashed === null || state.trash === null ? null : { ...trashed, archived: state.trash.archived },
      deleted: [...state.deletedMessages]
    }
    const sealed = LibrarySealed.read(db, said.documentId)
    if (sealed !== null) {
      const { messages, version: _, ...rest } = sealed
      return piecesOf(messages).map((piece) => SealedConversationRestated({ ...rest, ...place, ...piece }))
    }
    return piecesOf(ConversationView.everyMessage(db, said.documentId)).map((piece) =>
      ConversationRestated({
        ...said,
        ...place,
        // A verbatim record holds what was deleted as well.
        raws: [],
        imported: { head: state.head, ...state.source },
        ...piece
      })
    )
  } finally {
    db.close()
  }
}

/** What everything before it was, as `restated` says it: in the owner's name, as a consequence of one of the events. */
export const append = Effect.fn("Restating.append")(function*(
  all: ReadonlyArray<Read>,
  said: ReadonlyArray<Restated>,
  because: RecordedEvent
) {
  const eventStore = yield* EventStore
  const cipher = yield* PayloadCipher
  const clock = yield* HybridClock.make
  for (const { recorded } of all) clock.see(Meta.decode(recorded.meta).hlc)
  const reading = yield* clock.read
  const { stream } = because
  const owner = because.owner as Did
  const commandId = CommandIds.derive(because.id as CommandId, "restate")
  const meta = Meta.encode({
    commandId,
    ...Meta.causesOf(because) ?? { causationId: null, correlationId: null },
    by: owner,
    device: null,
    hlc: HybridClock.format(reading),
    trace: null
  })
  const events = yield* Effect.forEach(said, (event, index) => {
    const id = index === 0 ? commandId : CommandIds.derive(commandId, String(index))
    const plain = { ...DocumentEvents.encode(event), id, owner, at: reading.millis, meta }
    return Effect.map(EventSeal.seal(cipher, { ...plain, stream }, plain.private), (sealed) => ({
      ...plain,
      private: sealed
    }))
  })
  if (events.length > 0) yield* eventStore.append(stream, all.at(-1)!.recorded.version, events as never)
})

/** What takes the place of everything before it, and what calls for the keys of what was before. */
const restatements: ReadonlySet<string> = new Set([ConversationRestated.tag, SealedConversationRestated.tag])
const calls: ReadonlySet<string> = new Set([MessageDeleted.tag, ConversationSealed.tag, ConversationUnsealed.tag])

const generation = ({ recorded }: Read) => recorded.private[0] === suite ? generationOf(recorded.private) : 0

/** The last restatement there is, as it lies in the log. */
export const lastRestated = (all: ReadonlyArray<Read>): RecordedEvent | undefined =>
  all.findLast(({ recorded }) => restatements.has(recorded.type))?.recorded

/**
 * Whether nothing is left to be restated: the last restatement came after whatever called for one, under keys of its own. What an owner
 * seals or opens stands beside the keys of what was before, until it is said anew.
 */
export const isRestated = (all: ReadonlyArray<Read>): boolean => {
  const last = all.findLast(({ recorded }) => restatements.has(recorded.type))
  if (last === undefined) return false
  const from = all.findLastIndex(({ recorded }) => calls.has(recorded.type))
  const after = all.indexOf(last) > from
  return after && all.slice(0, from + 1).every((before) => generation(before) < generation(last))
}
