/** Which contents a library's conversations have, once it has seen everything that was said so far. */
import * as ConversationContents from "@vivim/document/ConversationContents"
import { ContentsInUse } from "@vivim/import/ContentsInUse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as AskLibrary from "./AskLibrary.ts"

export const layer = Layer.effect(
  ContentsInUse,
  Effect.map(AskLibrary.make, (ask) => ({
    // Who cannot tell takes nothing away.
    of: (owner, hashes) => ask(owner, ConversationContents.usedElsewhere(owner, hashes, ""), hashes)
  }))
)
