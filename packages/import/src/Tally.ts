/**
 * The account of an import, folded from what became of each item: on both lines `found` is the sum of the others.
 *
 * G5  Whatever items come in whatever order, found = imported + merged + empty + quarantined, and the same for nodes.
 * G6  A conversation replaced by a newer state of itself moves to merged, with all its nodes; another one of the same id stays.
 */
import type { ImportItem, ImportReceipt } from "@vivim/contract/ImportReceipt"
import type { DocumentId } from "@vivim/event-schemas/ids"
import * as Chunk from "effect/Chunk"
import type { Conversation, Item, NodeCounts, Superseded } from "./Reader.ts"

/** What became of one item. Who imports may say otherwise than the reader: `{ ...outcomeOf(item), status: "merged" }`. */
export interface Outcome {
  readonly id: string
  /** Whose state it is: the same for all states of one conversation and for no other's; null for what is no conversation. */
  readonly conversation: string | null
  readonly title: string | null
  /** The conversation it is in the archive, where it is one. */
  readonly document?: DocumentId
  readonly status: ImportItem["status"]
  readonly reason: string | null
  /** With `merged` and `quarantined` all of `found` is; with `skipped` none is counted. */
  readonly nodes: NodeCounts
  readonly supersedes: Superseded | null
}

type Counts = Pick<ImportReceipt, "conversations" | "nodes">

export interface Tally extends Counts {
  readonly format: string
  readonly outcomes: Chunk.Chunk<Outcome>
}

const none: NodeCounts = { found: 0, kept: 0, hidden: 0, merged: 0, quarantined: 0 }

export const emptyTally = (format: string): Tally => ({
  format,
  conversations: { found: 0, imported: 0, merged: 0, empty: 0, quarantined: 0 },
  nodes: none,
  outcomes: Chunk.empty()
})

/** What the reader says became of an item, if all it gives out is taken in. */
export const outcomeOf = (item: Item): Outcome => {
  switch (item._tag) {
    case "Conversation": {
      const { nodes, sourceId, status, supersedes, title } = item
      return {
        id: sourceId,
        conversation: conversationOf(item),
        title,
        status,
        reason: remarks(item),
        nodes,
        supersedes
      }
    }
    case "Rejected": {
      const { id, nodes, place, reason, title } = item
      const counts = { ...none, found: nodes, quarantined: nodes }
      return {
        id: id ?? `${place.file}@${place.start}`,
        conversation: null,
        title,
        status: "quarantined",
        reason,
        nodes: counts,
        supersedes: null
      }
    }
    case "Merged": {
      const { nodes, reason, sourceId, title } = item
      const counts = { ...none, found: nodes, merged: nodes }
      const conversation = conversationOf(item)
      return { id: sourceId, conversation, title, status: "merged", reason, nodes: counts, supersedes: null }
    }
    case "Aside": {
      const { name, reason, title } = item
      return { id: name, conversation: null, title, status: "skipped", reason, nodes: none, supersedes: null }
    }
  }
}

/** An id is a provider's own: two of them may have given the same. */
export const conversationOf = ({ provider, sourceId }: Pick<Conversation, "provider" | "sourceId">): string =>
  `${provider} ${sourceId}`

const SHOWN = 3

/** Quarantined nodes by name, then the warnings. */
const remarks = ({ quarantined, warnings }: Conversation): string | null => {
  const shown = quarantined.slice(0, SHOWN).map(({ id, reason }) => `${id} ${reason}`).join(", ")
  const more = quarantined.length > SHOWN ? ` and ${quarantined.length - SHOWN} more` : ""
  const nodes = quarantined.length === 0 ? [] : [`${quarantined.length} nodes quarantined: ${shown}${more}`]
  const all = [...nodes, ...warnings]
  return all.length === 0 ? null : all.join("; ")
}

/** One more outcome. */
export const addOutcome = (tally: Tally, outcome: Outcome): Tally => {
  const outcomes = Chunk.append(tally.outcomes, outcome)
  if (outcome.status === "skipped") return { ...tally, outcomes }
  const { conversations, nodes } = tally
  const replaced = outcome.supersedes
  const counted = { ...conversations, found: conversations.found + 1 }
  counted[outcome.status]++
  if (replaced !== null) {
    counted[replaced.status]--
    counted.merged++
  }
  return {
    ...tally,
    conversations: counted,
    nodes: addNodes(nodes, settled(outcome), replaced?.nodes ?? none),
    outcomes
  }
}

/** The nodes as the status makes them. */
const settled = ({ nodes, status }: Outcome): NodeCounts =>
  status === "merged" || status === "quarantined" ? { ...none, found: nodes.found, [status]: nodes.found } : nodes

const addNodes = (sum: NodeCounts, more: NodeCounts, replaced: NodeCounts): NodeCounts => ({
  found: sum.found + more.found,
  kept: sum.kept + more.kept - replaced.kept,
  hidden: sum.hidden + more.hidden - replaced.hidden,
  merged: sum.merged + more.merged + replaced.kept + replaced.hidden + replaced.quarantined,
  quarantined: sum.quarantined + more.quarantined - replaced.quarantined
})

const isIn = (status: Outcome["status"]) => status === "imported" || status === "merged" || status === "empty"

/** The receipt so far. */
export const receiptOf = ({ conversations, format, nodes, outcomes }: Tally): ImportReceipt => {
  const items: Array<ImportItem> = []
  const standing = new Map<string | null, number>()
  for (const { conversation, document, id, reason, status, supersedes, title } of outcomes) {
    const before = supersedes === null ? undefined : standing.get(conversation)
    // What is in the archive is called there what it is called: a title kept here would outlive it.
    const inArchive = document !== undefined && isIn(status) ? { title: null, documentId: document } : {}
    if (before !== undefined) {
      const reason = "a newer state of it came later in this import"
      items[before] = { ...items[before]!, ...inArchive, status: "merged", reason }
    }
    if (status === "imported" || status === "empty") standing.set(conversation, items.length)
    items.push({ id, title, ...inArchive, status, reason })
  }
  return { format, conversations, nodes, items }
}

/** Whether both lines add up. */
export const isBalanced = ({ conversations: c, nodes: n }: Counts): boolean =>
  c.found === c.imported + c.merged + c.empty + c.quarantined &&
  n.found === n.kept + n.hidden + n.merged + n.quarantined
