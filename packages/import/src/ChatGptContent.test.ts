/** Every content type of ChatGPT, by itself and with fields of any type. */
import { Block } from "@vivim/event-schemas/document/Message"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, describe, it } from "vitest"
import { Assets } from "./Assets.ts"
import { blocksOf } from "./ChatGptContent.ts"
import { defaultImportLimits } from "./ImportLimits.ts"
import { Notes } from "./Notes.ts"
import { TestBench } from "./TestBench.ts"

const bench = () => ({
  notes: new Notes(),
  desk: new Assets([], new Map(), new Map(), TestBench.store().keep).desk(),
  limits: defaultImportLimits
})

const read = (
  content: unknown,
  more: { readonly [key: string]: unknown } = {},
  role = "assistant",
  name: string | null = null
) => blocksOf({ author: { role, name }, content, metadata: {}, recipient: "all", ...more }, bench())

const tags = (content: unknown, more = {}, role = "assistant", name: string | null = null) =>
  read(content, more, role, name).map((block) => block._tag)

const text = (text: string) => ({ _tag: "Text" as const, text, citations: [] })

describe("ChatGptContent", () => {
  it("C1 words of a person, of an answer, to a tool and from a tool", () => {
    const content = { content_type: "text", parts: ["Hello"] }
    assert.deepStrictEqual(read(content, {}, "user"), [text("Hello")])
    assert.deepStrictEqual(read(content, { recipient: "bio" }), [{ _tag: "ToolCall", name: "bio", input: "Hello" }])
    assert.deepStrictEqual(read(content, {}, "tool", "python"), [
      { _tag: "ToolResult", name: "python", text: "Hello", failed: false, citations: [] }
    ])
    assert.deepStrictEqual(read({ content_type: "text", parts: ["", null, "x", 5] }), [text("x"), {
      _tag: "Unknown",
      kind: "part",
      json: "5"
    }])
    assert.deepStrictEqual(read("just a string"), [text("just a string")])
    assert.deepStrictEqual(read({ content_type: "text", text: "old" }), [text("old")])
  })

  it("C1 code is a call to its recipient, or program text", () => {
    const content = { content_type: "code", language: "python", text: "print(1)" }
    assert.deepStrictEqual(read(content, { recipient: "python" }), [{
      _tag: "ToolCall",
      name: "python",
      input: "print(1)"
    }])
    assert.deepStrictEqual(read(content), [{ _tag: "Code", text: "print(1)", language: "python" }])
    assert.deepStrictEqual(read({ ...content, language: "unknown" }), [{
      _tag: "Code",
      text: "print(1)",
      language: null
    }])
  })

  it("C1 a canvas stands behind its call as what it is", () => {
    const create = (type: string) => ({
      content_type: "code",
      language: "json",
      text: JSON.stringify({ name: "N", type, content: "# T" })
    })
    assert.deepStrictEqual(read(create("document"), { recipient: "canmore.create_textdoc" }), [
      { _tag: "ToolCall", name: "canmore.create_textdoc", input: "{\"name\":\"N\",\"type\":\"document\"}" },
      text("# T")
    ])
    assert.deepStrictEqual(read(create("code/react"), { recipient: "canmore.create_textdoc" })[1], {
      _tag: "Code",
      text: "# T",
      language: "react"
    })
    const broken = { content_type: "code", text: "{\"content\":" }
    assert.deepStrictEqual(read(broken, { recipient: "canmore.create_textdoc" }), [
      { _tag: "ToolCall", name: "canmore.create_textdoc", input: "{\"content\":" }
    ])
  })

  it("C1 tools answer with text, pages, errors, screens and plots", () => {
    const output = { content_type: "execution_output", text: "1" }
    const plot = {
      messages: [{ message_type: "image", image_url: "file-service://file-Plot1234567890" }],
      in_kernel_exception: null
    }
    const [result, image] = read(output, { metadata: { aggregate_result: plot } }, "tool", "python")
    assert.deepInclude(result, { _tag: "ToolResult", name: "python", text: "1", failed: false })
    assert.deepInclude(image, { _tag: "Image", source: "file-service://file-Plot1234567890", content: null })
    const failing = { aggregate_result: { in_kernel_exception: { name: "ValueError" } } }
    assert.deepInclude(read(output, { metadata: failing }, "tool")[0], { failed: true })
    assert.deepInclude(read({ content_type: "system_error", name: "E", text: "boom" }, {}, "tool")[0], {
      failed: true,
      text: "E: boom"
    })
    assert.deepInclude(
      read({ content_type: "tether_quote", url: "https://q.example/", title: "Q", text: "quoted" }, {}, "tool")[0],
      {
        text: "quoted",
        citations: [{ url: "https://q.example/", title: "Q", marker: null }]
      }
    )
    assert.deepInclude(
      read({ content_type: "sonic_webpage", url: "https://w.example/", title: "W", text: "page" }, {}, "tool")[0],
      { text: "page" }
    )
    assert.deepInclude(read({ content_type: "citable_code_output", output_str: "out" }, {}, "tool")[0], { text: "out" })
    const listing = { content_type: "tether_browsing_display", result: "L0: x" }
    const found = { _cite_metadata: { metadata_list: [{ type: "webpage", title: "S", url: "https://s.example/" }] } }
    assert.deepInclude(read(listing, { metadata: found }, "tool")[0], {
      text: "L0: x",
      citations: [{ url: "https://s.example/", title: "S", marker: null }]
    })
    const screen = {
      content_type: "computer_output",
      screenshot: { asset_pointer: "sediment://file_0000screen" },
      state: { url: "https://c.example/", title: "C" }
    }
    assert.deepStrictEqual(tags(screen, {}, "tool"), ["ToolResult", "Image"])
  })

  it("C1 thoughts are reasoning, with their summary or their duration", () => {
    const thoughts = [{ summary: "S", content: "C", chunks: [], finished: true }, {
      summary: "",
      content: "",
      chunks: ["a", "b"]
    }, { summary: "", content: "" }]
    assert.deepStrictEqual(read({ content_type: "thoughts", thoughts }), [
      { _tag: "Reasoning", text: "C", summary: "S", durationMs: null },
      { _tag: "Reasoning", text: "ab", summary: null, durationMs: null }
    ])
    const recap = read({ content_type: "reasoning_recap", content: "Thought for 12s" }, {
      metadata: { finished_duration_sec: 12 }
    })
    assert.deepStrictEqual(recap, [{ _tag: "Reasoning", text: "Thought for 12s", summary: null, durationMs: 12_000 }])
    assert.deepStrictEqual(tags({ content_type: "thoughts", parts: ["older form"] }), ["Reasoning"])
  })

  it("C1 contexts are their words", () => {
    const profile = { content_type: "user_editable_context", user_profile: "P", user_instructions: "I" }
    assert.deepStrictEqual(read(profile, {}, "user"), [text("P"), text("I")])
    assert.deepStrictEqual(read({ content_type: "model_editable_context", model_set_context: "M" }), [text("M")])
    const data = { user_context_message_data: { about_user_message: "A", about_model_message: null } }
    assert.deepStrictEqual(read({ content_type: "text", parts: [""] }, { metadata: data }), [text("A")])
  })

  it("C1 what is new is kept word for word", () => {
    const widget = { content_type: "super_widget", deep: { x: [1, { y: "\u0000 \uD83D" }] } }
    assert.deepStrictEqual(read(widget), [{ _tag: "Unknown", kind: "super_widget", json: JSON.stringify(widget) }])
    const part = { content_type: "hologram", beam: true }
    assert.deepStrictEqual(read({ content_type: "multimodal_text", parts: ["a", part] }), [
      text("a"),
      { _tag: "Unknown", kind: "hologram", json: JSON.stringify(part) }
    ])
    assert.deepStrictEqual(read({ content_type: "execution_output" }, {}, "tool")[0]?._tag, "Unknown")
  })

  it("C2 pictures, sounds and files are shown by reference, each once", () => {
    const image = {
      content_type: "image_asset_pointer",
      asset_pointer: "file-service://file-AbC123dEf456",
      size_bytes: 7,
      metadata: { dalle: { prompt: "a cat" } }
    }
    const attachments = [
      { id: "file-AbC123dEf456", name: "cat.png", mime_type: "image/png", size: 7 },
      { id: "file-ZZZ123dEf456", name: "notes.pdf", mime_type: "application/pdf", size: 9 }
    ]
    assert.deepStrictEqual(
      read({ content_type: "multimodal_text", parts: [image, "Look"] }, { metadata: { attachments } }, "user"),
      [
        { _tag: "Image", source: "file-service://file-AbC123dEf456", name: "cat.png", alt: "a cat", content: null },
        text("Look"),
        {
          _tag: "Attachment",
          source: "file-ZZZ123dEf456",
          name: "notes.pdf",
          mime: "application/pdf",
          bytes: 9,
          text: null,
          content: null
        }
      ]
    )
    const voice = {
      content_type: "real_time_user_audio_video_asset_pointer",
      frames_asset_pointers: ["sediment://file_frame00001", { asset_pointer: "sediment://file_frame00002" }],
      audio_asset_pointer: { asset_pointer: "sediment://file_audio00001", format: "wav", size_bytes: 5 }
    }
    const parts = [{ content_type: "audio_transcription", text: "Add oats" }, voice]
    assert.deepStrictEqual(tags({ content_type: "multimodal_text", parts }, {}, "user"), [
      "Text",
      "Attachment",
      "Image",
      "Image"
    ])
  })

  it("C3 whatever type a field has, blocks come out", () => {
    const isBlocks = Schema.is(Schema.Array(Block))
    const types = [
      "text",
      "multimodal_text",
      "code",
      "execution_output",
      "computer_output",
      "tether_browsing_display",
      "tether_quote",
      "sonic_webpage",
      "citable_code_output",
      "system_error",
      "thoughts",
      "reasoning_recap",
      "user_editable_context",
      "model_editable_context",
      "new"
    ]
    const keys = [
      "parts",
      "text",
      "content",
      "thoughts",
      "result",
      "url",
      "title",
      "state",
      "screenshot",
      "language",
      "output_str",
      "asset_pointer",
      "content_type",
      "frames_asset_pointers",
      "audio_asset_pointer",
      "attachments",
      "content_references",
      "citations",
      "items",
      "metadata",
      "id",
      "name"
    ]
    const wild = FastCheck.letrec((tie) => ({
      value: FastCheck.oneof(
        { maxDepth: 4 },
        FastCheck.constantFrom(
          null,
          true,
          -1,
          1e300,
          "",
          "file-AbC123dEf456",
          "\uD83D\0",
          "image_asset_pointer",
          "real_time_user_audio_video_asset_pointer",
          "[1]"
        ),
        FastCheck.array(tie("value"), { maxLength: 3 }),
        FastCheck.dictionary(FastCheck.constantFrom(...keys), tie("value"), { maxKeys: 5 })
      )
    })).value
    FastCheck.assert(
      FastCheck.property(
        FastCheck.constantFrom(...types),
        wild,
        wild,
        wild,
        FastCheck.constantFrom("user", "assistant", "tool"),
        (type, fields, metadata, recipient, role) => {
          const content = { ...(typeof fields === "object" ? fields : {}), content_type: type }
          assert.isTrue(isBlocks(read(content, { metadata, recipient }, role)))
          assert.isTrue(isBlocks(read(fields, { metadata, recipient, author: metadata }, role)))
        }
      ),
      { numRuns: 3_000 }
    )
  })
})
