/** The sample exports against what a correct import must report of them. */
import { Message } from "@vivim/event-schemas/document/Message"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import type { Conversation } from "./Reader.ts"
import { isBalanced } from "./Tally.ts"
import { TestBench } from "./TestBench.ts"

const { fixtures, leaves, read, visible, words } = TestBench
const samples = Path.join(fixtures, "exports")
const shared = Path.resolve(fixtures, "../../../shared/samples")

/** Numbers of one conversation as `expected.json` names them. */
interface Expected {
  readonly title?: string
  readonly total_messages?: number
  readonly leaves?: number
  readonly branches?: number
  readonly active_visible?: number
  readonly active_last?: string
  readonly citations?: number
  readonly tool_calls?: number
  readonly tool_errors?: number
  readonly thinking_blocks?: number
  readonly attachments?: number
  readonly artifacts?: number
  readonly artifact_versions?: number
  readonly code_blocks?: number
  readonly unknown_blocks_kept?: number
  readonly must_contain_anywhere?: ReadonlyArray<string>
  readonly status?: string
}

const expected = JSON.parse(Fs.readFileSync(Path.join(samples, "expected.json"), "utf8"))

const countOf = (conversation: Conversation) => {
  const blocks = conversation.messages.flatMap((message) => message.blocks)
  const all = <Tag extends (typeof blocks)[number]["_tag"]>(tag: Tag) =>
    blocks.filter((block): block is Extract<(typeof blocks)[number], { _tag: Tag }> => block._tag === tag)
  const artifacts = all("ToolCall").filter(({ name }) => name === "artifacts")
  const branches = leaves(conversation).length
  const counts: { readonly [key in keyof Expected]: unknown } = {
    title: conversation.title ?? "",
    total_messages: conversation.messages.filter(({ hidden }) => hidden !== "structure").length,
    leaves: branches,
    branches: branches - 1,
    active_visible: visible(conversation).length,
    active_last: visible(conversation).at(-1)?.blocks.flatMap((block) => block._tag === "Text" ? block.text : [])
      .join(),
    citations: all("Text").flatMap(({ citations }) => citations).length,
    tool_calls: all("ToolCall").length,
    tool_errors: all("ToolResult").filter(({ failed }) => failed).length,
    thinking_blocks: all("Reasoning").length,
    attachments: all("Attachment").length,
    artifacts: new Set(artifacts.map(({ input }) => JSON.parse(input).id)).size,
    artifact_versions: artifacts.length,
    code_blocks: all("Code").length + all("Text").flatMap(({ text }) => text.match(/^```\S/gm) ?? []).length,
    unknown_blocks_kept: all("Unknown").length,
    status: conversation.status
  }
  return counts
}

const check = (conversation: Conversation, wanted: Expected) => {
  const counts = countOf(conversation)
  for (const [key, value] of Object.entries(wanted)) {
    if (key === "note") continue
    if (key === "must_contain_anywhere") {
      for (const part of value) assert.include(words(conversation), JSON.stringify(part).slice(1, -1))
    } else assert.deepStrictEqual(counts[key as keyof Expected], value, `${conversation.sourceId}: ${key}`)
  }
}

describe("Samples", () => {
  it("the split export of 2026 is read whole", async () => {
    const { unique_conversations, assets_resolved, assets_missing, feedback, shared_links } =
      expected["chatgpt/chatgpt-export-2026-split.zip"]
    const { asides, conversations, format, kept, named, receipt } = await read(
      Path.join(samples, "chatgpt/chatgpt-export-2026-split.zip")
    )
    assert.strictEqual(format, "chatgpt-export-split")
    assert.deepStrictEqual(receipt.conversations, {
      found: unique_conversations,
      imported: unique_conversations,
      merged: 0,
      empty: 0,
      quarantined: 0
    })
    assert.deepStrictEqual(receipt.nodes, { found: 60, kept: 28, hidden: 32, merged: 0, quarantined: 0 })
    assert.deepStrictEqual(named, { resolved: assets_resolved, missing: assets_missing })
    const records = (reason: RegExp) => asides.find((aside) => reason.test(aside.reason))?.records
    assert.deepStrictEqual([records(/ratings/), records(/shared links/)], [feedback, shared_links])
    assert.deepStrictEqual(
      kept.filter(({ name }) => name.endsWith(".webp")).map(({ mime }) => mime),
      ["image/png"],
      "told by its bytes"
    )
    const byTitle = (title: string) => conversations.find((conversation) => conversation.title === title)!
    check(byTitle("Naming the cat"), { leaves: 5, branches: 4, active_visible: 4, active_last: "Because grey ash. 🐈" })
    check(byTitle("Quarterly totals from the CSV"), { active_visible: 2, tool_calls: 1, attachments: 1 })
    check(byTitle("Do swifts sleep in flight?"), { active_visible: 4, tool_calls: 2, tool_errors: 1, citations: 3 })
    check(byTitle("Is 2027 prime?"), { active_visible: 2, thinking_blocks: 3 })
    check(byTitle("Draft: volunteer handbook"), { active_visible: 2, tool_calls: 2, code_blocks: 1 })
    check(byTitle("What does the lease say?"), { active_visible: 2, citations: 1, active_last: "One cat is allowed." })
    check(byTitle("Voice: shopping list"), {
      active_visible: 2,
      attachments: 2,
      active_last: "Added oats and olive oil."
    })
    for (const conversation of conversations) assert.notMatch(words(conversation), /[\uE200-\uE206]/)
  })

  it("every conversation of Claude's export is what it should be", async () => {
    const { per_conversation, unique_conversations } = expected["claude/conversations.json"]
    const { asides, conversations, format, receipt } = await read(Path.join(samples, "claude"))
    assert.strictEqual(format, "claude-export")
    assert.strictEqual(receipt.conversations.found, unique_conversations)
    assert.sameMembers(conversations.map(({ sourceId }) => sourceId), Object.keys(per_conversation))
    for (const conversation of conversations) check(conversation, per_conversation[conversation.sourceId])
    for (const conversation of conversations) {
      assert.notInclude(words(conversation), "not supported on your current device")
    }
    const records = (reason: RegExp) => asides.find((aside) => reason.test(aside.reason))?.records
    assert.deepStrictEqual([records(/memories/), records(/projects/)], [1, expected["claude/projects.json"].projects])
  })

  it("the transcript has its turns", async () => {
    const { messages, unique_conversations } = expected["generic/transcript.md"]
    const { conversations, format } = await read(Path.join(samples, "generic/transcript.md"))
    assert.deepStrictEqual([format, conversations.length], [
      expected["generic/transcript.md"].format,
      unique_conversations
    ])
    assert.lengthOf(conversations[0]!.messages, messages)
    assert.strictEqual(conversations[0]!.title, "Chat about tea")
  })

  it("all samples together add up, and every message is a message", async () => {
    const isMessages = Schema.is(Schema.Array(Message))
    const { conversations, receipt } = await read(samples)
    assert.isTrue(isBalanced(receipt))
    assert.strictEqual(receipt.conversations.found, 14)
    for (const { messages, nodes } of conversations) {
      assert.isTrue(isMessages(messages))
      assert.strictEqual(nodes.found, nodes.kept + nodes.hidden + nodes.merged + nodes.quarantined)
    }
  })

  it.skipIf(!Fs.existsSync(shared))("other people's fixtures, when ../shared is there", async () => {
    const third = (name: string) => read(Path.join(shared, "third-party", name))
    const classic = await third("librechat-chatgpt-modern-export.json")
    assert.strictEqual(classic.format, "chatgpt-export-classic")
    assert.deepStrictEqual(classic.receipt.conversations, {
      found: 3,
      imported: 2,
      merged: 0,
      empty: 0,
      quarantined: 1
    })
    assert.deepStrictEqual(classic.conversations.map((conversation) => visible(conversation).length), [4, 2])
    const single = await third("polylogue-chatgpt-native-conversation-v1.json")
    assert.strictEqual(single.format, "chatgpt-conversation-single")
    check(single.conversations[0]!, { leaves: 2, active_visible: 2 })
    for (const name of ["librechat-openwebui-export.json", "polylogue-claude-normalization-main.jsonl"]) {
      assert.match(await third(name).then(() => "", String), /not read yet/)
    }
  })
})
