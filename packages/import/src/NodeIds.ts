/**
 * Message ids inside one conversation, from whatever the export calls its nodes.
 *
 * I1  An id the export wrote is kept as it is; an empty, overlong or unstorable one gets a steady stand-in.
 * I2  No two nodes of a conversation share an id.
 */
import type { MessageId } from "@vivim/event-schemas/ids"
import { cleanText } from "./CleanText.ts"
import { sha256 } from "./MessageHash.ts"
import type { Notes } from "./Notes.ts"

const LENGTH_MAX = 256

export class NodeIds {
  /** How many nodes asked for this id so far. */
  readonly #asked = new Map<string, number>()
  readonly #notes: Notes

  constructor(notes: Notes) {
    this.#notes = notes
  }

  /** The message id of a node; call once per node. */
  take(id: string): MessageId {
    const clean = cleanText(id, this.#notes)
    const fit = clean !== "" && clean.length <= LENGTH_MAX ? clean : `~${sha256(JSON.stringify(id)).slice(0, 32)}`
    let free = fit
    let times = this.#asked.get(fit) ?? 0
    while (this.#asked.has(free)) free = `${fit.slice(0, LENGTH_MAX - 12)}~${++times + 1}`
    this.#asked.set(fit, times)
    this.#asked.set(free, this.#asked.get(free) ?? 0)
    return free as MessageId
  }
}
