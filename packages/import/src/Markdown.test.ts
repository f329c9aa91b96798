/** Transcripts as people and programs write them. */
import { assert, describe, it } from "vitest"
import { readTranscript } from "./MarkdownTurns.ts"
import { TestBench } from "./TestBench.ts"

const turns = (source: string) => (readTranscript(source)?.turns ?? []).map(({ role, text }) => `${role}: ${text}`)

describe("MarkdownTurns", () => {
  it("U1 all usual ways of marking a speaker are read", () => {
    const ways = [
      "**User:** Hi\n\n**Assistant:** Hello\nthere",
      "**User**: Hi\n\n**Assistant**: Hello\nthere",
      "__You:__ Hi\n__ChatGPT:__ Hello\nthere",
      "## User\n\nHi\n\n## Assistant\n\nHello\nthere\n",
      "### **You said:**\nHi\n### **ChatGPT said:**\nHello\nthere",
      "User: Hi\nAssistant: Hello\nthere",
      "Human: Hi\n\nAI: Hello\nthere",
      "#### Prompt:\nHi\n#### Response:\nHello\nthere",
      "**User (2026-01-05 09:00):** Hi\n\n---\n\n**Claude 3.5 Sonnet:** Hello\nthere",
      "\uFEFF**User:** Hi\r\n\r\n**Assistant:** Hello\r\nthere"
    ]
    for (const way of ways) assert.deepStrictEqual(turns(way), ["user: Hi", "assistant: Hello\nthere"], way)
  })

  it("U1 the first style counts, other marks and words alike are text", () => {
    assert.deepStrictEqual(
      turns("## User\nHi\n## Assistant\n### Response\nUser: quoted\n**Assistant:** bold\n## AI in medicine\nx"),
      [
        "user: Hi",
        "assistant: ### Response\nUser: quoted\n**Assistant:** bold\n## AI in medicine\nx"
      ]
    )
    assert.deepStrictEqual(turns("User guide: see\nModel T: a car\n**Users** like it"), [])
    assert.deepStrictEqual(turns("# System requirements\n\nUser: a\nBot: b"), ["user: a", "assistant: b"])
  })

  it("U1 names and moments are kept", () => {
    const [user, model] = readTranscript("**Me (2026-01-05 09:00):** a\n\n**GPT-4:** b")!.turns
    assert.deepStrictEqual([user!.speaker, user!.at], ["Me", Date.UTC(2026, 0, 5, 9)])
    assert.deepStrictEqual([model!.speaker, model!.role], ["GPT-4", "assistant"])
    assert.deepStrictEqual(readTranscript("User: a\nAssistant: b")!.turns.map(({ speaker }) => speaker), [null, null])
  })

  it("U2 a fence hides marks, an unclosed one does not", () => {
    const fenced =
      "**User:** a\n\n```text\n**User:** no\n~~~\n```\n\n````\n```\n**Assistant:** no\n```\n````\n\n**Assistant:** b"
    assert.lengthOf(turns(fenced), 2)
    assert.lengthOf(turns("User: a\n```\nAssistant: b\nUser: c"), 3)
  })

  it("U3 front matter and heading give title, dates, model and tags", () => {
    const source =
      "---\ntitle: \"On tea\"\ndate: 2026-01-05T09:00:00Z\nupdated: 2026-01-06\nmodel: gpt-5\ntags: [tea, 'hot drinks']\nlist:\n  - x\n---\n\nUser: a\nAssistant: b"
    const { createdAt, model, preamble, tags, title, updatedAt } = readTranscript(source)!
    assert.deepStrictEqual({ createdAt, model, preamble, tags, title, updatedAt }, {
      createdAt: Date.UTC(2026, 0, 5, 9),
      updatedAt: Date.UTC(2026, 0, 6),
      model: "gpt-5",
      tags: ["tea", "hot drinks"],
      title: "On tea",
      preamble: ""
    })
    const headed = readTranscript("# On tea\n\nExported today.\n\nUser: a\nAssistant: b")!
    assert.deepStrictEqual([headed.title, headed.preamble], ["On tea", "Exported today."])
    assert.deepStrictEqual(readTranscript("---\nUser: a\nAssistant: b")!.preamble, "---")
  })
})

describe("MarkdownReader", () => {
  it("M1 every turn is a message in a chain, words before them are kept and hidden", async () => {
    const source =
      "# On tea\n\nExported today.\n\n**User:** How long?\n\n**Assistant:**\n\n```js\nsteep(4)\n```\n\n**Tool:** x\n\n**User:** Thanks"
    const { conversations: [conversation], format, receipt } = await TestBench.read(TestBench.file(source))
    assert.strictEqual(format, "markdown-transcript")
    assert.deepStrictEqual(conversation!.messages.map(({ hidden, id, parent }) => [id, parent, hidden]), [
      ["preamble", null, "preamble"],
      ["m1", "preamble", null],
      ["m2", "m1", null],
      ["m3", "m2", "tool"],
      ["m4", "m3", null]
    ])
    assert.deepStrictEqual(receipt.nodes, { found: 5, kept: 3, hidden: 2, merged: 0, quarantined: 0 })
    assert.include(TestBench.words(conversation!), "Exported today.")
    assert.strictEqual(conversation!.leaf, "m4")
    assert.strictEqual(Buffer.from(conversation!.raw).toString(), source)
  })

  it("M1 other encodings and bounds", async () => {
    const utf16 = Buffer.concat([Uint8Array.of(0xff, 0xfe), Buffer.from("User: café\nAssistant: ja", "utf16le")])
    const { conversations: [wide] } = await TestBench.read(TestBench.file(utf16))
    assert.include(TestBench.words(wide!), "café")
    const long = TestBench.file(`User: a\nAssistant: ${"x".repeat(10_000)}`)
    const { rejected: [over] } = await TestBench.read(long, { conversationBytesMax: 1_000 })
    assert.match(over!.reason, /conversationBytesMax/)
    const { conversations: [cut] } = await TestBench.read(long, { messageTextMax: 1_000 })
    assert.deepStrictEqual(cut!.nodes, { found: 2, kept: 1, hidden: 0, merged: 0, quarantined: 1 })
  })

  it("M2 a text in which one side is silent is no transcript", async () => {
    for (const source of ["Just words.", "User: alone\nUser: again", "# Assistant\nalone"]) {
      assert.match(await TestBench.read(TestBench.file(source)).then(() => "", String), /no two sides speak/)
    }
    const { asides, conversations, format } = await TestBench.read(
      TestBench.directory({ "a.md": "User: a\nBot: b", "sub/b.txt": "Me: a\nAI: b", "readme.md": "# Hi" })
    )
    assert.deepStrictEqual([format, conversations.length], ["markdown-transcript", 2])
    assert.deepStrictEqual(asides.map(({ name }) => name), ["readme.md"])
  })

  it("M2 a full transcript of a thousand turns stays whole", async () => {
    const source = Array.from({ length: 1_000 }, (_, i) => `## ${i % 2 === 0 ? "User" : "Assistant"}\n\nturn ${i}`)
      .join("\n\n")
    const { conversations: [conversation] } = await TestBench.read(TestBench.file(source))
    assert.lengthOf(conversation!.messages, 1_000)
  })
})
