/** An example of a sealed conversation, for tests: who reads it, what it says, and how the node has it. */
import type { Message } from "@vivim/event-schemas/document/Message"
import { CommandId, ContentHash, Did, DocumentId, MessageId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as SealedConversation from "./SealedConversation.ts"
import * as SealedForm from "./SealedForm.ts"

export const master = (generation: number) => ({ generation, key: Redacted.make(new Uint8Array(32).fill(generation)) })
export const ring: SealedForm.Keyring = { owner: Did.make("did:key:zAda"), masterKeys: [master(1), master(2)] }
export const place: SealedForm.Place = {
  owner: ring.owner,
  documentId: DocumentId.make("d1"),
  revision: CommandId.make("01890000-0000-7000-8000-000000000001")
}
export const key = Redacted.make(new Uint8Array(32).fill(7))
export const opener = { place, key }
export const message = (id: string, text: string, parent: string | null = null): Message => ({
  id: MessageId.make(id),
  parent: parent === null ? null : MessageId.make(parent),
  role: "user",
  author: null,
  model: null,
  at: 5,
  hidden: null,
  blocks: [{ _tag: "Text", text, citations: [] }],
  hash: ContentHash.make("a".repeat(64))
})
export const head: SealedConversation.Head = {
  head: {
    provider: "chatgpt",
    importId: null,
    sourceId: "s",
    title: null,
    sourceTitle: "Tea",
    model: null,
    project: null,
    createdAt: 86_400_005,
    updatedAt: null,
    sortedAt: 1,
    leaf: MessageId.make("m2"),
    starred: true,
    archivedAtSource: false,
    warnings: ["a picture is missing"],
    tags: []
  },
  title: "Tea",
  titleDerived: false,
  messages: 2,
  branches: 0
}

/** As the node has it, three messages in a row unless others are given. */
export const document = Effect.fnUntraced(function*(
  messages: ReadonlyArray<Message> = [message("m1", "one"), message("m2", "two", "m1"), message("m3", "three", "m2")],
  said: SealedConversation.Head = head
) {
  return {
    documentId: place.documentId,
    version: 3,
    revision: place.revision,
    key: yield* SealedForm.wrap(master(1), place, key),
    head: yield* SealedConversation.sealHead(opener, said),
    files: [],
    messages: yield* Effect.forEach(
      messages,
      (message) => SealedConversation.sealMessage(opener, { message, files: [] })
    )
  }
})
