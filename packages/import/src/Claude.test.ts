/** Messages and conversations of Claude's, new and old. */
import { Block } from "@vivim/event-schemas/document/Message"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { Assets } from "./Assets.ts"
import { blocksOf } from "./ClaudeContent.ts"
import { defaultImportLimits } from "./ImportLimits.ts"
import { Notes } from "./Notes.ts"
import { TestBench } from "./TestBench.ts"

const { claude, file, read, said, visible } = TestBench
const ROOT = "00000000-0000-4000-8000-000000000000"

const blocks = (message: { readonly [key: string]: unknown }) =>
  blocksOf(message, {
    notes: new Notes(),
    desk: new Assets([], new Map(), new Map(), TestBench.store().keep).desk(),
    limits: defaultImportLimits
  })

const one = async (record: unknown) => {
  const { conversations } = await read(file(JSON.stringify([record])))
  return conversations[0]!
}

describe("ClaudeContent", () => {
  const placeholder = "```\nThis block is not supported on your current device yet.\n```"

  it("L1 the content list speaks alone, and placeholders are never shown", () => {
    const content = [{ type: "text", text: "Hello", citations: [] }]
    assert.deepStrictEqual(blocks({ text: `${placeholder}\n\nHello`, content }), [{
      _tag: "Text",
      text: "Hello",
      citations: []
    }])
    const [flat] = blocks({ text: `Before\n\n${placeholder}\n\nAfter` })
    assert.notInclude((flat as any).text, "not supported")
    assert.include((flat as any).text, "Before")
    assert.include((flat as any).text, "After")
    assert.deepStrictEqual(blocks({ text: placeholder, content: [] }), [])
    assert.deepStrictEqual(blocks({ text: "```html\n<b>x</b>\n```" }).map(({ _tag }) => _tag), ["Text"])
  })

  it("L2 each block becomes what it is", () => {
    const knowledge = { type: "knowledge", title: "Page", url: "https://p.example/", text: "words" }
    const content = [
      {
        type: "thinking",
        thinking: "hm",
        summaries: [{ summary: "S" }, { summary: "T" }],
        start_timestamp: "2026-01-05T09:00:00Z",
        stop_timestamp: "2026-01-05T09:00:02Z"
      },
      { type: "tool_use", id: "t", name: "web_search", input: { query: "q" }, integration_name: null },
      {
        type: "tool_result",
        tool_use_id: "t",
        name: "web_search",
        content: [knowledge, { type: "image", file_uuid: "f" }],
        is_error: true
      },
      {
        type: "text",
        text: "Peak is late.",
        citations: [{ start_index: 0, end_index: 4, details: { url: "https://p.example/" } }, { details: {} }]
      },
      { type: "token_budget", remaining: 17 },
      { type: "hologram", x: [1] }
    ]
    assert.deepStrictEqual(blocks({ content }), [
      { _tag: "Reasoning", text: "hm", summary: "S\nT", durationMs: 2_000 },
      { _tag: "ToolCall", name: "web_search", input: "{\"query\":\"q\"}" },
      {
        _tag: "ToolResult",
        name: "web_search",
        text: "words",
        failed: true,
        citations: [{ url: "https://p.example/", title: "Page", marker: null }]
      },
      { _tag: "Unknown", kind: "image", json: "{\"type\":\"image\",\"file_uuid\":\"f\"}" },
      {
        _tag: "Text",
        text: "Peak is late.",
        citations: [{ url: "https://p.example/", title: "Page", marker: "Peak" }]
      },
      { _tag: "Unknown", kind: "token_budget", json: "{\"type\":\"token_budget\",\"remaining\":17}" },
      { _tag: "Unknown", kind: "hologram", json: "{\"type\":\"hologram\",\"x\":[1]}" }
    ])
  })

  it("L2 an artifact stands behind its call, once", () => {
    const artifact = (input: object) => blocks({ content: [{ type: "tool_use", name: "artifacts", input }] })
    assert.deepStrictEqual(
      artifact({ id: "a", command: "create", type: "application/vnd.ant.code", language: "typescript", content: "x" }),
      [
        {
          _tag: "ToolCall",
          name: "artifacts",
          input:
            "{\"id\":\"a\",\"command\":\"create\",\"type\":\"application/vnd.ant.code\",\"language\":\"typescript\"}"
        },
        { _tag: "Code", text: "x", language: "typescript" }
      ]
    )
    assert.deepStrictEqual(artifact({ command: "update", old_str: "x", new_str: "y" })[1], {
      _tag: "Code",
      text: "y",
      language: null
    })
    assert.deepStrictEqual(artifact({ type: "text/markdown", content: "# T" })[1], {
      _tag: "Text",
      text: "# T",
      citations: []
    })
    assert.deepStrictEqual(artifact({ type: "text/html", content: "<p>" })[1], {
      _tag: "Code",
      text: "<p>",
      language: "html"
    })
  })

  it("L3 the words of attachments are kept, and files once", () => {
    const message = {
      text: "",
      content: [{ type: "text", text: "" }],
      attachments: [{ file_name: "a.txt", file_size: 5, file_type: "txt", extracted_content: "all of it" }],
      files: [{ file_uuid: "u", file_name: "s.png" }],
      files_v2: [{ file_uuid: "u", file_name: "s.png", file_kind: "image" }]
    }
    assert.deepStrictEqual(blocks(message), [
      { _tag: "Attachment", source: "a.txt", name: "a.txt", mime: null, bytes: 5, text: "all of it", content: null },
      { _tag: "Image", source: "u", name: "s.png", content: null, alt: null }
    ])
  })

  it("L2 whatever type a field has, blocks come out", () => {
    const isBlocks = Schema.is(Schema.Array(Block))
    const keys = [
      "type",
      "text",
      "content",
      "citations",
      "details",
      "thinking",
      "summaries",
      "summary",
      "name",
      "input",
      "attachments",
      "files",
      "extracted_content",
      "file_name",
      "start_index",
      "end_index",
      "url",
      "title",
      "is_error",
      "start_timestamp",
      "stop_timestamp",
      "language",
      "new_str"
    ]
    const words = [
      "text",
      "thinking",
      "tool_use",
      "tool_result",
      "voice_note",
      "artifacts",
      "x",
      "",
      "\uD83D",
      "2026-01-05T09:00:00Z"
    ]
    const wild = FastCheck.letrec((tie) => ({
      value: FastCheck.oneof(
        { maxDepth: 4 },
        FastCheck.constantFrom<unknown>(null, true, -1, 2, 1e300, ...words),
        FastCheck.array(tie("value"), { maxLength: 3 }),
        FastCheck.dictionary(FastCheck.constantFrom(...keys), tie("value"), { maxKeys: 6 })
      )
    })).value
    FastCheck.assert(
      FastCheck.property(
        FastCheck.dictionary(FastCheck.constantFrom(...keys), wild),
        (message) => assert.isTrue(isBlocks(blocks(message)))
      ),
      { numRuns: 3_000 }
    )
  })
})

describe("ClaudeReader", () => {
  it("B1 every message is kept, merged with its twin or quarantined", async () => {
    const twin = said("a", ROOT, "human", "A")
    const record = claude("x", [
      twin,
      said("b", "a", "assistant", "B"),
      twin,
      said("b", "a", "assistant", "B2"),
      5,
      null,
      "x",
      {}
    ])
    const { messages, nodes, quarantined } = await one(record)
    assert.deepStrictEqual(nodes, { found: 8, kept: 3, hidden: 1, merged: 1, quarantined: 3 })
    assert.strictEqual(new Set(messages.map(({ id }) => id)).size, 4)
    assert.deepStrictEqual(quarantined.map(({ id }) => id), ["#5", "#6", "#7"])
  })

  it("B1 a message over a bound is quarantined and its answers move up", async () => {
    const record = claude("x", [
      said("a", ROOT, "human", "A"),
      said("b", "a", "assistant", "y".repeat(500)),
      said("c", "b", "human", "C")
    ])
    const { conversations: [conversation] } = await read(file(JSON.stringify([record])), { messageTextMax: 100 })
    assert.deepStrictEqual(conversation!.messages.map(({ id, parent }) => [id, parent]), [["a", null], ["c", "a"]])
    assert.match(conversation!.quarantined[0]!.reason, /messageTextMax/)
  })

  it("B2 edits and retries make a tree, and no parents make a chain", async () => {
    const tree = await one(
      claude("x", [
        said("a", ROOT, "human", "A"),
        said("b", "a", "assistant", "B"),
        said("c", "a", "assistant", "C"),
        said("o", "gone", "human", "O")
      ])
    )
    assert.deepStrictEqual(tree.messages.map(({ id, parent }) => [id, parent]), [["a", null], ["b", "a"], ["c", "a"], [
      "o",
      null
    ]])
    assert.match(tree.warnings.join(), /parent is not there/)
    const chain = await one(
      claude("x", [said("a", null, "human", "A"), said("b", null, "assistant", "B"), said("c", null, "human", "C")])
    )
    assert.deepStrictEqual(chain.messages.map(({ id, parent }) => [id, parent]), [["a", null], ["b", "a"], ["c", "b"]])
    const ring = await one(claude("x", [said("a", "b", "human", "A"), said("b", "a", "assistant", "B")]))
    assert.match(ring.warnings.join(), /circles/)
  })

  it("B3 the newest leaf is current, unless another is named", async () => {
    const at = (hour: number) => ({ created_at: `2026-01-05T0${hour}:00:00Z` })
    const messages = [
      said("a", ROOT, "human", "A", at(1)),
      said("b", "a", "assistant", "B", at(7)),
      said("c", "a", "assistant", "C", at(5))
    ]
    assert.strictEqual((await one(claude("x", messages))).leaf, "b")
    assert.strictEqual((await one(claude("x", messages, { current_leaf_message_uuid: "c" }))).leaf, "c")
    assert.deepStrictEqual(visible(await one(claude("x", messages))).map(({ id }) => String(id)), ["a", "b"])
  })

  it("B1 the conversation's own marks are taken over, a missing id is derived", async () => {
    const record = claude("x", [said("a", ROOT, "human", "A")], {
      name: "",
      summary: "S",
      project: { uuid: "p", name: "Charity" },
      is_starred: true,
      model: "claude-x"
    })
    const { model, project, provider, sourceId, starred, summary, title } = await one(record)
    assert.deepStrictEqual({ model, project, provider, sourceId, starred, summary, title }, {
      model: "claude-x",
      project: "Charity",
      provider: "claude",
      sourceId: "x",
      starred: true,
      summary: "S",
      title: null
    })
    const nameless = claude("x", [said("a", ROOT, "human", "A")], { uuid: undefined })
    const grown = claude("x", [said("a", ROOT, "human", "A"), said("b", "a", "assistant", "B")], { uuid: undefined })
    assert.strictEqual((await one(nameless)).sourceId, (await one(grown)).sourceId)
  })
})
