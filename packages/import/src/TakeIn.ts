/**
 * Takes one item of a reading into the archive: its raw record to the content store, its messages to its document's actor,
 * chunk by chunk. Every command's id is derived from the import, the item and the chunk: taking in again after a crash
 * gets the first answers, and so the same outcome.
 *
 * I1  The nodes of the outcome add up to those of the item, whatever the archive had already.
 * I2  A conversation that brings nothing new is merged.
 */
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import type { CommandId, DocumentId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import { chunksOf } from "./Chunks.ts"
import type { Work } from "./ImportJob.ts"
import type { Conversation, Item, NodeCounts } from "./Reader.ts"
import { type Outcome, outcomeOf } from "./Tally.ts"

/** What became of an item, and where its raw record lies when it could not be taken in. */
export interface TakenIn {
  readonly outcome: Outcome
  readonly raw: ContentRef | null
}

/** The same conversation of the same account always is the same document. */
export const documentIdOf = (owner: string, provider: string, sourceId: string): DocumentId =>
  `c-${
    createHash("sha256").update(JSON.stringify([owner, provider, sourceId])).digest("hex").slice(0, 40)
  }` as DocumentId

export const takeIn = Effect.fnUntraced(function*(work: Work, item: Item, index: number) {
  const raw = "raw" in item && item.raw !== null ? yield* work.keepRaw(item.raw) : null
  if (item._tag !== "Conversation" || item.status === "empty") {
    return { outcome: outcomeOf(item), raw } satisfies TakenIn
  }
  return yield* takeInConversation(work, item, index, raw)
})

const takeInConversation = Effect.fnUntraced(
  function*(work: Work, item: Conversation, index: number, raw: ContentRef | null) {
    const { importId, owner } = work.job
    const documentId = documentIdOf(owner, item.provider, item.sourceId)
    const ask = yield* work.visit(documentId, owner, work.presumeNew())
    const chunks = chunksOf(item.messages, work.chunk)
    let counts: Counts = { kept: 0, hidden: 0, merged: 0 }
    for (const [at, messages] of chunks.entries()) {
      const commandId = CommandIds.derive(importId as string as CommandId, `${index}/${at}`)
      const answer = yield* ask("ImportConversation", {
        commandId,
        documentId,
        importId,
        provider: item.provider,
        chunk: { index: at, of: chunks.length },
        raw,
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
        messages,
        warnings: item.warnings
      }).pipe(
        Effect.map((chunk): Counts | null => chunk.counts),
        Effect.catchTag(
          "NothingToChange",
          () => Effect.succeed<Counts>({ kept: 0, hidden: 0, merged: messages.length })
        ),
        Effect.catchTag("DocumentDeleted", () => Effect.succeed(null))
      )
      if (answer === null) return deleted(item, raw)
      counts = sum(counts, answer)
    }
    return { outcome: { ...outcomeOf(item), ...settle(item, counts) }, raw: null } satisfies TakenIn
  }
)

type Counts = Pick<NodeCounts, "kept" | "hidden" | "merged">
const sum = (a: Counts, b: Counts): Counts => ({
  kept: a.kept + b.kept,
  hidden: a.hidden + b.hidden,
  merged: a.merged + b.merged
})

/** Nodes that are no messages (a root that only holds the tree together) go with the conversation: kept and not shown. */
const settle = ({ messages, nodes, status }: Conversation, counts: Counts): Pick<Outcome, "status" | "nodes"> => {
  const structural = nodes.kept + nodes.hidden - messages.length
  const isNew = counts.kept + counts.hidden > 0 || messages.length === 0
  return {
    status: isNew ? status : "merged",
    nodes: {
      ...nodes,
      kept: counts.kept,
      hidden: counts.hidden + (isNew ? structural : 0),
      merged: nodes.merged + counts.merged + (isNew ? 0 : structural)
    }
  }
}

const deleted = (item: Conversation, raw: ContentRef | null): TakenIn => ({
  outcome: { ...outcomeOf(item), status: "quarantined", reason: "you deleted this conversation from the archive" },
  raw
})
