/**
 * Messages of one conversation, written: the tree's rows, the words, the atomic chat units and the full-text index.
 * A message that comes again as it was changes nothing; one that comes changed takes the place of the old one.
 */
import type { Block, Message } from "@vivim/event-schemas/document/Message"
import type { Database } from "@vivim/user-database/Database"
import * as AtomicChatUnit from "./AtomicChatUnit.ts"
import * as SearchText from "./SearchText.ts"
import * as SearchWords from "./SearchWords.ts"

/** What a conversation's head says about its messages. */
export interface Tree {
  readonly shown: number
  readonly branches: number
  readonly firstAt: number | null
  readonly lastAt: number | null
}

/** More than the messages of one event. */
const messagesOfEvent = 4_096

const numberOf = (position: number, n: number) => position * messagesOfEvent + n

interface Node {
  readonly number: number
  readonly ordinal: number
  readonly parent: string | null
  readonly hidden: string | null
  readonly at: number | null
  /** When it was said, or when its conversation was: messages of some exports have no time. */
  readonly time: number
  readonly hash: string
  readonly role: string
}

/** Erasing word by word costs two milliseconds a message in a large index; beyond this many one merge of all is cheaper. */
const erasedSinglyMax = 500

/** All that can be found in a message, in order. */
const textOf = ({ blocks }: Message): string =>
  blocks.length === 1
    ? AtomicChatUnit.textOf(blocks[0]!)
    : blocks.map(AtomicChatUnit.textOf).filter((text) => text !== "").join("\n\n")

/** True when the text says everything, as it does for most messages. */
const isPlain = ([block, ...more]: ReadonlyArray<Block>) =>
  block?._tag === "Text" && more.length === 0 && block.citations.length === 0

/** Fields in the order of canonical bytes, whichever the writer put them in: an event gives one row, however it came here. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
      Object.entries(value).toSorted(([a], [b]) => a.length - b.length || (a < b ? -1 : 1))
    )

/** The blocks behind one row of `bodies`. */
export const blocksOf = (text: string, blocks: string | null): ReadonlyArray<Block> =>
  blocks === null ? [{ _tag: "Text", text, citations: [] }] : JSON.parse(blocks)

const nodesOf = (db: Database, conversation: number): Map<string, Node> =>
  new Map(
    db.all<Node & { readonly id: string }>(
      "SELECT number, ordinal, id, parent, hidden, at, time, role, lower(hex(hash)) AS hash FROM messages WHERE conversation = ? ORDER BY ordinal",
      conversation
    ).map(({ id, ...node }) => [id, node])
  )

export interface Put {
  readonly conversation: number
  /** Of the event they come with: new messages are numbered by it, so that numbers do not depend on what was deleted meanwhile. */
  readonly position: number
  readonly messages: ReadonlyArray<Message>
  /** For messages that have no time of their own. */
  readonly time: number
  /** The conversation has no messages yet. */
  readonly fresh: boolean
}

/** Adds and replaces messages; answers what the whole tree looks like now. */
export const put = (db: Database, added: Put): Tree => {
  const into = { ...added, provider: providerOf(db, added.conversation) }
  return putOne(db, into) ?? putAll(db, into)
}

/** Where messages are put: the provider is one of their marks in the index. */
interface Into extends Put {
  readonly provider: string
}

const providerOf = (db: Database, conversation: number) =>
  db.value<string>("SELECT provider FROM conversations WHERE number = ?", conversation)!

/**
 * One message more, without looking into the others: a conversation that is said message by message must not cost the square of
 * its length. Null when it is not one, or not a new one.
 */
const putOne = (db: Database, into: Into): Tree | null => {
  const { conversation, fresh, messages: [message, ...more], position, time } = into
  if (fresh || message === undefined || more.length > 0) return null
  const { id, parent } = message
  const beside = db.get<
    { count: number; last: number; known: number; parents: number; children: number; siblings: number }
  >(
    `SELECT count(*) AS count, max(ordinal) AS last, total(id = ?) AS known, total(id = ?) AS parents, total(parent = ?) AS children,
       total(parent = ?) AS siblings FROM messages WHERE conversation = ?`,
    id,
    parent,
    id,
    parent,
    conversation
  )!
  if (beside.known > 0 || beside.count === 0) return null
  const head = db.get<{ shown: number; branches: number }>(
    "SELECT shown, branches FROM conversations WHERE number = ?",
    conversation
  )!
  const number = numberOf(position, 0)
  const { at, hash, hidden, role } = message
  count(db, 1)
  insert(db, into, { number, ordinal: beside.last + 1, parent, hidden, at, time: at ?? time, hash, role }, message)
  const leaf = beside.children === 0 ? 1 : 0
  const grownOver = beside.parents > 0 && beside.siblings === 0 ? 1 : 0
  return {
    shown: head.shown + (hidden === null ? 1 : 0),
    branches: head.branches + leaf - grownOver,
    firstAt: at,
    lastAt: at
  }
}

const putAll = (db: Database, into: Into): Tree => {
  const { conversation, fresh, messages, position, provider, time } = into
  const nodes = fresh ? new Map<string, Node>() : nodesOf(db, conversation)
  let ordinal = [...nodes.values()].reduce((last, node) => Math.max(last, node.ordinal), -1)
  let n = 0
  // Of an id that comes twice the last one holds.
  const news = [...new Map(messages.map((message) => [message.id, message])).values()]
    .filter(({ hash, id }) => nodes.get(id)?.hash !== hash)
  forget(db, provider, news.flatMap(({ id }) => nodes.get(id) ?? []))
  count(db, news.length)
  for (const message of news) {
    const before = nodes.get(message.id)
    const node: Node = {
      number: before?.number ?? numberOf(position, n++),
      ordinal: before?.ordinal ?? ++ordinal,
      parent: message.parent,
      hidden: message.hidden,
      at: message.at,
      time: message.at ?? time,
      hash: message.hash,
      role: message.role
    }
    nodes.set(message.id, node)
    insert(db, into, node, message)
  }
  return treeOf(nodes)
}

/** So many messages more. */
const count = (db: Database, more: number) => db.run("UPDATE archive SET messages = messages + ? WHERE one = 1", more)

const insert = (db: Database, { conversation, provider }: Into, node: Node, message: Message) => {
  const { number, ordinal, time } = node
  db.run(
    "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, unhex(?))",
    number,
    conversation,
    ordinal,
    message.id,
    message.parent,
    message.role,
    message.author,
    message.model,
    message.at,
    time,
    message.hidden,
    message.hash
  )
  const text = textOf(message)
  db.run(
    "INSERT INTO bodies VALUES (?, ?, ?)",
    number,
    text,
    isPlain(message.blocks) ? null : JSON.stringify(message.blocks, inOrder)
  )
  db.run(
    "INSERT INTO words (rowid, shown, hidden, marks) VALUES (?, ?, ?, ?)",
    number,
    ...wordsOf({ ...node, provider }, text)
  )
  const unit = db.prepare("INSERT INTO units VALUES (?, ?, ?, ?, ?, ?, ?, unhex(?))")
  for (const { block, end, hash, language, ordinal, start, type } of AtomicChatUnit.split(message)) {
    unit.run(number, ordinal, block, type, start, end, language, hash)
  }
}

/** What the index is handed of a message. Taking it out again asks for exactly the same. */
const wordsOf = (
  node: Node & { readonly provider: string },
  text: string
): readonly [shown: string | null, hidden: string | null, marks: string] => {
  const words = SearchText.indexed(text)
  const marks = SearchWords.marksOf(node)
  return node.hidden === null ? [words, null, marks] : [null, words, marks]
}

/**
 * Takes messages out of every table and, with all traces, out of the index. Erasing securely is switched on for the moment
 * only: as long as it is, even what is added goes a slower way.
 */
const forget = (db: Database, provider: string, nodes: ReadonlyArray<Node>) => {
  if (nodes.length === 0) return
  count(db, -nodes.length)
  const singly = nodes.length <= erasedSinglyMax
  if (singly) db.run("INSERT INTO words (words, rank) VALUES ('secure-delete', 1)")
  for (const node of nodes) {
    const text = db.value<string>("SELECT text FROM bodies WHERE number = ?", node.number)!
    db.run(
      "INSERT INTO words (words, rowid, shown, hidden, marks) VALUES ('delete', ?, ?, ?, ?)",
      node.number,
      ...wordsOf({ ...node, provider }, text)
    )
    db.run("DELETE FROM units WHERE message = ?", node.number)
    db.run("DELETE FROM bodies WHERE number = ?", node.number)
    db.run("DELETE FROM messages WHERE number = ?", node.number)
  }
  if (!singly) return void db.run("INSERT INTO words (words) VALUES ('optimize')")
  db.run("INSERT INTO words (words) VALUES ('flush')")
  db.run("INSERT INTO words (words, rank) VALUES ('secure-delete', 0)")
}

/** Takes one message out; what was said after it follows what was said before. Null when it is not there. */
export const remove = (
  db: Database,
  conversation: number,
  id: string
): { readonly parent: string | null; readonly tree: Tree } | null => {
  const nodes = nodesOf(db, conversation)
  const gone = nodes.get(id)
  if (gone === undefined) return null
  forget(db, providerOf(db, conversation), [gone])
  db.run("UPDATE messages SET parent = ? WHERE conversation = ? AND parent = ?", gone.parent, conversation, id)
  return { parent: gone.parent, tree: treeOf(nodesOf(db, conversation)) }
}

/** All messages of a conversation. */
export const erase = (db: Database, conversation: number): void =>
  forget(db, providerOf(db, conversation), [...nodesOf(db, conversation).values()])

const treeOf = (nodes: ReadonlyMap<string, Node>): Tree => {
  const parents = new Set<string>()
  let shown = 0
  let firstAt: number | null = null
  let lastAt: number | null = null
  for (const { at, hidden, parent } of nodes.values()) {
    if (parent !== null) parents.add(parent)
    if (hidden === null) shown++
    if (at === null) continue
    firstAt = firstAt === null || at < firstAt ? at : firstAt
    lastAt = lastAt === null || at > lastAt ? at : lastAt
  }
  let leaves = 0
  for (const id of nodes.keys()) if (!parents.has(id)) leaves++
  return { shown, branches: Math.max(0, leaves - 1), firstAt, lastAt }
}
