/**
 * A sealed conversation as its owner's device opens it: its head, its tree, its messages.
 *
 * O1  It is as it was when it was sealed; what was appended stands where it hangs.
 * O2  A message that does not open is shown as one that does not, and the others stay readable.
 * O3  Where a message hangs is what was sealed with it; only where that is gone the node's word counts.
 */
import type { ConversationOutline } from "@vivim/contract/Library"
import { DocumentHead, type SealedDocument, type SealedMessage, type SealedSummary } from "@vivim/contract/Sealed"
import type { CryptoSuite, Secret } from "@vivim/crypto/CryptoSuite"
import { Message } from "@vivim/event-schemas/document/Message"
import { ContentHash, type DocumentId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SealedForm from "./SealedForm.ts"

const Count = Schema.Int.pipe(Schema.nonNegative())

/** What is said of it as a whole, and how it stands in a list. */
export const Head = Schema.Struct({
  head: DocumentHead,
  title: Schema.String,
  titleDerived: Schema.Boolean,
  messages: Count,
  branches: Count
})
export type Head = typeof Head.Type

/** A message, and for each file of it where its sealed form lies: by the hash of what it holds. */
export const Body = Schema.Struct({
  message: Message,
  files: Schema.Array(Schema.Struct({ hash: ContentHash, sealed: ContentHash }))
})
export type Body = typeof Body.Type

/** What opens one sealing. */
export interface Opener {
  readonly place: SealedForm.Place
  readonly key: Secret
}

export interface Opened extends Opener {
  readonly version: number
  readonly head: Head
  readonly nodes: ConversationOutline["nodes"]
  readonly messages: ReadonlyMap<string, Message>
  /** Where the sealed form of a file lies, by the hash of what it holds. */
  readonly files: ReadonlyMap<string, ContentHash>
  /** Messages that do not open. */
  readonly broken: ReadonlyArray<string>
}

export const opener = (
  ring: SealedForm.Keyring,
  documentId: DocumentId,
  { key, revision }: Pick<SealedSummary, "key" | "revision">
): Effect.Effect<Opener, SealedForm.SealBroken, CryptoSuite> => {
  const place = { owner: ring.owner, documentId, revision }
  return Effect.map(SealedForm.unwrap(ring, place, key), (key) => ({ place, key }))
}

export const headOf = ({ key, place }: Opener, { head }: Pick<SealedSummary, "head">) =>
  SealedForm.open(key, place, ["head"], Head, head.sealed)

export const openHead = (ring: SealedForm.Keyring, documentId: DocumentId, summary: SealedSummary) =>
  Effect.flatMap(opener(ring, documentId, summary), (opener) => headOf(opener, summary))

/** In the place of a message that does not open. */
const unreadable = ({ id, parent }: SealedMessage, reason: string): Message => ({
  id,
  parent,
  role: "assistant",
  author: null,
  model: null,
  at: null,
  hidden: null,
  blocks: [{ _tag: "Text", text: reason, citations: [] }],
  hash: ContentHash.make("0".repeat(64))
})

const openMessage = ({ key, place }: Opener, sealed: SealedMessage) =>
  SealedForm.open(key, place, ["message", sealed.id], Body, sealed.sealed).pipe(
    Effect.filterOrFail(
      ({ message }) => message.id === sealed.id,
      () => new SealedForm.SealBroken({ message: "This message is another than the one it is shown as." })
    ),
    Effect.map((body) => ({ ...body, isBroken: false })),
    Effect.catchTag(
      "SealBroken",
      ({ message }) => Effect.succeed({ message: unreadable(sealed, message), files: [], isBroken: true })
    )
  )

/** Each hangs where it says, if that is there before it; else where the node says; else nowhere. */
const treeOf = (messages: ReadonlyArray<Message>, told: ReadonlyArray<SealedMessage>) => {
  const seen = new Set<string>()
  return messages.map(({ at, hash, hidden, id, model, parent, role }, n) => {
    const above = [parent, told[n]!.parent].find((one) => one !== null && seen.has(one)) ?? null
    seen.add(id)
    return { id, parent: above, role, at, hidden, model, hash }
  })
}

export const open = Effect.fn("SealedConversation.open")(function*(ring: SealedForm.Keyring, sealed: SealedDocument) {
  const opened = yield* opener(ring, sealed.documentId, sealed)
  const head = yield* headOf(opened, sealed)
  const bodies = yield* Effect.forEach(sealed.messages, (message) => openMessage(opened, message))
  const nodes = treeOf(bodies.map(({ message }) => message), sealed.messages)
  const parents = new Map(nodes.map(({ id, parent }) => [id, parent]))
  return {
    ...opened,
    version: sealed.version,
    head,
    nodes,
    messages: new Map<string, Message>(
      bodies.map(({ message }) => [message.id, { ...message, parent: parents.get(message.id)! }])
    ),
    files: new Map<string, ContentHash>(
      bodies.flatMap(({ files }) => files.map(({ hash, sealed }) => [hash, sealed] as const))
    ),
    broken: bodies.flatMap(({ isBroken, message }) => isBroken ? [message.id] : [])
  } satisfies Opened
})

/** How it stands in a list: as the node has it, with what was opened in the place of what it cannot know. */
export const summaryOf = (
  summary: ConversationOutline["summary"],
  { branches, head, messages, title, titleDerived }: Head
): ConversationOutline["summary"] => ({
  ...summary,
  title,
  titleDerived,
  messages,
  branches,
  provider: head.provider,
  model: head.model,
  createdAt: head.createdAt,
  updatedAt: head.updatedAt,
  tags: head.tags,
  starred: head.starred
})

/** Seals one message under an opened sealing. */
export const sealMessage = ({ key, place }: Opener, body: Body) =>
  Effect.map(
    SealedForm.seal(key, place, ["message", body.message.id], Schema.encodeSync(Body)(body)),
    (sealed): SealedMessage => ({ id: body.message.id, parent: body.message.parent, sealed })
  )

const dayMs = 86_400_000

/** Seals the head; of its time the node is told the day. */
export const sealHead = ({ key, place }: Opener, head: Head) => {
  const { createdAt, updatedAt } = head.head
  const at = updatedAt ?? createdAt
  return Effect.map(
    SealedForm.seal(key, place, ["head"], Schema.encodeSync(Head)(head)),
    (sealed) => ({ sealed, day: at === null ? null : Math.floor(at / dayMs) * dayMs })
  )
}

/** How many messages a tree shows, and how often it forks. */
export const counted = (
  nodes: ReadonlyArray<{ readonly id: string; readonly parent: string | null; readonly hidden: string | null }>
) => {
  const inner = new Set(nodes.map(({ parent }) => parent))
  const leaves = nodes.filter(({ id }) => !inner.has(id as never)).length
  return { messages: nodes.filter(({ hidden }) => hidden === null).length, branches: Math.max(0, leaves - 1) }
}
