/**
 * Verbatim records that stand in receipts alone: of states of a conversation that brought nothing new, or not all of it. They hold what the
 * conversation says, and go with it.
 */
import { ContentStore } from "@vivim/content-store/ContentStore"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import type { Did, DocumentId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ImportView from "./ImportView.ts"

export interface ReceiptRaw {
  /** What the file calls it. */
  readonly id: string
  readonly raw: ContentRef
  /** The conversation it is a state of, where it is one. */
  readonly documentId?: DocumentId
}

/** Their hashes, from all receipts of an owner; the registry must have seen them. */
export const ofConversation = Effect.fn("ReceiptRaws.ofConversation")(function*(owner: Did, documentId: DocumentId) {
  const store = yield* ContentStore
  const found = new Set<string>()
  for (const hash of yield* ImportView.receiptHashes(owner)) {
    const receipt = yield* store.get(owner, hash)
    if (receipt === null) continue
    const text = Buffer.concat([...yield* Stream.runCollect(receipt.bytes)]).toString("utf8")
    const { raws = [] } = JSON.parse(text) as { readonly raws?: ReadonlyArray<ReceiptRaw> }
    for (const one of raws) if (one.documentId === documentId) found.add(one.raw.hash)
  }
  return found
})
