/**
 * The reader of Claude's exports: the tree of 2025 and later, and the flat list before it.
 *
 * B1  Every message of a conversation is kept, merged with its twin, or quarantined by its id and a reason.
 * B2  Edits and retries make a tree by their parents; without any parents the messages are one chain in their order.
 * B3  The newest leaf is the current one, unless the export names another.
 */
import type { MessageId } from "@vivim/event-schemas/ids"
import { blocksOf } from "./ClaudeContent.ts"
import { cleanLabel, cleanLabelOrNull, cleanText, cleanTextOrNull } from "./CleanText.ts"
import { type Draft, newestLeaf, type Unfit, type Workbench } from "./Draft.ts"
import { isObject, type JsonObject, kindOf, listOf, member, textOf, wordsOf } from "./Json.ts"
import { type JsonFormat, readJson } from "./JsonConversations.ts"
import { sha256, type Unhashed } from "./MessageHash.ts"
import { momentOf } from "./Moment.ts"
import { NodeIds } from "./NodeIds.ts"
import type { Detection, Reader } from "./Reader.ts"
import { follows, type Sample } from "./Sample.ts"
import { textLength } from "./TextLength.ts"
import { arrange, type TreeNode } from "./Tree.ts"

/** The parent of what begins a conversation. */
const NO_PARENT = "00000000-0000-4000-8000-000000000000"

interface Node extends TreeNode {
  readonly message: JsonObject
}

const looksLike = (value: unknown): boolean => Array.isArray(member(value, "chat_messages"))

const detect = (sample: Sample): Detection | null => {
  const records = sample.records.filter(looksLike)
  const speaks = records.some((record) =>
    listOf(member(record, "chat_messages")).some((message) => typeof member(message, "sender") === "string")
  )
  const evidence = `${records.length} records with "chat_messages"`
  if (speaks) return { format: "claude-export", confidence: 0.95, evidence }
  if (records.length > 0) return { format: "claude-export", confidence: 0.6, evidence }
  if (sample.shape !== "text" && follows(sample.text, /"chat_messages"\s*:\s*\[/, /"sender"\s*:/)) {
    return { format: "claude-export", confidence: 0.4, evidence: "\"chat_messages\" with senders in broken JSON" }
  }
  return null
}

const normalise = (value: unknown, found: number, bench: Workbench, raw: Uint8Array): Draft | Unfit => {
  if (!isObject(value)) {
    return { _tag: "Unfit", id: null, title: null, reason: `is ${kindOf(value)}, no conversation`, nodes: found }
  }
  const id = wordsOf(value["uuid"])
  const title = cleanLabelOrNull(wordsOf(value["name"])?.trim() ?? null, bench.notes)
  const list = value["chat_messages"]
  const unfit = (reason: string, nodes: number): Unfit => ({ _tag: "Unfit", id, title, reason, nodes })
  if (!Array.isArray(list)) return unfit(`its "chat_messages" is ${kindOf(list)}`, found)
  if (list.length > bench.limits.nodesMax) {
    return unfit(`has ${list.length} messages, over nodesMax (${bench.limits.nodesMax})`, list.length)
  }
  const { merged, messages, newIds, quarantined } = messagesOf(list, bench)
  const repeated = Math.max(0, found - list.length)
  bench.notes.count("messages under a repeated key, only in the raw record", repeated)
  const current = newIds.get(textOf(value["current_leaf_message_uuid"]) ?? "")
  return {
    _tag: "Draft",
    provider: "claude",
    sourceId: sourceIdOf(id, value, raw, bench),
    title,
    summary: cleanTextOrNull(wordsOf(value["summary"]), bench.notes),
    createdAt: momentOf(value["created_at"]),
    updatedAt: momentOf(value["updated_at"]),
    archived: typeof value["is_archived"] === "boolean" ? value["is_archived"] : null,
    starred: typeof value["is_starred"] === "boolean" ? value["is_starred"] : null,
    model: cleanLabelOrNull(wordsOf(value["model"]), bench.notes),
    project: cleanLabelOrNull(
      wordsOf(member(value["project"], "name")) ?? wordsOf(member(value["project"], "uuid")) ??
        wordsOf(value["project_uuid"]),
      bench.notes
    ),
    tags: [],
    leaf: current ?? newestLeaf(messages),
    messages,
    quarantined,
    merged: merged + repeated
  }
}

/** Messages seen under one id: the first, and the JSON of all once there is a second. */
interface SameId {
  readonly first: JsonObject
  readonly json: Set<string>
}

/** The readable messages as nodes; twins (same id, same content) count once, same id with other content gets its own. */
const nodesOf = (list: ReadonlyArray<unknown>, bench: Workbench) => {
  const nodes: Array<Node> = []
  const quarantined: Array<{ readonly id: string; readonly reason: string }> = []
  const seen = new Map<string, SameId>()
  const flat = !list.some((message) => typeof member(message, "parent_message_uuid") === "string")
  let merged = 0
  list.forEach((message, index) => {
    if (!isObject(message)) {
      return void quarantined.push({ id: `#${index + 1}`, reason: `is ${kindOf(message)}, no message` })
    }
    const uuid = wordsOf(message["uuid"]) ?? `~${index + 1}`
    const same = seen.get(uuid)
    if (same === undefined) seen.set(uuid, { first: message, json: new Set() })
    else {
      const json = JSON.stringify(message)
      if (same.json.size === 0) same.json.add(JSON.stringify(same.first))
      if (same.json.has(json)) return void merged++
      same.json.add(json)
      bench.notes.count("messages that share their id with one of other content, all kept")
    }
    const before = nodes.at(-1)?.id ?? null
    const named = textOf(message["parent_message_uuid"])
    const parent = flat || named === null ? before : named === NO_PARENT ? null : named
    const id = same === undefined ? uuid : `${uuid}~${index + 1}`
    nodes.push({ id, parent, children: [], at: momentOf(message["created_at"]), message })
  })
  return { nodes, quarantined, merged }
}

const messagesOf = (list: ReadonlyArray<unknown>, bench: Workbench) => {
  const { merged, nodes, quarantined } = nodesOf(list, bench)
  const tree = arrange(nodes)
  bench.notes.count("messages whose parent is not there, kept as further roots", tree.orphans)
  bench.notes.count("circles of messages, cut", tree.circles)
  const take = new NodeIds(bench.notes)
  const newIds = new Map<string, MessageId | null>()
  const messages: Array<Unhashed> = []
  for (const index of tree.order) {
    const node = nodes[index]!
    const parent = newIds.get(nodes[tree.parents[index]!]?.id ?? "") ?? null
    const blocks = blocksOf(node.message, bench)
    const reason = overBound(textLength(blocks), tree.depths[index]!, bench)
    if (reason !== null) {
      quarantined.push({ id: cleanLabel(node.id, bench.notes), reason })
      newIds.set(node.id, parent)
      continue
    }
    const id = take.take(node.id)
    newIds.set(node.id, id)
    const sender = textOf(node.message["sender"])
    messages.push({
      id,
      parent,
      role: sender === "human" ? "user" : sender === "assistant" || sender === "tool" ? sender : "system",
      author: null,
      model: cleanLabelOrNull(wordsOf(node.message["model"]), bench.notes),
      at: node.at,
      hidden: sender === "human" || sender === "assistant" ? null : sender === "tool" ? "tool" : "author unknown",
      blocks
    })
  }
  return { messages, newIds, quarantined, merged }
}

const overBound = (length: number, depth: number, { limits }: Workbench): string | null => {
  if (depth > limits.treeDepthMax) return `stands ${depth} deep, over treeDepthMax (${limits.treeDepthMax})`
  return length > limits.messageTextMax
    ? `holds ${length} characters, over messageTextMax (${limits.messageTextMax})`
    : null
}

const ID_MAX = 256

/** Without an id: a hash of when it began and of its first message's id; without that, of everything. */
const sourceIdOf = (id: string | null, record: JsonObject, raw: Uint8Array, bench: Workbench): string => {
  if (id !== null) {
    const clean = cleanText(id, bench.notes)
    return clean.length <= ID_MAX ? clean : `sha256-${sha256(JSON.stringify(id))}`
  }
  bench.notes.add("has no id; one was derived")
  const first = wordsOf(member(listOf(record["chat_messages"])[0], "uuid"))
  return `sha256-${sha256(first === null ? raw : JSON.stringify([record["created_at"], first]))}`
}

const format: JsonFormat = {
  nodesKey: "chat_messages",
  looksLike,
  normalise,
  idKey: /"uuid"\s*:\s*"([^"\\]{1,256})"/,
  titleKey: /"name"\s*:\s*"((?:[^"\\]|\\.){0,1000})"/,
  nodeKey: /"sender"\s*:/g
}

export const ClaudeReader: Reader = {
  name: "Claude",
  detect,
  read: (entry, sample, context) => readJson(format, entry, sample, context)
}
