/** What an owner sees of their trash: conversations that will be deleted, and when. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { DocumentId, Millis } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { watch } from "./Call.ts"

/** A conversation in the trash; its title stands in the library. */
export const TrashedConversation = Schema.Struct({
  documentId: DocumentId,
  trashedAt: Millis,
  /** When it is deleted for good. */
  purgeAt: Millis
}).annotations({ identifier: "TrashedConversation" })
export type TrashedConversation = typeof TrashedConversation.Type

export class TrashViews extends RpcGroup.make(
  watch("WatchTrash", "GET /trash", "Your trash, what is deleted first coming first", {
    payload: {},
    success: Schema.Array(TrashedConversation),
    refusals: Schema.Never
  })
) {}
