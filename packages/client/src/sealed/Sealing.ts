/**
 * Takes a conversation out of the node's sight, and lets it read it again; what is said in between is sealed here.
 *
 * All of it is sealed, its files too, or nothing: who writes meanwhile has it read and sealed anew. Sealed and opened again it is as it
 * was; where anything of it does not open it is not handed to the node, for it would be lost there. Shown on a real node:
 * test/integration, sealed.
 */
import type { DocumentMoved } from "@vivim/contract/Sealed"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { Block, ContentRef, Message } from "@vivim/event-schemas/document/Message"
import type { ContentHash, DocumentId, Tag } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Calls } from "../VivimClient.ts"
import * as SealedConversation from "./SealedConversation.ts"
import { SealedFiles } from "./SealedFiles.ts"
import * as SealedForm from "./SealedForm.ts"

/** What this needs of a node. */
export type SealingCalls = Pick<
  Calls,
  | "AppendSealedMessage"
  | "ReadHead"
  | "ReadMessages"
  | "ReadSealed"
  | "ReplaceSealedHead"
  | "RewrapSealedKey"
  | "SealConversation"
  | "UnsealConversation"
  | "WatchConversation"
  | "WatchLibrary"
>

/** As many messages as one call reads. */
const messagesMax = 500
/** How often a conversation is read anew because it was written to meanwhile. */
const attemptsMax = 8

/** Begins anew where something was written since it was read. */
export const again = <A, E extends { readonly _tag: string }, R>(work: Effect.Effect<A, E | DocumentMoved, R>) =>
  Effect.retry(work, { times: attemptsMax, while: (error) => error._tag === "DocumentMoved" })

const outline = (calls: Pick<SealingCalls, "WatchConversation">, documentId: DocumentId) =>
  calls.WatchConversation({ documentId }).pipe(Stream.runHead, Effect.map(Option.getOrThrow))

const contentOf = (block: Block): ReadonlyArray<ContentRef> =>
  "content" in block && block.content !== null ? [block.content] : []
const contentsOf = ({ blocks }: Message) => blocks.flatMap(contentOf)

const readServed = Effect.fnUntraced(function*(calls: SealingCalls, documentId: DocumentId) {
  // First the version: what is written after it makes the node refuse what was read.
  const { head, version } = yield* calls.ReadHead({ documentId })
  const { nodes, summary } = yield* outline(calls, documentId)
  const messages: Array<Message> = []
  for (let at = 0; at < nodes.length; at += messagesMax) {
    const ids = nodes.slice(at, at + messagesMax).map(({ id }) => id)
    messages.push(...yield* calls.ReadMessages({ documentId, ids }))
  }
  const { title, titleDerived } = summary
  return { version, messages, head: { head, title, titleDerived, ...SealedConversation.counted(nodes) } }
})

const newest = (ring: SealedForm.Keyring) => {
  const master = SealedForm.newest(ring)
  return master === null
    ? new SealedForm.SealBroken({ message: "This device does not have the account's master key." })
    : Effect.succeed(master)
}

/** Seals the files of messages once each; `done` are those that were. */
const sealFiles = Effect.fnUntraced(function*(
  { key, place }: SealedConversation.Opener,
  messages: ReadonlyArray<Message>,
  done: Map<string, ContentRef>
) {
  const files = yield* SealedFiles
  for (const { hash } of messages.flatMap(contentsOf)) {
    const plain = done.has(hash) ? null : yield* files.read(hash)
    if (plain === null) continue
    const sealed = yield* SealedForm.sealFile(key, place, hash, plain)
    done.set(hash, yield* files.keep(sealed, "application/octet-stream"))
  }
})

const bodyOf = (message: Message, files: ReadonlyMap<string, ContentRef>): SealedConversation.Body => ({
  message,
  files: [...new Set(contentsOf(message).map(({ hash }) => hash))].flatMap((hash) => {
    const sealed = files.get(hash)
    return sealed === undefined ? [] : [{ hash, sealed: sealed.hash }]
  })
})

/** Seals a conversation the node can read, its files first; what was readable of it is destroyed then. */
export const seal = Effect.fn("Sealing.seal")(function*(
  calls: SealingCalls,
  ring: SealedForm.Keyring,
  documentId: DocumentId
) {
  const master = yield* newest(ring)
  const revision = yield* CommandIds.next
  const place = { owner: ring.owner, documentId, revision }
  const opener = { place, key: yield* SealedForm.newKey }
  const key = yield* SealedForm.wrap(master, place, opener.key)
  const files = new Map<string, ContentRef>()
  return yield* again(Effect.gen(function*() {
    const { head, messages, version } = yield* readServed(calls, documentId)
    yield* sealFiles(opener, messages, files)
    return yield* calls.SealConversation({
      commandId: yield* CommandIds.next,
      documentId,
      expected: version,
      revision,
      key,
      head: yield* SealedConversation.sealHead(opener, head),
      files: [...files.values()],
      messages: yield* Effect.forEach(
        messages,
        (message) => SealedConversation.sealMessage(opener, bodyOf(message, files))
      )
    })
  }))
})

/** A sealed conversation, opened. */
export const read = (calls: Pick<SealingCalls, "ReadSealed">, ring: SealedForm.Keyring, documentId: DocumentId) =>
  Effect.flatMap(calls.ReadSealed({ documentId }), (sealed) => SealedConversation.open(ring, sealed))

/** A file of an opened conversation, by the hash of what it holds; null where it has none. */
export const readFile = Effect.fn("Sealing.readFile")(function*(
  { files, key, place }: Pick<SealedConversation.Opened, "files" | "key" | "place">,
  hash: string
) {
  const at = files.get(hash)
  const sealed = at === undefined ? null : yield* Effect.flatMap(SealedFiles, ({ read }) => read(at))
  return sealed === null ? null : yield* SealedForm.openFile(key, place, hash, sealed)
})

/** Hands the node what it holds, to be read and searched again. */
export const unseal = Effect.fn("Sealing.unseal")(function*(
  calls: SealingCalls,
  ring: SealedForm.Keyring,
  documentId: DocumentId
) {
  const { keep } = yield* SealedFiles
  const kept = new Set<ContentHash>()
  return yield* again(Effect.gen(function*() {
    const opened = yield* read(calls, ring, documentId)
    if (opened.broken.length > 0) {
      return yield* new SealedForm.SealBroken({
        message: "Some of its messages do not open: it stays sealed, so that they are not lost."
      })
    }
    const messages = opened.nodes.map(({ id }) => opened.messages.get(id)!)
    for (const { hash, mime } of messages.flatMap(contentsOf)) {
      const plain = kept.has(hash) ? null : yield* readFile(opened, hash)
      if (plain !== null) yield* keep(plain, mime)
      kept.add(hash)
    }
    return yield* calls.UnsealConversation({
      commandId: yield* CommandIds.next,
      documentId,
      expected: opened.version,
      head: opened.head.head,
      messages
    })
  }))
})

/** Says one more thing, under the message it follows. */
export const append = Effect.fn("Sealing.append")(function*(
  calls: SealingCalls,
  ring: SealedForm.Keyring,
  documentId: DocumentId,
  message: Message,
  files: ReadonlyMap<string, ContentRef> = new Map()
) {
  return yield* again(Effect.gen(function*() {
    const opened = yield* read(calls, ring, documentId)
    const nodes = [...opened.nodes, message]
    const { head } = opened.head
    const updatedAt = message.at === null ? head.updatedAt : Math.max(head.updatedAt ?? 0, message.at)
    return yield* calls.AppendSealedMessage({
      commandId: yield* CommandIds.next,
      documentId,
      expected: opened.version,
      head: yield* SealedConversation.sealHead(opened, {
        ...opened.head,
        ...SealedConversation.counted(nodes),
        head: { ...head, leaf: message.id, updatedAt }
      }),
      files: [...files.values()],
      message: yield* SealedConversation.sealMessage(opened, bodyOf(message, files))
    })
  }))
})

/** Gives it another title, or other tags. */
export const relabel = Effect.fn("Sealing.relabel")(function*(
  calls: SealingCalls,
  ring: SealedForm.Keyring,
  documentId: DocumentId,
  change: { readonly title?: string; readonly tags?: ReadonlyArray<Tag> }
) {
  return yield* again(Effect.gen(function*() {
    const sealed = yield* calls.ReadSealed({ documentId })
    const opener = yield* SealedConversation.opener(ring, documentId, sealed)
    const now = yield* SealedConversation.headOf(opener, sealed)
    const { title } = change
    const head = {
      ...now,
      ...title === undefined ? {} : { title, titleDerived: false },
      head: {
        ...now.head,
        ...title === undefined ? {} : { title },
        ...change.tags === undefined ? {} : { tags: change.tags }
      }
    }
    return yield* calls.ReplaceSealedHead({
      commandId: yield* CommandIds.next,
      documentId,
      expected: sealed.version,
      head: yield* SealedConversation.sealHead(opener, head)
    })
  }))
})
