/**
 * The events of one account, as its file has them: all that are its own, in the order of the log, opened. On the way it is found what they speak
 * of: contents, and imports with their receipts.
 */
import { frame } from "@vivim/contract/EventFrames"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { refsOf } from "@vivim/document/ConversationContents"
import { DocumentEvents } from "@vivim/event-schemas/document/index"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import * as Event from "@vivim/event-schemas/Event"
import type { Did, ImportId } from "@vivim/event-schemas/ids"
import { ImportEvents } from "@vivim/event-schemas/import/index"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** An import, as its events tell. */
export interface OwnImport {
  readonly importId: ImportId
  readonly name: string
  readonly startedAt: number
  outcome: "imported" | "refused" | "cancelled" | null
  finishedAt: number | null
  refusal: string | null
  receipt: ContentRef | null
}

/** What the events that have gone by speak of. */
export interface Found {
  events: number
  shredded: number
  readonly contents: Set<string>
  readonly imports: Map<string, OwnImport>
}

export const nothingYet = (): Found => ({ events: 0, shredded: 0, contents: new Set(), imports: new Map() })

/** Notes what an event speaks of. What this build cannot read is carried all the same. */
const note = (found: Found, recorded: RecordedEvent, opened: Uint8Array) => {
  const stored = { ...recorded, private: opened }
  if (recorded.type.startsWith("document.")) {
    const event = DocumentEvents.decode(stored)
    if (!Event.isUnknown(event)) { for (const hash of refsOf([{ recorded, event }])) found.contents.add(hash) }
  }
  if (!recorded.type.startsWith("import.")) return
  const event = ImportEvents.decode(stored)
  if (event._tag === "import.ImportStarted") {
    const { importId, name } = event
    const begun = { outcome: null, finishedAt: null, refusal: null, receipt: null }
    found.imports.set(importId, { importId, name, startedAt: recorded.at, ...begun })
  }
  if (event._tag === "import.ImportFinished") {
    const { outcome, receipt, refusal } = event
    Object.assign(found.imports.get(event.importId) ?? {}, { outcome, receipt, refusal, finishedAt: recorded.at })
  }
}

/** The private part, opened; null where it was destroyed. A node that has lost the key says as much. */
const opened = (recorded: RecordedEvent) =>
  Effect.flatMap(PayloadCipher, (cipher) => EventSeal.open(cipher, recorded)).pipe(
    Effect.map((plain): Uint8Array | null => plain),
    Effect.catchTags({ Shredded: () => Effect.succeed(null), PayloadUnreadable: () => Effect.succeed(null) })
  )

/** The frames of an account's events up to a position of the log. */
export const frames = (owner: Did, upTo: number, found: Found) =>
  Stream.unwrap(Effect.map(EventStore, (eventStore) => eventStore.readAll(0, { filter: { owner }, upTo }))).pipe(
    Stream.mapEffect((recorded) =>
      Effect.map(opened(recorded), (plain) => {
        found.events++
        if (plain === null) found.shredded++
        else note(found, recorded, plain)
        const { at, hash, id, meta, position, previousHash, routing, schemaVersion, stream, type, version } = recorded
        const header = { position, stream, version, id, type, schemaVersion, owner, at, hash, previousHash }
        return frame({ ...header, meta, routing, private: plain })
      })
    )
  )
