/** Whole readings: their order, their way back, their account. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import { zipSync } from "fflate"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import { defaultImportLimits } from "./ImportLimits.ts"
import { open } from "./Read.ts"
import type { Conversation, Item, NodeCounts } from "./Reader.ts"
import { Repeats } from "./Repeats.ts"
import { addOutcome, emptyTally, isBalanced, type Outcome, outcomeOf, receiptOf } from "./Tally.ts"
import { TestBench } from "./TestBench.ts"

const { chat, directory, file, fixtures, node, read, talk } = TestBench
const json = (...records: ReadonlyArray<unknown>) => Buffer.from(JSON.stringify(records))
const split = Path.join(fixtures, "exports/chatgpt/chatgpt-export-2026-split.zip")

const grown = (id: string, nodes: number, update_time: number | null) =>
  chat(
    id,
    Array.from({ length: nodes }, (_, i) => node(`${id}${i}`, i === 0 ? null : `${id}${i - 1}`, "user", `word ${i}`)),
    { update_time }
  )

describe("Read", () => {
  it("R4 the items are the same in the same order every time", async () => {
    const [first, second] = [await read(split), await read(split)]
    assert.deepStrictEqual(first.items, second.items)
  })

  it("R5 every file is read, named or left out", async () => {
    const files = {
      "a.json": json(talk("a")),
      "b.md": "User: a\nAssistant: b",
      "c.bin": Uint8Array.of(0, 1),
      "d.txt": "words",
      "e.json": "{}",
      ".f": "x",
      "g.zip": zipSync({ "../h.json": json(talk("h")), "i.json": json(talk("i")) })
    }
    const { asides, conversations } = await read(directory(files))
    assert.lengthOf(conversations, 3)
    assert.sameMembers(asides.map(({ name }) => name), [".f", "c.bin", "d.txt", "e.json", "g.zip/../h.json"])
  })

  it("R6 a reading goes on where an earlier one stopped, and stores nothing twice", async () => {
    const whole = await read(split)
    for (let skip = 0; skip <= whole.items.length; skip++) {
      const rest = await read(split, {}, skip)
      assert.deepStrictEqual(rest.items.map(({ _tag }) => _tag), whole.items.slice(skip).map(({ _tag }) => _tag))
      assert.deepStrictEqual(
        rest.conversations.map(({ messages, nodes, sourceId }) => ({ messages, nodes, sourceId })),
        whole.items.slice(skip).filter((item): item is Conversation => item._tag === "Conversation")
          .map(({ messages, nodes, sourceId }) => ({ messages, nodes, sourceId }))
      )
      const needed = new Set(rest.items.flatMap((item) =>
        item._tag === "Conversation"
          ? item.messages.flatMap(({ blocks }) =>
            blocks.flatMap((block) =>
              block._tag === "Image" || block._tag === "Attachment" ? block.content?.hash ?? [] : []
            )
          )
          : item._tag === "Aside"
          ? item.content?.hash ?? []
          : []
      ))
      assert.strictEqual(new Set(rest.kept.map(({ bytes }) => bytes.toString())).size, needed.size, `skipping ${skip}`)
    }
  })

  it("R6 a newer state behind the place of return still replaces the one before it", async () => {
    const path = file(json(grown("a", 2, 5), talk("b"), grown("a", 4, 9)))
    const { conversations: [last] } = await read(path, {}, 2)
    assert.strictEqual(last!.supersedes?.nodes.kept, 2)
  })

  it("R4 progress counts the bytes of conversation files, and ends at their sum", async () => {
    const path = file(json(...Array.from({ length: 2_000 }, (_, i) => talk(`n${i}`))))
    const { keep } = TestBench.store()
    const seen = await Effect.runPromise(Effect.gen(function*() {
      const reading = yield* open(path, { limits: defaultImportLimits, keep })
      const at = yield* reading.items.pipe(Stream.mapEffect(() => reading.progress), Stream.runCollect)
      return [...Chunk.toReadonlyArray(at), yield* reading.progress]
    }))
    seen.reduce((before, now) => {
      assert.isAtLeast(now.read, before.read)
      assert.isAtMost(now.read, now.total)
      return now
    })
    assert.isBelow(seen[0]!.read, seen[0]!.total)
    assert.strictEqual(seen.at(-1)!.read, seen.at(-1)!.total)
  })

  it("R5 more conversations than the bound are named as one", async () => {
    const { asides, conversations } = await read(file(json(...Array.from({ length: 30 }, (_, i) => talk(`n${i}`)))), {
      conversationsMax: 10
    })
    assert.lengthOf(conversations, 10)
    assert.match(asides[0]!.reason, /conversationsMax \(10\)/)
  })
})

describe("JsonConversations", () => {
  it("W1 each record comes out once, with its place and its bytes", async () => {
    const text = JSON.stringify([talk("a"), 5, { title: "no mapping", id: "n" }, talk("b")], null, 2)
    const { items } = await read(file(text))
    assert.deepStrictEqual(items.map(({ _tag }) => _tag), ["Conversation", "Rejected", "Rejected", "Conversation"])
    for (const item of items) {
      if (item._tag === "Aside" || item._tag === "Merged") continue
      assert.strictEqual(Buffer.from(item.raw!).toString(), text.slice(item.place.start, item.place.end))
    }
    assert.deepStrictEqual(
      items.flatMap((item) => item._tag === "Rejected" ? [[item.id, item.title, item.reason]] : []),
      [
        [null, null, "is a number, no conversation"],
        ["n", "no mapping", "its \"mapping\" is nothing"]
      ]
    )
  })

  it("W1 a record that is no JSON is described as far as its text goes", async () => {
    const broken = JSON.stringify(talk("b", { title: "With \"quotes\" and é" })).replace(
      "\"weight\":1",
      "\"weight\":one"
    )
    const { receipt, rejected: [rejected] } = await read(file(`[${JSON.stringify(talk("a"))},${broken}]`))
    assert.deepStrictEqual([rejected!.id, rejected!.title, rejected!.nodes], ["b", "With \"quotes\" and é", 2])
    assert.match(rejected!.reason, /^broken JSON \(bytes \d+ to \d+ of /)
    assert.deepStrictEqual(receipt.nodes, { found: 4, kept: 2, hidden: 0, merged: 0, quarantined: 2 })
  })

  it("W2 a file cut anywhere gives what stood before, and says where it ended", async () => {
    const text = JSON.stringify([talk("a"), talk("b"), talk("c")])
    const ends = ["a", "b", "c"].map((id) => text.indexOf(JSON.stringify(talk(id))) + JSON.stringify(talk(id)).length)
    for (let cut = 60; cut < text.length; cut += 7) {
      const outcome = await read(file(text.slice(0, cut))).catch(String)
      if (typeof outcome === "string") assert.isBelow(cut, 200, outcome)
      else {
        assert.lengthOf(outcome.conversations, ends.filter((end) => end <= cut).length)
        assert.strictEqual(outcome.rejected.length + outcome.asides.length, 1)
        assert.isTrue(isBalanced(outcome.receipt))
      }
    }
  })
})

describe("Repeats", () => {
  const states = async (...records: ReadonlyArray<unknown>) => {
    const { items, receipt } = await read(file(json(...records)))
    return {
      tags: items.map((item) => item._tag === "Conversation" ? item.supersedes === null ? "new" : "newer" : item._tag),
      receipt
    }
  }

  it("D3 the newer state wins, of two as old the fuller, else the first", async () => {
    assert.deepStrictEqual((await states(grown("a", 2, 5), grown("a", 2, 9))).tags, ["new", "newer"])
    assert.deepStrictEqual((await states(grown("a", 2, 9), grown("a", 9, 5))).tags, ["new", "Merged"])
    assert.deepStrictEqual((await states(grown("a", 2, 5), grown("a", 3, 5))).tags, ["new", "newer"])
    assert.deepStrictEqual((await states(grown("a", 3, 5), grown("a", 3, 5))).tags, ["new", "Merged"])
    assert.deepStrictEqual((await states(grown("a", 3, null), grown("b", 3, null))).tags, ["new", "new"])
  })

  it("D3 the same id of another product is another conversation", async () => {
    const { conversations } = await read(
      directory({
        "a.json": json(talk("x")),
        "b.json": json(TestBench.claude("x", [TestBench.said("m", null, "human", "Hi")]))
      })
    )
    assert.lengthOf(conversations, 2)
  })

  it("D4 what is replaced moves to merged, across files too", async () => {
    const { receipt } = await states(grown("a", 2, 5), grown("a", 4, 9), grown("a", 3, 7), grown("a", 5, 11))
    assert.deepStrictEqual(receipt.conversations, { found: 4, imported: 1, merged: 3, empty: 0, quarantined: 0 })
    assert.deepStrictEqual(receipt.nodes, { found: 14, kept: 5, hidden: 0, merged: 9, quarantined: 0 })
    assert.deepStrictEqual(receipt.items.map(({ status }) => status), ["merged", "merged", "merged", "imported"])
    const across = await read(file(zipSync({ "0.json": json(grown("a", 2, 5)), "1.json": json(grown("a", 4, 9)) })))
    assert.deepStrictEqual(across.receipt.nodes, { found: 6, kept: 4, hidden: 0, merged: 2, quarantined: 0 })
  })

  it("D4 the raw bytes of what is merged are given out", () => {
    const repeats = new Repeats()
    const state = (at: number): Conversation => ({
      ...({} as Conversation),
      _tag: "Conversation",
      provider: "p",
      sourceId: "s",
      updatedAt: at,
      createdAt: null,
      nodes: { found: 1, kept: 1, hidden: 0, merged: 0, quarantined: 0 },
      raw: Uint8Array.of(at)
    })
    repeats.judge(state(5))
    assert.deepInclude(repeats.judge(state(3)), { _tag: "Merged", raw: Uint8Array.of(3) })
  })
})

describe("Tally", () => {
  const count = FastCheck.nat(9)
  const counts = FastCheck.record({ kept: count, hidden: count, merged: count, quarantined: count }).map(
    (part): NodeCounts => ({ ...part, found: part.kept + part.hidden + part.merged + part.quarantined })
  )
  const outcome = FastCheck.record({
    id: FastCheck.constantFrom("a", "b", "c"),
    status: FastCheck.constantFrom<Outcome["status"]>("imported", "merged", "empty", "quarantined", "skipped"),
    nodes: counts
  })

  it("G5 both lines add up, whatever comes in whatever order", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(outcome, { maxLength: 20 }), (outcomes) => {
        const standing = new Map<string, { status: "imported" | "empty"; nodes: NodeCounts }>()
        let tally = emptyTally("x")
        for (const { id, nodes, status } of outcomes) {
          const counted = status === "imported" || status === "empty"
          const supersedes = counted ? standing.get(id) ?? null : null
          if (counted) standing.set(id, { status, nodes })
          tally = addOutcome(tally, { id, conversation: id, status, nodes, supersedes, title: null, reason: null })
        }
        const receipt = receiptOf(tally)
        assert.isTrue(isBalanced(receipt))
        assert.lengthOf(receipt.items, outcomes.length)
        const now = (status: string) => receipt.items.filter((item) => item.status === status).length
        assert.deepStrictEqual(receipt.conversations, {
          found: outcomes.length - now("skipped"),
          imported: now("imported"),
          merged: now("merged"),
          empty: now("empty"),
          quarantined: now("quarantined")
        })
        assert.isTrue(Object.values(receipt.nodes).every((sum) => sum >= 0))
        assert.strictEqual(receipt.nodes.kept, [...standing.values()].reduce((sum, { nodes }) => sum + nodes.kept, 0))
      }),
      { numRuns: 1_000 }
    )
    assert.isFalse(
      isBalanced({
        conversations: { found: 1, imported: 0, merged: 0, empty: 0, quarantined: 0 },
        nodes: { found: 0, kept: 0, hidden: 0, merged: 0, quarantined: 0 }
      })
    )
  })

  it("G6 a replaced conversation moves to merged, with all its nodes", () => {
    const first: Outcome = {
      id: "a",
      conversation: "chatgpt a",
      title: null,
      status: "imported",
      reason: null,
      nodes: { found: 6, kept: 3, hidden: 1, merged: 0, quarantined: 2 },
      supersedes: null
    }
    const second: Outcome = {
      ...first,
      nodes: { found: 7, kept: 7, hidden: 0, merged: 0, quarantined: 0 },
      supersedes: { status: "imported", nodes: first.nodes }
    }
    const receipt = receiptOf([first, second].reduce(addOutcome, emptyTally("x")))
    assert.deepStrictEqual(receipt.nodes, { found: 13, kept: 7, hidden: 0, merged: 6, quarantined: 0 })
    assert.deepStrictEqual(receipt.items.map(({ status }) => status), ["merged", "imported"])
    // Another provider's conversation has the same id, and comes between the two.
    const stranger: Outcome = { ...first, conversation: "claude a", title: "Stranger" }
    const among = receiptOf([first, stranger, second].reduce(addOutcome, emptyTally("x")))
    assert.deepStrictEqual(among.items.map(({ status, title }) => [status, title]), [
      ["merged", null],
      ["imported", "Stranger"],
      ["imported", null]
    ])
    assert.strictEqual(among.conversations.merged, 1)
  })

  it("G5 what the importer knows better counts: a conversation it has already is merged", () => {
    const item = {
      _tag: "Merged",
      provider: "p",
      sourceId: "s",
      title: "T",
      reason: "r",
      nodes: 3,
      raw: new Uint8Array(0),
      place: { file: "f", start: 0, end: 1 }
    } satisfies Item
    const known = { ...outcomeOf(item), nodes: { found: 3, kept: 1, hidden: 2, merged: 0, quarantined: 0 } }
    assert.deepStrictEqual(receiptOf(addOutcome(emptyTally("x"), known)).nodes, {
      found: 3,
      kept: 0,
      hidden: 0,
      merged: 3,
      quarantined: 0
    })
  })
})
