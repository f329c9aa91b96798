/** A conversation on its way to normal form: read, not yet hashed; and how one is put together from its ordered nodes. */
import type { MessageId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import type { AssetDesk } from "./Assets.ts"
import { cleanLabelOrNull } from "./CleanText.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import type { SourceFailed } from "./ImportRefused.ts"
import { hashed, type Unhashed } from "./MessageHash.ts"
import type { Notes } from "./Notes.ts"
import type { Conversation, NodeCounts, Place, ReadContext, Rejected } from "./Reader.ts"

export type Draft =
  & Omit<
    Conversation,
    "_tag" | "status" | "messages" | "nodes" | "assets" | "warnings" | "raw" | "place" | "supersedes"
  >
  & {
    readonly _tag: "Draft"
    readonly messages: ReadonlyArray<Unhashed>
    /** Entries of the node container that share an id with a later one. */
    readonly merged: number
  }

/** A record that is no conversation after all. */
export interface Unfit {
  readonly _tag: "Unfit"
  readonly id: string | null
  readonly title: string | null
  readonly reason: string
  readonly nodes: number
}

/** What a normaliser works with while it reads one record. */
export interface Workbench {
  readonly notes: Notes
  readonly desk: AssetDesk
  readonly limits: ImportLimits
}

/** Reads a record, stores the files it points at, and finishes it. `read` is pure and may run twice. */
export const settle = (
  read: (desk: AssetDesk, notes: Notes) => Draft | Unfit,
  about: { readonly raw: Uint8Array; readonly place: Place; readonly notes: () => Notes },
  context: ReadContext
): Effect.Effect<Conversation | Rejected, SourceFailed> =>
  Effect.gen(function*() {
    let desk = context.assets.desk()
    let notes = about.notes()
    let draft = read(desk, notes)
    if (desk.wanted.size > 0 && !context.counting()) {
      yield* context.assets.store(desk.wanted)
      desk = context.assets.desk()
      notes = about.notes()
      draft = read(desk, notes)
    }
    if (draft._tag === "Unfit") return reject(draft, notes, about)
    return finish(draft, desk, notes, about, context)
  })

const reject = (
  { id, nodes, reason, title }: Unfit,
  notes: Notes,
  { place, raw }: { readonly raw: Uint8Array; readonly place: Place }
): Rejected => ({
  _tag: "Rejected",
  id: cleanLabelOrNull(id, notes),
  title: cleanLabelOrNull(title, notes),
  reason,
  nodes,
  raw,
  place
})

const finish = (
  { merged, messages, ...draft }: Draft,
  desk: AssetDesk,
  notes: Notes,
  about: { readonly raw: Uint8Array; readonly place: Place },
  context: ReadContext
): Conversation => {
  const assets = desk.counts()
  notes.count("files that are not in the export", assets.missing)
  for (const failure of desk.failures) notes.add(`a file could not be read: ${failure}`)
  return {
    ...draft,
    _tag: "Conversation",
    status: messages.some(({ blocks }) => blocks.length > 0) || draft.quarantined.length > 0 ? "imported" : "empty",
    messages: context.counting() ? [] : messages.map(hashed),
    nodes: count(messages, merged, draft.quarantined.length),
    assets,
    warnings: notes.list(),
    raw: about.raw,
    place: about.place,
    supersedes: null
  }
}

const count = (messages: ReadonlyArray<Unhashed>, merged: number, quarantined: number): NodeCounts => {
  const hidden = messages.filter((message) => message.hidden !== null).length
  const kept = messages.length - hidden
  return { found: messages.length + merged + quarantined, kept, hidden, merged, quarantined }
}

/** The newest message without an answer: where a tree without a current leaf is taken to end. */
export const newestLeaf = (messages: ReadonlyArray<Unhashed>): MessageId | null => {
  const parents = new Set(messages.map(({ parent }) => parent))
  let newest: Unhashed | null = null
  for (const message of messages) {
    if (parents.has(message.id)) continue
    if (newest === null || (message.at ?? -1) >= (newest.at ?? -1)) newest = message
  }
  return newest?.id ?? null
}
