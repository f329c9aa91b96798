/**
 * Conversations that stand in one import more than once: the newer state of each is the one that counts.
 *
 * D3  Of two states the later updated one wins, of two as old the one with more nodes, else the first.
 * D4  A newer state that comes later is let through with the account of the one it replaces; what was given out is not taken back.
 *
 * Only ids and counts are held, so that the import stays a stream: a replaced state has already been given out, and
 * whoever keeps the account moves its nodes to `merged` (see `Tally`).
 */
import type { Conversation, Merged, Superseded } from "./Reader.ts"
import { conversationOf } from "./Tally.ts"

interface Seen extends Superseded {
  readonly at: number
}

export class Repeats {
  readonly #seen = new Map<string, Seen>()

  /** The conversation as it is to be imported, or as merged into what came before. */
  judge(conversation: Conversation): Conversation | Merged {
    const { createdAt, nodes, place, provider, raw, sourceId, status, title, updatedAt } = conversation
    const key = conversationOf(conversation)
    const at = updatedAt ?? createdAt ?? -1
    const before = this.#seen.get(key)
    const wins = before === undefined || at > before.at || (at === before.at && nodes.found > before.nodes.found)
    if (wins) {
      this.#seen.set(key, { at, nodes, status })
      return before === undefined
        ? conversation
        : { ...conversation, supersedes: { nodes: before.nodes, status: before.status } }
    }
    const reason = at < before.at ? "an older state of a conversation that came before" : "came before in this import"
    return { _tag: "Merged", provider, sourceId, title, reason, nodes: nodes.found, raw, place }
  }
}
