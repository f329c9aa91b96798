/** Pages for people: every word that is shown, names that lead nowhere. */
import type { Block, Message } from "@vivim/event-schemas/document/Message"
import { assert, it } from "vitest"
import * as ConversationMarkdown from "./ConversationMarkdown.ts"
import type { Shown } from "./OwnConversations.ts"

const content = { hash: "a".repeat(64) as never, bytes: 1, mime: "image/png" }
const blocks: ReadonlyArray<Block> = [
  { _tag: "Text", text: "How do **quorums** meet?", citations: [] },
  { _tag: "Code", text: "```\nfences inside\n```", language: "md" },
  { _tag: "Reasoning", text: "first\nsecond", summary: "In short", durationMs: null },
  { _tag: "ToolCall", name: "search", input: "marmalade" },
  { _tag: "ToolResult", name: null, text: "two jars", failed: false, citations: [] },
  { _tag: "Image", source: "x", name: "chart.png", alt: null, content },
  { _tag: "Attachment", source: "x", name: "gone.pdf", mime: null, bytes: null, text: "What it said", content: null },
  { _tag: "Unknown", kind: "new", json: "{\"a\":1}" }
]
const summary = {
  documentId: "c-0123456789",
  title: "../../etc\\passwd: 茶 & more",
  provider: "chatgpt",
  model: "gpt-5",
  createdAt: 1_760_000_000_000,
  tags: ["tea"]
} as unknown as Shown["summary"]
const message = { role: "user", at: 1_760_000_000_000, blocks } as unknown as Message

it("P1 a page has every word that is shown, code in fences longer than its own, and files by their hashes", () => {
  const page = ConversationMarkdown.page({ summary, messages: [message], elsewhere: 2 })
  const words = [
    "# ../../etc",
    "#tea",
    "2025-10-09",
    "How do **quorums** meet?",
    "````md\n```\nfences inside",
    "> In short\n> \n> first\n> second",
    "What it said"
  ]
  for (
    const word of [
      ...words,
      "marmalade",
      "two jars",
      `(../contents/${"a".repeat(64)})`,
      "gone.pdf: not in",
      "{\"a\":1}",
      "2 more"
    ]
  ) {
    assert.include(page, word)
  }
})

it("names of pages lead nowhere, and no two conversations have one", () => {
  const name = ConversationMarkdown.nameOf(summary)
  assert.match(name, /^markdown\/2025-10-09-etc-passwd-茶-more-c-0123456789\.md$/)
  const bare = { ...summary, title: "…", createdAt: null, documentId: "d2" } as Shown["summary"]
  assert.strictEqual(ConversationMarkdown.nameOf(bare), "markdown/undated-untitled-d2.md")
})

it("P1 a text of nothing but marks is a page like any other", () => {
  const text = "` ".repeat(500_000)
  const one = { ...message, blocks: [{ _tag: "Code", text, language: null }] } as unknown as Message
  assert.include(ConversationMarkdown.page({ summary, messages: [one], elsewhere: 0 }), `\`\`\`\n${text}\n\`\`\``)
})
