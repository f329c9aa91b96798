/**
 * What a conversation's own devices sealed before the node got it: bytes nobody on the node can open. Part of stored events: what is
 * published is never edited.
 */
import * as Schema from "effect/Schema"
import { bytes } from "../Bytes.ts"
import { MessageId, Millis } from "../ids.ts"
import { ContentRef } from "./Message.ts"

/** No event takes more. */
const sealedMax = 16_777_216
const keyMax = 512

/** One node of the tree. Where it hangs is plain, so that one message can be deleted; all else is in `sealed`. */
export const SealedMessage = Schema.Struct({
  id: MessageId,
  parent: Schema.NullOr(MessageId),
  sealed: bytes(sealedMax)
})
export type SealedMessage = typeof SealedMessage.Type

/** What is said of the conversation as a whole, its titles and tags, and the day it was last said something in: lists stay in order. */
export const SealedHead = Schema.Struct({ sealed: bytes(sealedMax), day: Schema.NullOr(Millis) })
export type SealedHead = typeof SealedHead.Type

/** The key of one sealing, wrapped under the owner's master key of that generation. */
export const SealedKey = Schema.Struct({
  generation: Schema.Int.pipe(Schema.positive()),
  wrapped: bytes(keyMax)
})
export type SealedKey = typeof SealedKey.Type

/** Files of the conversation, sealed: their addresses and lengths as the node has them. */
export const SealedFiles = Schema.Array(ContentRef)
