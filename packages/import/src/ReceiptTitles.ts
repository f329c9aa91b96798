/**
 * What conversations are called that a receipt speaks of. A receipt does not keep titles of what came in: they are said where the conversation
 * is, and go with it.
 */
import type { Locked } from "@vivim/crypto/Cipher"
import type { Did, DocumentId } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

interface Shape {
  /** Of those that are there. */
  readonly of: (owner: Did, ids: ReadonlyArray<DocumentId>) => Effect.Effect<ReadonlyMap<string, string>, Locked>
}

/** A reference, not a layer: a room without a library has no titles. */
export class ReceiptTitles extends Context.Reference<ReceiptTitles>()("@vivim/import/ReceiptTitles", {
  defaultValue: (): Shape => ({ of: () => Effect.succeed(new Map()) })
}) {}
