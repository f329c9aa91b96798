/** Conversations of ChatGPT's, whole: their trees, ids, bounds and forms. */
import { assert, describe, it } from "vitest"
import { TestBench } from "./TestBench.ts"

const { activePath, chat, file, node, read, talk, visible } = TestBench

const readAll = (...records: ReadonlyArray<unknown>) => read(file(JSON.stringify(records)))
const one = async (record: unknown) => {
  const { conversations, receipt } = await readAll(record)
  assert.lengthOf(conversations, 1, JSON.stringify(receipt.items))
  return conversations[0]!
}

describe("ChatGptReader", () => {
  it("R1 every node is kept with its place, in the order of the tree", async () => {
    const nodes = [
      node("c", "b", "user", "third"),
      { id: "r", parent: null, children: ["a"], message: null },
      node("b", "a", "assistant", "second", {}, ["d", "c"]),
      node("a", "r", "user", "first", {}, ["b"]),
      node("d", "b", "user", "other third")
    ]
    const { leaf, messages, nodes: counts } = await one(chat("x", nodes, { current_node: "c" }))
    assert.deepStrictEqual(messages.map(({ id, parent }) => [id, parent]), [["r", null], ["a", "r"], ["b", "a"], [
      "d",
      "b"
    ], ["c", "b"]])
    assert.deepStrictEqual(counts, { found: 5, kept: 4, hidden: 1, merged: 0, quarantined: 0 })
    assert.strictEqual(leaf, "c")
  })

  it("R1 what is no node is quarantined by id and reason, and its children move up", async () => {
    const nodes = [
      node("a", null, "user", "first"),
      { id: "b", parent: "a", children: ["c"], message: "oops" },
      node("c", "b", "user", "third")
    ]
    const record = chat("x", nodes, { current_node: "b" })
    Object.assign(record.mapping, { n: 5, m: null, l: [] })
    const { leaf, messages, nodes: counts, quarantined } = await one(record)
    assert.deepStrictEqual(messages.map(({ id, parent }) => [id, parent]), [["a", null], ["c", "a"]])
    assert.deepStrictEqual(quarantined, [
      { id: "b", reason: "its message is a string" },
      { id: "n", reason: "is a number, no node" },
      { id: "m", reason: "is null, no node" },
      { id: "l", reason: "is a list, no node" }
    ])
    assert.deepStrictEqual(counts, { found: 6, kept: 2, hidden: 0, merged: 0, quarantined: 4 })
    assert.strictEqual(leaf, "a", "a quarantined leaf stands for its parent")
  })

  it("R1 a key that stands twice counts twice, and the later one is kept", async () => {
    const record = JSON.stringify(talk("x")).replace(
      "\"mapping\":{",
      `"mapping":{"x-q":${JSON.stringify(node("x-q", null, "user", "Earlier"))},`
    )
    const { conversations: [conversation], receipt } = await read(file(`[${record}]`))
    assert.deepStrictEqual(conversation!.nodes, { found: 3, kept: 2, hidden: 0, merged: 1, quarantined: 0 })
    assert.include(TestBench.words(conversation!), "Question of x")
    assert.include(Buffer.from(conversation!.raw).toString(), "Earlier")
    assert.strictEqual(receipt.nodes.merged, 1)
  })

  it("R1 nodes over a bound are quarantined by its name", async () => {
    const chain = Array.from(
      { length: 20 },
      (_, i) => node(`n${i}`, i === 0 ? null : `n${i - 1}`, "user", i === 3 ? "x".repeat(200) : "y")
    )
    const path = file(JSON.stringify([chat("x", chain)]))
    const { conversations: [deep] } = await read(path, { treeDepthMax: 10, messageTextMax: 100 })
    assert.deepStrictEqual(deep!.nodes, { found: 20, kept: 9, hidden: 0, merged: 0, quarantined: 11 })
    assert.match(deep!.quarantined[0]!.reason, /messageTextMax/)
    assert.match(deep!.quarantined[1]!.reason, /treeDepthMax/)
    const { rejected: [whole], receipt } = await read(path, { nodesMax: 10 })
    assert.match(whole!.reason, /nodesMax/)
    assert.deepStrictEqual(receipt.nodes, { found: 20, kept: 0, hidden: 0, merged: 0, quarantined: 20 })
  })

  it("R1 messages without metadata, author or content are kept", async () => {
    const nodes = [
      {
        id: "a",
        children: ["b"],
        message: { id: "a", author: { role: "user" }, content: { content_type: "text", parts: ["Hello"] } }
      },
      { id: "b", parent: "a", message: { author: { role: "assistant" } } },
      { id: "c", parent: "b", message: {} }
    ]
    const { messages } = await one(chat("x", nodes))
    assert.deepStrictEqual(messages.map(({ hidden, role }) => [role, hidden]), [["user", null], ["assistant", null], [
      "system",
      "author unknown"
    ]])
  })

  it("R1 circles, orphans and strangers are kept and told", async () => {
    const nodes = [
      node("a", "c", "user", "A"),
      node("b", "a", "assistant", "B"),
      node("c", "b", "user", "C"),
      node("o", "gone", "user", "orphan"),
      node("self", "self", "user", "own parent")
    ]
    const { messages, warnings } = await one(chat("x", nodes))
    assert.lengthOf(messages, 5)
    assert.deepStrictEqual(messages.filter(({ parent }) => parent === null).map(({ id }) => id), ["a", "o", "self"])
    assert.match(warnings.join(), /circles of nodes, cut: 2/)
    assert.match(warnings.join(), /parent is not there.*: 1/)
  })

  it("R1 keys of JavaScript's own are ids like others", async () => {
    const record = JSON.stringify(
      chat("x", [node("constructor", null, "user", "one"), node("toString", "constructor", "assistant", "two")])
    )
      .replace("\"mapping\":{", `"mapping":{"__proto__":${JSON.stringify(node("__proto__", null, "user", "three"))},`)
      .replace("\"title\":", "\"__proto__\":{\"polluted\":true},\"title\":")
    const { conversations: [conversation] } = await read(file(`[${record}]`))
    assert.sameMembers(conversation!.messages.map(({ id }) => String(id)), ["constructor", "toString", "__proto__"])
    assert.isUndefined(({} as { polluted?: boolean }).polluted)
  })

  it("R1 a thread of 20,000 nodes keeps its length", async () => {
    const chain = Array.from(
      { length: 20_000 },
      (_, i) => node(`n${i}`, i === 0 ? null : `n${i - 1}`, i % 2 === 0 ? "user" : "assistant", `word ${i}`)
    )
    const conversation = await one(chat("x", chain))
    assert.lengthOf(visible(conversation), 20_000)
    assert.strictEqual(activePath(conversation).at(-1)!.id, "n19999")
  })

  it("R1 the conversation's own marks are taken over", async () => {
    const record = talk("x", {
      is_archived: true,
      pinned_time: 1_760_000_000,
      gizmo_id: "g-p-1",
      default_model_slug: "gpt-5",
      is_do_not_remember: true,
      title: " T\u0000 "
    })
    const { archived, createdAt, model, project, provider, starred, tags, title, updatedAt } = await one(record)
    assert.deepStrictEqual({ archived, createdAt, model, project, provider, starred, tags, title, updatedAt }, {
      archived: true,
      createdAt: 1_760_000_000_000,
      model: "gpt-5",
      project: "g-p-1",
      provider: "chatgpt",
      starred: true,
      tags: ["not-for-memory"],
      title: "T",
      updatedAt: 1_760_000_100_000
    })
    assert.isNull((await one(talk("x", { title: null }))).title)
  })

  it("R1 a current node that is not there gives way to the newest leaf", async () => {
    const nodes = [
      node("a", null, "user", "A"),
      node("b", "a", "assistant", "old", { create_time: 5 }),
      node("c", "a", "assistant", "new", { create_time: 9 }),
      node("d", "a", "assistant", "older", { create_time: 2 })
    ]
    for (const current_node of ["gone", null, 7, undefined]) {
      assert.strictEqual((await one(chat("x", nodes, { current_node }))).leaf, "c")
    }
  })

  it("R2 files of a similar shape are refused by their name", async () => {
    const deepseek = [{
      id: "d",
      title: "D",
      mapping: {
        root: { id: "root", message: null },
        1: { id: "1", message: { fragments: [{ type: "REQUEST", content: "x" }] } }
      }
    }]
    const refusal = await read(file(JSON.stringify(deepseek))).then(() => "", String)
    assert.match(refusal, /DeepSeek/)
    const { receipt } = await readAll(talk("x"), deepseek[0])
    assert.strictEqual(receipt.conversations.quarantined, 1)
    assert.match(receipt.items[1]!.reason!, /DeepSeek/)
  })

  it("R2 list, wrapped list, lines and one conversation are all taken", async () => {
    const [a, b] = [talk("a"), talk("b")]
    const forms: ReadonlyArray<readonly [string, string, number]> = [
      [JSON.stringify([a, b]), "chatgpt-export-classic", 2],
      [`\uFEFF${JSON.stringify([a, b], null, 2)}`, "chatgpt-export-classic", 2],
      [JSON.stringify({ version: 1, conversations: [a, b] }), "chatgpt-export-classic", 2],
      [`${JSON.stringify(a)}\n${JSON.stringify(b)}\n`, "chatgpt-export-classic", 2],
      [JSON.stringify(a), "chatgpt-conversation-single", 1]
    ]
    for (const [content, format, count] of forms) {
      const { conversations, format: found } = await read(file(content))
      assert.deepStrictEqual([found, conversations.length], [format, count])
    }
  })

  it("R3 a missing id is derived from what does not change", async () => {
    const uuid = (n: number) => `0000000${n}-aaaa-4bbb-8ccc-000000000000`
    const grown = (count: number, text: string) => {
      const nodes = Array.from({ length: count }, (_, i) => node(uuid(i), i === 0 ? null : uuid(i - 1), "user", text))
      return chat("x", nodes, { id: undefined, conversation_id: undefined })
    }
    const [before, after, other] = [
      await one(grown(5, "x")),
      await one(grown(8, "changed")),
      await one({ ...grown(5, "x"), create_time: 7 })
    ]
    assert.strictEqual(before.sourceId, after.sourceId)
    assert.notStrictEqual(before.sourceId, other.sourceId)
    const plain = (text: string) =>
      one(chat("x", [node("1", null, "user", text)], { id: undefined, conversation_id: undefined }))
    assert.notStrictEqual(
      (await plain("a")).sourceId,
      (await plain("b")).sourceId,
      "ids that are not random say nothing"
    )
    assert.strictEqual((await one(talk("x", { conversation_id: undefined }))).sourceId, "x")
    assert.match((await one(talk("x", { conversation_id: "y".repeat(5_000) }))).sourceId, /^sha256-[0-9a-f]{64}$/)
  })
})
