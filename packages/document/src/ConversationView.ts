/**
 * One conversation, read: its head and tree, the content of some messages, its atomic chat units.
 *
 * V1  The tree holds every node once, parents before their children, siblings in the order they came.
 * V2  What hangs on nothing is a root, what hangs on itself too: the tree can be walked whatever an export held.
 * V3  Messages come back as they went in, in the order asked for.
 * V4  Units come back as their message splits.
 * V6  A kept file is held by the conversation whose message has it as its content, and by none whose words name it.
 * V5  The active path runs from the leaf to its root; without a leaf, from the newest one.
 */
import type { Block, Message, Role } from "@vivim/event-schemas/document/Message"
import type { Database, SqlValue } from "@vivim/user-database/Database"
import * as AtomicChatUnit from "./AtomicChatUnit.ts"
import * as LibraryMessages from "./LibraryMessages.ts"
import * as LibrarySummary from "./LibrarySummary.ts"
import * as MarkdownBlocks from "./MarkdownBlocks.ts"

export interface Node {
  readonly id: string
  readonly parent: string | null
  readonly role: Role
  readonly at: number | null
  readonly model: string | null
  readonly hidden: string | null
  readonly hash: string
}

export interface Outline {
  readonly summary: LibrarySummary.Summary
  readonly project: string | null
  /** The node last shown; the active path runs from here to its root. */
  readonly leaf: string | null
  readonly warnings: ReadonlyArray<string>
  readonly nodes: ReadonlyArray<Node>
}

export interface UnitOfMessage extends AtomicChatUnit.Unit {
  readonly messageId: string
}

interface Head {
  readonly number: number
  readonly project: string | null
  readonly leaf: string | null
  readonly warnings: string
}

/** The head and the tree, or null when there is no such conversation. */
export const outline = (db: Database, documentId: string): Outline | null => {
  const head = db.get<Head>("SELECT number, project, leaf, warnings FROM conversations WHERE id = ?", documentId)
  if (head === undefined) return null
  const nodes = db.all<Node>(
    `SELECT id, parent, role, at, model, hidden, lower(hex(hash)) AS hash FROM messages WHERE conversation = ?
     ORDER BY ordinal`,
    head.number
  )
  return {
    summary: LibrarySummary.select(db, "WHERE c.number = ?", head.number)[0]!,
    project: head.project,
    leaf: head.leaf,
    warnings: JSON.parse(head.warnings),
    nodes: parentsFirst(nodes)
  }
}

/** Each node after its parent. Orphans become roots; of a ring, the node that came first does. */
const parentsFirst = (nodes: ReadonlyArray<Node>): ReadonlyArray<Node> => {
  const known = new Set(nodes.map(({ id }) => id))
  const done = new Set<string>()
  const waiting = new Map<string, Array<Node>>()
  const sorted: Array<Node> = []
  const place = (first: Node) => {
    const placing = [first]
    for (let node = placing.pop(); node !== undefined; node = placing.pop()) {
      if (done.has(node.id)) continue
      done.add(node.id)
      sorted.push(node)
      placing.push(...(waiting.get(node.id) ?? []).toReversed())
      waiting.delete(node.id)
    }
  }
  for (const node of nodes) {
    if (node.parent === null || done.has(node.parent)) place(node)
    else if (!known.has(node.parent)) place({ ...node, parent: null })
    else {
      const siblings = waiting.get(node.parent) ?? []
      waiting.set(node.parent, siblings)
      siblings.push(node)
    }
  }
  for (const node of nodes) if (!done.has(node.id)) place({ ...firstOfRing(nodes, node), parent: null })
  return sorted
}

/** What hangs above a node that hangs on no root: going up, one comes back. */
const firstOfRing = (nodes: ReadonlyArray<Node>, from: Node): Node => {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const above = (node: Node) => byId.get(node.parent!)!
  const passed = new Set<Node>()
  let node = from
  for (; !passed.has(node); node = above(node)) passed.add(node)
  const ring = new Set<Node>()
  for (; !ring.has(node); node = above(node)) ring.add(node)
  return nodes.find((node) => ring.has(node))!
}

/** The ids from the root down to the leaf. */
export const activePath = (nodes: ReadonlyArray<Node>, leaf: string | null): ReadonlyArray<string> => {
  const parents = new Map(nodes.map(({ id, parent }) => [id, parent]))
  const path = new Set<string>()
  const from = leaf !== null && parents.has(leaf) ? leaf : newestLeaf(nodes)
  for (let id = from; id !== null && parents.has(id) && !path.has(id); id = parents.get(id)!) path.add(id)
  return [...path].toReversed()
}

const newestLeaf = (nodes: ReadonlyArray<Node>): string | null => {
  const inner = new Set(nodes.map(({ parent }) => parent))
  let newest: Node | null = null
  for (const node of nodes) {
    if (!inner.has(node.id) && (newest === null || (node.at ?? -1) >= (newest.at ?? -1))) newest = node
  }
  return newest?.id ?? null
}

interface MessageRow extends Omit<Message, "blocks"> {
  readonly number: number
  readonly text: string
  readonly blocks: string | null
}

const rows = (db: Database, where: string, ...params: ReadonlyArray<SqlValue>) =>
  db.all<MessageRow>(
    `SELECT m.number, m.id, m.parent, m.role, m.author, m.model, m.at, m.hidden, b.text, b.blocks,
       lower(hex(m.hash)) AS hash
     FROM conversations c JOIN messages m ON m.conversation = c.number JOIN bodies b ON b.number = m.number
     WHERE ${where} ORDER BY m.ordinal`,
    ...params
  )

const messageOf = ({ blocks, number: _, text, ...message }: MessageRow): Message => ({
  ...message,
  blocks: LibraryMessages.blocksOf(text, blocks)
})

/** All its messages, in order. */
export const everyMessage = (db: Database, documentId: string): ReadonlyArray<Message> =>
  rows(db, "c.id = ?", documentId).map(messageOf)

/** The messages asked for that are there. */
export const messages = (db: Database, documentId: string, ids: ReadonlyArray<string>): ReadonlyArray<Message> => {
  const found = rows(db, "c.id = ? AND m.id IN (SELECT value FROM json_each(?))", documentId, JSON.stringify(ids))
  const byId = new Map(found.map((row) => [row.id as string, row]))
  return [...new Set(ids)].flatMap((id) => {
    const row = byId.get(id)
    return row === undefined ? [] : [messageOf(row)]
  })
}

/** The units of one message, or of all, in order. */
export const units = (db: Database, documentId: string, messageId?: string): ReadonlyArray<UnitOfMessage> => {
  const found = messageId === undefined
    ? rows(db, "c.id = ?", documentId)
    : rows(db, "c.id = ? AND m.id = ?", documentId, messageId)
  return found.flatMap((row) => {
    const blocks = LibraryMessages.blocksOf(row.text, row.blocks)
    return db.all<Omit<UnitOfMessage, "id" | "text" | "messageId">>(
      `SELECT ordinal, block, type, "start", "end", language, lower(hex(hash)) AS hash FROM units WHERE message = ?
       ORDER BY ordinal`,
      row.number
    ).map((unit) => ({
      ...unit,
      id: AtomicChatUnit.unitId(row.id, unit.ordinal, unit.hash),
      messageId: row.id,
      text: contentOf(blocks[unit.block]!, unit)
    }))
  })
}

/** Of code in a text only what stands between the fences. */
const contentOf = (block: Block, { end, start, type }: Pick<AtomicChatUnit.Unit, "start" | "end" | "type">): string => {
  const span = AtomicChatUnit.textOf(block).slice(start, end)
  return block._tag === "Text" && type === "code" ? MarkdownBlocks.scan(span)[0]?.inner ?? span : span
}

/** Whether a message of the conversation holds this kept picture or file. */
export const holds = (db: Database, documentId: string, hash: string): boolean =>
  db.all<{ readonly blocks: string }>(
    `SELECT b.blocks FROM conversations c JOIN messages m ON m.conversation = c.number JOIN bodies b ON b.number = m.number
     WHERE c.id = ? AND instr(b.blocks, ?) > 0`,
    documentId,
    hash
  ).some(({ blocks }) =>
    // The words of a message may name what they do not hold.
    LibraryMessages.blocksOf("", blocks).some((block) => "content" in block && block.content?.hash === hash)
  )
