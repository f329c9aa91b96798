/**
 * The reader of ChatGPT's exports: classic, split since 2026, and a single conversation.
 *
 * R1  Every node of a conversation is kept with its place in the tree, or quarantined by its id and a reason.
 * R2  Detection looks at the records: a file of another product with a similar shape is not taken.
 * R3  Ids that are missing are derived from what does not change between two exports of one conversation.
 */
import type { Block } from "@vivim/event-schemas/document/Message"
import type { MessageId } from "@vivim/event-schemas/ids"
import { blocksOf } from "./ChatGptContent.ts"
import { hiddenBecause, roleOf } from "./ChatGptHidden.ts"
import { cleanLabel, cleanLabelOrNull, cleanText } from "./CleanText.ts"
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

/** A node of the tree as the file has it. */
interface Node extends TreeNode {
  /** Null: it has none. */
  readonly message: JsonObject | null
  /** Why it cannot be read. */
  readonly flaw: string | null
}

/** A mapping whose nodes carry fragments is DeepSeek's. */
const isForeign = (mapping: JsonObject): boolean =>
  Object.values(mapping).some((node) => Array.isArray(member(member(node, "message"), "fragments")))

const looksLike = (value: unknown): boolean => {
  const mapping = member(value, "mapping")
  return isObject(mapping) && !isForeign(mapping)
}

const detect = (sample: Sample): Detection | null => {
  const records = sample.records.filter(looksLike)
  const nodes = records.flatMap((record) => Object.values(member(record, "mapping") as JsonObject))
  const whole = sample.shape === "object" && sample.listKey === null
  const format = whole ? "chatgpt-conversation-single" : "chatgpt-export-classic"
  if (nodes.some((node) => isObject(node) && ("message" in node || "children" in node))) {
    return { format, confidence: 0.95, evidence: `${records.length} records with a "mapping" of nodes` }
  }
  if (records.length > 0) return { format, confidence: 0.6, evidence: "records with an empty \"mapping\"" }
  const foreign = sample.records.some((record) => isObject(member(record, "mapping")))
  if (!foreign && sample.shape !== "text" && follows(sample.text, /"mapping"\s*:\s*\{/, /"message"\s*:/)) {
    return { format, confidence: 0.4, evidence: "a \"mapping\" with messages in broken JSON" }
  }
  return null
}

const titleOf = (record: JsonObject, bench: Workbench): string | null =>
  cleanLabelOrNull(wordsOf(record["title"])?.trim() ?? null, bench.notes)

const normalise = (value: unknown, found: number, bench: Workbench, raw: Uint8Array): Draft | Unfit => {
  if (!isObject(value)) {
    return { _tag: "Unfit", id: null, title: null, reason: `is ${kindOf(value)}, no conversation`, nodes: found }
  }
  const id = wordsOf(value["conversation_id"]) ?? wordsOf(value["id"])
  const title = titleOf(value, bench)
  const unfit = (reason: string, nodes: number): Unfit => ({ _tag: "Unfit", id, title, reason, nodes })
  const mapping = value["mapping"]
  if (!isObject(mapping)) return unfit(`its "mapping" is ${kindOf(mapping)}`, Math.max(found, listOf(mapping).length))
  if (isForeign(mapping)) return unfit("is a DeepSeek conversation, which is not read yet", found)
  const nodes = Object.entries(mapping).map(([key, node]) => nodeOf(key, node))
  const all = Math.max(found, nodes.length)
  if (all > bench.limits.nodesMax) return unfit(`has ${all} nodes, over nodesMax (${bench.limits.nodesMax})`, all)
  bench.notes.count("nodes that share their id with a later one, which is kept", all - nodes.length)
  const { ids, messages, quarantined } = messagesOf(nodes, bench)
  return {
    _tag: "Draft",
    provider: "chatgpt",
    sourceId: sourceIdOf(id, value, nodes, raw, bench),
    title,
    summary: null,
    createdAt: momentOf(value["create_time"]),
    updatedAt: momentOf(value["update_time"]),
    archived: flag(value["is_archived"]),
    starred: momentOf(value["pinned_time"]) === null ? flag(value["is_starred"]) : true,
    model: cleanLabelOrNull(wordsOf(value["default_model_slug"]), bench.notes) ??
      messages.findLast((m) => m.model !== null)?.model ?? null,
    project: cleanLabelOrNull(wordsOf(value["gizmo_id"]) ?? wordsOf(value["conversation_template_id"]), bench.notes),
    tags: value["is_do_not_remember"] === true ? ["not-for-memory"] : [],
    leaf: leafOf(value["current_node"], nodes, ids, messages, bench),
    messages,
    quarantined,
    merged: all - nodes.length
  }
}

const flag = (value: unknown): boolean | null => typeof value === "boolean" ? value : null

const nodeOf = (id: string, node: unknown): Node => {
  if (!isObject(node)) {
    return { id, parent: null, children: [], at: null, message: null, flaw: `is ${kindOf(node)}, no node` }
  }
  const message = node["message"] ?? null
  return {
    id,
    parent: textOf(node["parent"]),
    children: listOf(node["children"]).filter((child) => typeof child === "string"),
    at: momentOf(member(message, "create_time")),
    message: isObject(message) ? message : null,
    flaw: message === null || isObject(message) ? null : `its message is ${kindOf(message)}`
  }
}

/** The nodes as messages, in the order of the tree; what cannot be kept is taken out and its children move up. */
const messagesOf = (nodes: ReadonlyArray<Node>, bench: Workbench) => {
  const tree = arrange(nodes)
  bench.notes.count("nodes whose parent is not there, kept as further roots", tree.orphans)
  bench.notes.count("circles of nodes, cut", tree.circles)
  bench.notes.count("nodes placed by a child list, for want of a parent", tree.adopted)
  const take = new NodeIds(bench.notes)
  const ids = new Map<string, MessageId | null>()
  const messages: Array<Unhashed> = []
  const quarantined: Array<{ readonly id: string; readonly reason: string }> = []
  for (const index of tree.order) {
    const node = nodes[index]!
    const above = nodes[tree.parents[index]!]
    const parent = above === undefined ? null : ids.get(above.id) ?? null
    const blocks = node.flaw === null && node.message !== null ? blocksOf(node.message, bench) : []
    const reason = node.flaw ?? overBound(blocks, tree.depths[index]!, bench)
    // A node that is taken out stands for its own parent, so that its children find it.
    if (reason !== null) {
      quarantined.push({ id: cleanLabel(node.id, bench.notes), reason })
      ids.set(node.id, parent)
      continue
    }
    const id = take.take(node.id)
    ids.set(node.id, id)
    messages.push(messageOf(id, parent, node, blocks, bench))
  }
  return { ids, messages, quarantined }
}

const overBound = (blocks: ReadonlyArray<Block>, depth: number, { limits }: Workbench): string | null => {
  if (depth > limits.treeDepthMax) return `stands ${depth} deep, over treeDepthMax (${limits.treeDepthMax})`
  const length = textLength(blocks)
  return length > limits.messageTextMax
    ? `holds ${length} characters, over messageTextMax (${limits.messageTextMax})`
    : null
}

const messageOf = (
  id: MessageId,
  parent: MessageId | null,
  { at, message }: Node,
  blocks: ReadonlyArray<Block>,
  { notes }: Workbench
): Unhashed => ({
  id,
  parent,
  role: roleOf(message),
  author: cleanLabelOrNull(wordsOf(member(message?.["author"], "name")), notes),
  model: cleanLabelOrNull(wordsOf(member(message?.["metadata"], "model_slug")), notes),
  at,
  hidden: cleanLabelOrNull(hiddenBecause(message), notes),
  blocks
})

/** The node the product shows last; a quarantined one stands for its nearest kept ancestor. */
const leafOf = (
  current: unknown,
  nodes: ReadonlyArray<Node>,
  ids: ReadonlyMap<string, MessageId | null>,
  messages: ReadonlyArray<Unhashed>,
  bench: Workbench
): MessageId | null => {
  const named = typeof current === "string" ? ids.get(current) : undefined
  if (named !== undefined) return named
  if (nodes.length > 0) bench.notes.add("the current node is not there; the newest leaf is taken")
  return newestLeaf(messages)
}

const ID_MAX = 256

/**
 * The export's id; without one, a hash of when it began and of its first node ids, which are random and do not change;
 * without such ids, of everything.
 */
const sourceIdOf = (
  id: string | null,
  record: JsonObject,
  nodes: ReadonlyArray<Node>,
  raw: Uint8Array,
  bench: Workbench
): string => {
  if (id !== null) {
    const clean = cleanText(id, bench.notes)
    return clean.length <= ID_MAX ? clean : `sha256-${sha256(JSON.stringify(id))}`
  }
  bench.notes.add("has no id; one was derived")
  const first = arrange(nodes).order.slice(0, 4).map((index) => nodes[index]!.id)
  const random = first.some((node) => /^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(node))
  return `sha256-${sha256(random ? JSON.stringify([record["create_time"], first]) : raw)}`
}

const format: JsonFormat = {
  nodesKey: "mapping",
  looksLike,
  normalise,
  idKey: /"conversation_id"\s*:\s*"([^"\\]{1,256})"/,
  titleKey: /"title"\s*:\s*"((?:[^"\\]|\\.){0,1000})"/,
  nodeKey: /"children"\s*:\s*\[/g
}

export const ChatGptReader: Reader = {
  name: "ChatGPT",
  detect,
  read: (entry, sample, context) => readJson(format, entry, sample, context)
}
