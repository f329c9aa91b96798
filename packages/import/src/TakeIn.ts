/**
 * Takes one item of a reading into the archive: its raw record to the content store, its messages to its document's actor,
 * chunk by chunk. Every command's id is derived from the import, the item and the chunk: taking in again after a crash
 * gets the first answers, and so the same outcome.
 *
 * I1  The nodes of the outcome add up to those of the item, whatever the archive had already.
 * I2  A conversation that brings nothing new is merged.
 * I3  Messages the event log cannot take are quarantined; those around them come in.
 * I4  A conversation its owner deleted or sealed is not brought back by an import: neither its verbatim record nor its title is kept.
 */
import * as CommandIds from "@vivim/crypto/CommandIds"
import { chunksOf } from "@vivim/event-schemas/document/Chunks"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import type { CommandId, DocumentId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import type { Work } from "./ImportJob.ts"
import type { Conversation, Item, NodeCounts } from "./Reader.ts"
import { type Outcome, outcomeOf } from "./Tally.ts"

/** What became of an item. */
export interface TakenIn {
  readonly outcome: Outcome
  /** Its raw record, where no event of its conversation speaks of it: nothing was new, or not all of it came in. */
  readonly raw: ContentRef | null
  /** What was kept of it in vain. */
  readonly dropped?: ReadonlyArray<string>
}

/** The same conversation of the same account always is the same document. */
export const documentIdOf = (owner: string, provider: string, sourceId: string): DocumentId =>
  `c-${
    createHash("sha256").update(JSON.stringify([owner, provider, sourceId])).digest("hex").slice(0, 40)
  }` as DocumentId

export const takeIn = Effect.fnUntraced(function*(work: Work, item: Item, index: number) {
  // What a VIVIM node had is had again as it was: nothing of it needs a record of its own.
  if (item._tag === "Conversation" && item.restated !== undefined) {
    return yield* takeInConversation(work, item, index, null)
  }
  if (!("raw" in item) || item.raw === null) return { outcome: outcomeOf(item), raw: null } satisfies TakenIn
  const raw = yield* work.keepRaw(item.raw).pipe(Effect.catchTag("ContentTooLarge", () => Effect.succeed(null)))
  const taken: TakenIn = item._tag !== "Conversation" || item.status === "empty"
    ? { outcome: outcomeOf(item), raw }
    : yield* takeInConversation(work, item, index, raw)
  return raw === null ? remark(taken, "its verbatim record is larger than the content store takes") : taken
})

const takeInConversation = Effect.fnUntraced(
  function*(work: Work, item: Conversation, index: number, raw: ContentRef | null) {
    const { importId, owner } = work.job
    const documentId = documentIdOf(owner, item.provider, item.sourceId)
    const ask = work.visit(documentId, owner, work.presumeNew())
    const chunks = chunksOf(item.messages, work.chunk)
    let counts = none
    let isStated = false
    for (const [at, messages] of chunks.entries()) {
      const commandId = CommandIds.derive(importId as string as CommandId, `${index}/${at}`)
      const piece = { commandId, documentId, importId, chunk: { index: at, of: chunks.length }, messages }
      const answer = yield* (item.restated === undefined
        ? ask("ImportConversation", { ...headOf(item), ...piece, raw })
        : ask("RestateConversation", { ...item.restated, ...piece })).pipe(
          Effect.map(({ counts }): Counts | string => {
            isStated = true
            return { ...counts, merged: messages.length - counts.kept - counts.hidden, quarantined: 0 }
          }),
          Effect.catchTags({
            NothingToChange: () => Effect.succeed<Counts>({ ...none, merged: messages.length }),
            // One message can be more than the log takes in an event. The others come in, and the raw record has it.
            LimitExceeded: () => Effect.succeed<Counts>({ ...none, quarantined: messages.length }),
            DocumentDeleted: () => Effect.succeed("you deleted this conversation from the archive"),
            DocumentSealed: () =>
              Effect.succeed("you sealed this conversation: open it for the node first, and import it again")
          })
        )
      if (typeof answer === "string") return closed(item, raw, answer)
      counts = sum(counts, answer)
    }
    const outcome = { ...outcomeOf(item), ...settle(item, counts) }
    return counts.quarantined === 0
      ? { outcome, raw: isStated ? null : raw } satisfies TakenIn
      : remark({ outcome, raw }, `${counts.quarantined} messages are larger than the event log takes`)
  }
)

/** What an export says of a conversation as a whole. */
const headOf = (item: Conversation) => ({
  provider: item.provider,
  sourceId: item.sourceId,
  title: item.title?.slice(0, 4_096) ?? null,
  summary: item.summary,
  createdAt: item.createdAt,
  updatedAt: item.updatedAt,
  model: item.model,
  project: item.project,
  tags: item.tags,
  starred: item.starred ?? false,
  archived: item.archived ?? false,
  leaf: item.leaf,
  warnings: item.warnings
})

type Counts = Omit<NodeCounts, "found">
const none: Counts = { kept: 0, hidden: 0, merged: 0, quarantined: 0 }
const sum = (a: Counts, b: Counts): Counts => ({
  kept: a.kept + b.kept,
  hidden: a.hidden + b.hidden,
  merged: a.merged + b.merged,
  quarantined: a.quarantined + b.quarantined
})

/** One more thing to say of an item, before what the reader said. */
const remark = ({ outcome, raw }: TakenIn, words: string): TakenIn => ({
  outcome: { ...outcome, reason: outcome.reason === null ? words : `${words}; ${outcome.reason}` },
  raw
})

/** Nodes that are no messages (a root that only holds the tree together) go with the conversation: kept and not shown. */
const settle = ({ messages, nodes, status }: Conversation, counts: Counts): Pick<Outcome, "status" | "nodes"> => {
  const structural = nodes.kept + nodes.hidden - messages.length
  const isNew = counts.kept + counts.hidden > 0 || messages.length === 0
  const allTooLarge = counts.quarantined > 0 && counts.quarantined === messages.length
  return {
    status: allTooLarge ? "quarantined" : isNew ? status : "merged",
    nodes: {
      ...nodes,
      kept: counts.kept,
      hidden: counts.hidden + (isNew ? structural : 0),
      merged: nodes.merged + counts.merged + (isNew ? 0 : structural),
      quarantined: nodes.quarantined + counts.quarantined
    }
  }
}

/** The archive takes nothing more of it, and why. */
const closed = (item: Conversation, raw: ContentRef | null, reason: string): TakenIn => ({
  outcome: { ...outcomeOf(item), title: null, status: "quarantined", reason },
  raw: null,
  dropped: [
    ...raw === null ? [] : [raw.hash],
    ...item.messages.flatMap(({ blocks }) =>
      blocks.flatMap((block) => "content" in block && block.content !== null ? [block.content.hash] : [])
    )
  ]
})
