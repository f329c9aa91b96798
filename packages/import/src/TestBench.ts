/** What the tests of this room share: a store in memory, files made on the spot, exports in few words, and the active path. */
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import type { ContentHash } from "@vivim/event-schemas/ids"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { defaultImportLimits, type ImportLimits } from "./ImportLimits.ts"
import { sha256 } from "./MessageHash.ts"
import { open } from "./Read.ts"
import type { Aside, Conversation, Keep, Rejected } from "./Reader.ts"
import { addOutcome, emptyTally, outcomeOf, receiptOf } from "./Tally.ts"

const fixtures = Path.resolve(import.meta.dirname, "../../../test/fixtures")
const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "vivim-import-"))
process.on("exit", () => Fs.rmSync(folder, { recursive: true, force: true }))

interface Kept {
  readonly name: string
  readonly mime: string
  readonly bytes: Uint8Array
}

/** A content store in memory. */
const store = () => {
  const kept: Array<Kept> = []
  const keep: Keep = (bytes, about) =>
    Stream.runCollect(bytes).pipe(Effect.map((chunks): ContentRef => {
      const whole = Buffer.concat(Chunk.toReadonlyArray(chunks))
      kept.push({ ...about, bytes: whole })
      return { hash: sha256(whole) as ContentHash, bytes: whole.length, mime: about.mime }
    }))
  return { keep, kept }
}

/** Reads everything and tells everything. */
const read = (path: string, limits: Partial<ImportLimits> = {}, skip = 0) => {
  const { keep, kept } = store()
  return Effect.runPromise(Effect.gen(function*() {
    const reading = yield* open(path, { limits: { ...defaultImportLimits, ...limits }, keep, skip })
    const items = Chunk.toReadonlyArray(yield* Stream.runCollect(reading.items))
    const receipt = receiptOf(
      items.reduce((tally, item) => addOutcome(tally, outcomeOf(item)), emptyTally(reading.format))
    )
    return {
      format: reading.format,
      evidence: reading.evidence,
      items,
      conversations: items.filter((item): item is Conversation => item._tag === "Conversation"),
      rejected: items.filter((item): item is Rejected => item._tag === "Rejected"),
      asides: items.filter((item): item is Aside => item._tag === "Aside"),
      receipt,
      kept,
      progress: yield* reading.progress,
      named: yield* reading.named
    }
  }))
}

let made = 0

/** A file with these bytes; of any name, for names mean nothing. */
const file = (content: string | Uint8Array, name = `export-${++made}.bin`): string => {
  const path = Path.join(folder, String(++made), name)
  Fs.mkdirSync(Path.dirname(path), { recursive: true })
  Fs.writeFileSync(path, content)
  return path
}

/** A directory with these files. */
const directory = (files: { readonly [name: string]: string | Uint8Array }): string => {
  const root = Path.join(folder, String(++made))
  Fs.mkdirSync(root, { recursive: true })
  for (const [name, content] of Object.entries(files)) {
    Fs.mkdirSync(Path.dirname(Path.join(root, name)), { recursive: true })
    Fs.writeFileSync(Path.join(root, name), content)
  }
  return root
}

type Json = { readonly [key: string]: unknown }

/** A node of ChatGPT's: `node("a", "root", "user", "Hello")`. */
const node = (
  id: string,
  parent: string | null,
  role: string,
  text: string | Json,
  more: Json = {},
  children: ReadonlyArray<string> = []
) => ({
  id,
  parent,
  children,
  message: {
    id,
    author: { role, name: null, metadata: {} },
    create_time: 1_760_000_000,
    content: typeof text === "string" ? { content_type: "text", parts: [text] } : text,
    status: "finished_successfully",
    weight: 1,
    metadata: {},
    recipient: "all",
    ...more
  }
})

/** A conversation of ChatGPT's from its nodes; a root is put before those without a parent of their own. */
const chat = (id: string, nodes: ReadonlyArray<{ readonly id: string }>, more: Json = {}) => ({
  title: `Title of ${id}`,
  create_time: 1_760_000_000,
  update_time: 1_760_000_100,
  mapping: Object.fromEntries(nodes.map((each) => [each.id, each])),
  current_node: nodes.at(-1)?.id ?? null,
  conversation_id: id,
  id,
  ...more
})

/** One question and its answer. */
const talk = (id: string, more: Json = {}) =>
  chat(id, [
    node(`${id}-q`, null, "user", `Question of ${id}`, {}, [`${id}-a`]),
    node(`${id}-a`, `${id}-q`, "assistant", `Answer of ${id}`)
  ], more)

/** A message of Claude's. */
const said = (uuid: string, parent: string | null, sender: string, text: string, more: Json = {}) => ({
  uuid,
  text,
  content: [{ type: "text", text, citations: [] }],
  sender,
  created_at: "2026-01-05T09:00:00.000000Z",
  attachments: [],
  files: [],
  ...(parent === null ? {} : { parent_message_uuid: parent }),
  ...more
})

/** A conversation of Claude's. */
const claude = (uuid: string, messages: ReadonlyArray<unknown>, more: Json = {}) => ({
  uuid,
  name: `Name of ${uuid}`,
  summary: "",
  created_at: "2026-01-05T09:00:00.000000Z",
  updated_at: "2026-01-05T10:00:00.000000Z",
  account: { uuid: "account" },
  chat_messages: messages,
  ...more
})

/** All words of a conversation, whatever block they stand in. */
const words = ({ messages }: Conversation): string => messages.map(({ blocks }) => JSON.stringify(blocks)).join("\n")

/** From the current leaf to the root, first to last. */
const activePath = ({ leaf, messages }: Conversation) => {
  const byId = new Map(messages.map((message) => [message.id, message]))
  const path = []
  for (
    let at = leaf === null ? undefined : byId.get(leaf);
    at !== undefined;
    at = at.parent === null ? undefined : byId.get(at.parent)
  ) {
    path.push(at)
  }
  return path.toReversed()
}

/** What the product shows: the turns on the active path. */
const visible = (conversation: Conversation) => activePath(conversation).filter(({ hidden }) => hidden === null)

/** Messages nobody answered, those that only hold the tree together aside. */
const leaves = ({ messages }: Conversation) => {
  const parents = new Set(messages.map(({ parent }) => parent))
  return messages.filter(({ hidden, id }) => hidden !== "structure" && !parents.has(id))
}

export const TestBench = {
  fixtures,
  store,
  read,
  file,
  directory,
  node,
  chat,
  talk,
  said,
  claude,
  words,
  activePath,
  visible,
  leaves
}
