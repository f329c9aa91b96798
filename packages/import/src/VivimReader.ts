/**
 * The reader of VIVIM's own exports: each conversation as the node had it, to be had again as it was.
 *
 * V1  A conversation comes out with all that was known of it, its messages by the hashes they have; one that is not what its hash says is rejected.
 * V2  Files it points at are stored once, and are what their hashes say.
 */
import { contentOf, conversationFormat, FileConversation } from "@vivim/contract/AccountFile"
import type { ContentRef, Message } from "@vivim/event-schemas/document/Message"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { AssetDesk } from "./Assets.ts"
import type { Draft, Unfit, Workbench } from "./Draft.ts"
import { member, wordsOf } from "./Json.ts"
import { type JsonFormat, readJson } from "./JsonConversations.ts"
import { messageHash, sha256 } from "./MessageHash.ts"
import type { Detection, Reader } from "./Reader.ts"
import type { Sample } from "./Sample.ts"
import { textLength } from "./TextLength.ts"

const looksLike = (value: unknown): boolean => member(value, "format") === conversationFormat

const detect = ({ records, shape }: Sample): Detection | null =>
  shape !== "text" && records.some(looksLike)
    ? { format: "vivim-account", confidence: 1, evidence: `records of "${conversationFormat}"` }
    : null

const decode = Schema.decodeUnknownEither(FileConversation)

/** Every content of a conversation: what its messages show, and the records it was read from. */
const contentsOf = ({ messages, raws }: Pick<FileConversation, "messages" | "raws">): ReadonlyArray<ContentRef> => [
  ...raws,
  ...messages.flatMap(({ blocks }) => blocks.flatMap((block) => "content" in block ? block.content ?? [] : []))
]

/** Why it is not what it says, or null. */
const flawOf = (conversation: FileConversation, { limits }: Workbench): string | null => {
  const { format: _, hash, messages, ...said } = conversation
  if (messages.length > limits.nodesMax) {
    return `has ${messages.length} messages, over nodesMax (${limits.nodesMax})`
  }
  const long = messages.find(({ blocks }) => textLength(blocks) > limits.messageTextMax)
  if (long !== undefined) return `its message ${long.id} is over messageTextMax (${limits.messageTextMax})`
  const changed = messages.find((message) => messageHash(message) !== message.hash)
  if (changed !== undefined) return `its message ${changed.id} is not what its hash says`
  return sha256(contentOf({ ...said, messages })) === hash ? null : "it is not what its hash says"
}

/** A file under a name it has no right to, or null. */
const strangerIn = (desk: AssetDesk, refs: ReadonlyArray<ContentRef>): string | null => {
  const strangers = refs.filter(({ hash }) => {
    const { content } = desk.look(hash)
    return content !== null && content.hash !== hash
  })
  return strangers.length === 0 ? null : `its file ${strangers[0]!.hash} is not what its hash says`
}

const unhashed = ({ hash: _, ...message }: Message) => message

const normalise = (value: unknown, found: number, bench: Workbench): Draft | Unfit => {
  const id = wordsOf(member(value, "sourceId"))
  const title = wordsOf(member(value, "title")) ?? wordsOf(member(value, "sourceTitle"))
  const unfit = (reason: string): Unfit => ({ _tag: "Unfit", id, title, reason, nodes: found })
  const decoded = decode(value)
  if (Either.isLeft(decoded)) return unfit("is not of the form this build reads")
  const flaw = flawOf(decoded.right, bench) ?? strangerIn(bench.desk, contentsOf(decoded.right))
  if (flaw !== null) return unfit(flaw)
  const { documentId: _, format: __, hash: ___, messages, ...restated } = decoded.right
  const { createdAt, leaf, model, project, provider, sourceId, updatedAt } = restated
  return {
    _tag: "Draft",
    provider,
    sourceId,
    title,
    summary: null,
    createdAt,
    updatedAt,
    archived: restated.archived,
    starred: restated.starred,
    model,
    project,
    tags: [],
    leaf,
    messages: messages.map(unhashed),
    quarantined: [],
    merged: 0,
    restated
  }
}

const format: JsonFormat = {
  nodesKey: "messages",
  looksLike,
  normalise,
  idKey: /"sourceId"\s*:\s*"([^"\\]{1,256})"/,
  titleKey: /"title"\s*:\s*"((?:[^"\\]|\\.){0,1000})"/,
  nodeKey: /"parent"\s*:/g
}

export const VivimReader: Reader = {
  name: "VIVIM",
  detect,
  read: (entry, sample, context) => readJson(format, entry, sample, context)
}
