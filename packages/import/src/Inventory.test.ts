/** What a file is told to be, from every product and from none. */
import { zipSync } from "fflate"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import { isBalanced } from "./Tally.ts"
import { TestBench } from "./TestBench.ts"

const { claude, directory, file, fixtures, read, said, talk } = TestBench
const json = (...records: ReadonlyArray<unknown>) => Buffer.from(JSON.stringify(records))
const refusal = (path: string) => read(path).then(() => "not refused", String)

describe("Inventory", () => {
  it("Y4 names mean nothing, shapes decide", async () => {
    const files = {
      "photo.jpg": json(talk("a")),
      b: json(claude("b", [said("m", null, "human", "Hi")])),
      "data.csv": "User: a\nAssistant: b"
    }
    const { conversations, format } = await read(directory(files))
    assert.strictEqual(format, "chatgpt-export-classic+claude-export+markdown-transcript")
    assert.sameMembers(conversations.map(({ provider }) => provider), ["chatgpt", "claude", "markdown"])
  })

  it("Y4 an export's own uploads are not taken for conversations", async () => {
    const upload = {
      "conversations.json": json(talk("a")),
      "file-AbCdEfGh1234-conversations.json": json(talk("uploaded")),
      "file-AbCdEfGh5678-notes.md": Buffer.from("User: a\nAssistant: b")
    }
    for (const path of [file(zipSync(upload)), directory(upload)]) {
      const { asides, conversations } = await read(path)
      assert.deepStrictEqual(conversations.map(({ sourceId }) => sourceId), ["a"])
      assert.deepStrictEqual(asides.map(({ name, reason }) => [name, reason]), [
        ["file-AbCdEfGh1234-conversations.json", "no conversation points at it"],
        ["file-AbCdEfGh5678-notes.md", "no conversation points at it"]
      ])
    }
    const alone = await read(directory({ "file-AbCdEfGh1234-conversations.json": json(talk("uploaded")) }))
    assert.lengthOf(alone.conversations, 1, "without an export around it, it is one")
  })

  it("Y6 a transcript beside an export is a conversation, unless one of the export's points at it", async () => {
    const talkOf = (name: string) =>
      Buffer.from(`# ${name}\n\n## User\n\nDo you know ${name}?\n\n## Assistant\n\nI do.\n`)
    const files = [{ file_uuid: "u", file_name: "told.md" }]
    const mixed = {
      "a/told.md": talkOf("told"),
      "a/untold.txt": talkOf("untold"),
      "b.json": json(claude("b", [said("m", null, "human", "See my notes", { files })])),
      "README.md": Buffer.from(
        "# Chats\n\n## Use\n\nUnpack.\n\n## Prompt\n\nWhat is asked.\n\n## Response\n\nIts answer.\n"
      ),
      "LICENSE.txt": Buffer.from("Do what you will."),
      "z.md": talkOf("z")
    }
    for (const path of [file(zipSync(mixed)), directory(mixed)]) {
      const { asides, conversations, format, kept, progress, receipt } = await read(path)
      assert.strictEqual(format, "claude-export+markdown-transcript")
      assert.deepStrictEqual(conversations.map(({ place }) => place.file), ["b.json", "a/untold.txt", "z.md"])
      assert.deepStrictEqual(asides.map(({ name, reason }) => [name, reason]), [
        ["LICENSE.txt", "is text in which no two sides speak"],
        ["README.md", "is a page more than a talk, and no conversation points at it"]
      ])
      assert.deepStrictEqual(kept.map(({ name }) => name), ["told.md"], "kept as what it was sent as")
      assert.deepStrictEqual(receipt.conversations, { found: 3, imported: 3, merged: 0, empty: 0, quarantined: 0 })
      assert.isTrue(isBalanced(receipt))
      assert.strictEqual(progress.read, progress.total)
      for (let skip = 1; skip <= 5; skip++) {
        const rest = await read(path, {}, skip)
        assert.lengthOf(rest.items, 5 - skip)
        assert.deepStrictEqual(rest.asides, asides.slice(-rest.asides.length || asides.length))
        assert.deepStrictEqual(
          rest.conversations.map(({ messages, place }) => [messages, place]),
          conversations.slice(skip).map(({ messages, place }) => [messages, place])
        )
      }
    }
  })

  it("Y4 several conversation files or an index make a split export", async () => {
    const two = { "x0.json": json(talk("a")), "x1.json": json(talk("b")) }
    assert.strictEqual((await read(file(zipSync(two)))).format, "chatgpt-export-split")
    assert.strictEqual((await read(directory(two))).format, "chatgpt-export-split")
    const index = { "x.json": json(talk("a")), "n.json": Buffer.from("{\"file-AbCdEfGh1234.dat\":\"a.png\"}") }
    assert.strictEqual((await read(file(zipSync(index)))).format, "chatgpt-export-split")
    assert.strictEqual((await read(file(zipSync({ "x0.json": json(talk("a")) })))).format, "chatgpt-export-classic")
  })

  it("Y5 refusals say what was seen and what can be read", async () => {
    const cases: ReadonlyArray<readonly [path: string, seen: RegExp]> = [
      [file(""), /is empty/],
      [file("Dear diary,"), /no two sides speak/],
      [file("[]"), /holds nothing/],
      [file("{\"a\":1}"), /JSON of no known shape/],
      [file(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)), /image\/png/],
      [file(Buffer.concat([Uint8Array.of(0xff, 0xfe), Buffer.from("[{\"mapping\":{}}]", "utf16le")])), /UTF-16/],
      [file(zipSync({ "a.txt": Buffer.from("hello") })), /a.txt is text/],
      [file(zipSync({})), /holds no files/],
      [directory({}), /holds no files/],
      [Path.join(fixtures, "nowhere"), /nothing at/],
      ["/dev/null", /neither a file nor a directory/]
    ]
    for (const [path, seen] of cases) {
      const words = await refusal(path)
      assert.match(words, seen)
      assert.match(words, /ChatGPT|Download|Give/, "and what to do")
    }
  })

  it("Y5 many files are summed up", async () => {
    const words = await refusal(
      directory(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i}.txt`, "hello"])))
    )
    assert.match(words, /and 45 more/)
    assert.isBelow(words.length, 1_000)
  })

  it("F9 files of products that are not read yet are named", async () => {
    const named: ReadonlyArray<readonly [string, RegExp]> = [
      ["gemini/MyActivity.json", /Gemini activity/],
      ["gemini/MyActivity.html", /Gemini activity/],
      ["gemini/aistudio-chat.json", /AI Studio/],
      ["librechat/recursive-tree.json", /LibreChat/],
      ["openwebui/branches.json", /Open WebUI/],
      ["claude-code/5e55-1.jsonl", /Claude Code/]
    ]
    for (const [name, product] of named) assert.match(await refusal(Path.join(fixtures, "exports", name)), product)
    const shapes: ReadonlyArray<readonly [string, RegExp]> = [
      [JSON.stringify({ conversations: [{ conversation: {}, responses: [] }] }), /Grok/],
      [
        "{\"timestamp\":\"x\",\"type\":\"session_meta\",\"payload\":{}}\n{\"timestamp\":\"x\",\"type\":\"y\",\"payload\":{}}",
        /Codex/
      ],
      ["\uFEFFConversation,Time,Author,Message\r\n", /Copilot/],
      [JSON.stringify({ entries: [{ query_str: "x" }] }), /Perplexity/],
      ["SQLite format 3\0", /SQLite/]
    ]
    for (const [content, product] of shapes) assert.match(await refusal(file(content)), product)
  })

  it("A1 the other files of an export are recognised and kept for later", async () => {
    const files: ReadonlyArray<readonly [content: unknown, what: RegExp, records: number | null]> = [
      [[{ id: "1", conversation_id: "a", rating: "thumbs_up" }], /ratings/, 1],
      [[{ id: "1", conversation_id: "a", title: "T", is_anonymous: true }], /shared links/, 1],
      [{ "file-AbCdEfGh1234.dat": "a.png" }, /names of assets/, 1],
      [[{ file_id: "f", file_name: "x" }, { file_id: "g", file_name: "y" }], /library/, 2],
      [{ version: 1, files: [] }, /manifest/, 1],
      [{ id: "u", email: "x@example.org" }, /an account/, 1],
      [[{ uuid: "u", full_name: "N", email_address: "x@example.org" }], /accounts/, 1],
      [[{ user_id: "u", settings: {} }], /settings/, 1],
      [{ chats: [] }, /group chats/, 1],
      [[{ uuid: "p", name: "P", docs: [] }], /projects/, 1],
      [[{ conversations_memory: "M" }], /memories/, 1],
      [[], /nothing/, 0],
      [{}, /nothing/, 1]
    ]
    const named = Object.fromEntries(
      files.map(([content], i) => [`n${String(i).padStart(2, "0")}`, JSON.stringify(content)])
    )
    const { asides, kept } = await read(
      directory({ ...named, "z.json": json(talk("a")), page: "<!DOCTYPE html><html></html>" })
    )
    files.forEach(([content, what, records], i) => {
      const aside = asides.find(({ name }) => name === `n${String(i).padStart(2, "0")}`)
      assert.match(aside?.reason ?? "", what)
      assert.strictEqual(aside!.records, records)
      assert.strictEqual(aside!.content?.bytes, JSON.stringify(content).length)
    })
    assert.match(asides.find(({ name }) => name === "page")!.reason, /web page/)
    assert.lengthOf(kept, files.length, "a web page shows what is read elsewhere")
  })
})
