/** What becomes of conversations that come in on top of what the archive had, in whatever state. */
import { CommandId } from "@vivim/event-schemas/ids"
import { documentIdOf } from "@vivim/import/TakeIn"
import { isBalanced } from "@vivim/import/Tally"
import { TestBench } from "@vivim/import/TestBench"
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import { newId } from "./Events.ts"
import { ada, bytesOf, grown, type ImportWorld, importWorld, thread } from "./ImportWorld.ts"

const { chat, talk } = TestBench

const test = (title: string, holds: (world: ImportWorld) => Generator<any, void, any>) =>
  it(
    title,
    () =>
      Effect.runPromise(Effect.scoped(Effect.flatMap(importWorld, (world) => Effect.gen(() => holds(world)))) as never)
  )

/** All states of one conversation, in the order they stand in the file. */
const states: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  grows: [grown("c", 2, 1), grown("c", 5, 2)],
  "grows twice": [grown("c", 2, 1), grown("c", 3, 2), grown("c", 9, 3)],
  "is renamed": [grown("c", 2, 1), { ...grown("c", 2, 2), title: "Another" }],
  "is renamed and grows": [grown("c", 2, 1), { ...grown("c", 2, 2), title: "Another" }, grown("c", 4, 3)],
  "is edited": [grown("c", 2, 1), thread("c", ["Turn 0 of c", "Something else"], { update_time: 2 })],
  "was empty": [chat("c", []), grown("c", 3, 1_760_000_500)],
  "becomes empty": [grown("c", 2, 1), chat("c", [], { update_time: 2 })],
  "becomes empty and comes back": [grown("c", 2, 1), chat("c", [], { update_time: 2 }), grown("c", 4, 3)],
  "has an older state behind it": [grown("c", 4, 3), grown("c", 2, 1)],
  "has a broken one between": [grown("c", 2, 1), { mapping: 7, id: "c", conversation_id: "c" }, grown("c", 3, 2)]
}

/** The conversation as the archive has it: its last head, and what each message says by now. */
const shown = (events: ReadonlyArray<any>) => {
  const { leaf, title, updatedAt } = events.at(-1)
  const messages = new Map(events.flatMap((event) => event.messages.map((message: any) => [message.id, message.hash])))
  return { leaf, title, updatedAt, messages }
}

const documentId = documentIdOf(ada, "chatgpt", "c")
const toldOf = (world: ImportWorld) =>
  Effect.map(
    world.events,
    (told) => told.filter(({ stream }) => stream === `document/${documentId}`).map(({ event }) => event)
  )

/** What the newest state alone comes to, in an archive of its own. */
const alone = (record: unknown) =>
  Effect.scoped(Effect.gen(function*() {
    const world = yield* importWorld
    yield* world.take(bytesOf(talk("x"), record))
    return shown(yield* toldOf(world))
  }))

describe("TakeIn", () => {
  for (const [what, records] of Object.entries(states)) {
    test(`I1 a conversation that ${what} adds up, and the archive has its newest state`, function*(world) {
      const file = bytesOf(talk("x"), ...records, talk("y"))
      const { receipt } = yield* world.take(file)
      assert.isTrue(isBalanced(receipt), JSON.stringify(receipt))
      assert.strictEqual(receipt.conversations.found, records.length + 2)
      const itself = receipt.items.filter(({ id }) => id === "c")
      assert.deepStrictEqual(itself.filter(({ status }) => status === "imported").length, 1, JSON.stringify(itself))
      for (const status of ["imported", "merged", "empty", "quarantined"] as const) {
        const items = receipt.items.filter((item) => item.status === status)
        assert.lengthOf(items, receipt.conversations[status], status)
      }
      const newest = (records as ReadonlyArray<any>).filter(({ mapping }) => Object.keys(mapping).length > 0)
        .toSorted((a, b) => b.update_time - a.update_time)[0]
      const first = shown(yield* toldOf(world))
      assert.deepStrictEqual(first, yield* alone(newest))

      const again = (yield* world.take(file)).receipt
      assert.isTrue(isBalanced(again), JSON.stringify(again))
      assert.strictEqual(again.conversations.found, receipt.conversations.found)
      assert.strictEqual(again.nodes.found, receipt.nodes.found)
      assert.deepStrictEqual(shown(yield* toldOf(world)), first, "imported again")
    })
  }

  test("I2 a file imported again is merged, sum for sum, and states nothing", function*(world) {
    const file = bytesOf(talk("a"), grown("long", 10, 1), chat("empty", []), talk("b"), { mapping: 7, id: "broken" })
    const first = (yield* world.take(file)).receipt
    const told = yield* world.events
    for (const presumed of [true, false]) {
      const { raws, receipt } = yield* world.take(file, { presumeNew: () => presumed })
      // What no event speaks of the receipt does, so that it can go with its conversation.
      assert.deepStrictEqual(
        raws.map(({ documentId, id }) => [id, documentId !== undefined]).slice(0, 2),
        [["a", true], ["long", true]]
      )
      const { empty, found, quarantined } = first.conversations
      assert.deepStrictEqual(receipt.conversations, {
        found,
        imported: 0,
        merged: first.conversations.imported,
        empty,
        quarantined
      })
      assert.deepStrictEqual(receipt.nodes, {
        ...first.nodes,
        kept: 0,
        hidden: 0,
        merged: first.nodes.merged + first.nodes.kept + first.nodes.hidden
      })
      assert.deepStrictEqual(receipt.items.map(({ id }) => id), first.items.map(({ id }) => id))
      assert.lengthOf(yield* world.events, told.length)
    }
  })

  test("I1 what is new of a known conversation is kept, the rest merged", function*(world) {
    yield* world.take(bytesOf(grown("c", 7, 1)))
    const { receipt } = yield* world.take(bytesOf(grown("c", 12, 2)))
    assert.deepStrictEqual(receipt.nodes, { found: 12, kept: 5, hidden: 0, merged: 7, quarantined: 0 })
    assert.strictEqual(receipt.conversations.imported, 1)
  })

  test(
    "I4 a conversation the owner deleted stays deleted (I1), quarantined with the reason, without title or record",
    function*(world) {
      const file = bytesOf(grown("c", 7, 1), talk("a"))
      yield* world.take(file)
      const ask = world.visit(documentId, ada, false)
      yield* ask("DeleteConversation", { commandId: CommandId.make(newId()), documentId })
      for (const bytes of [file, bytesOf(grown("c", 9, 2), talk("a"), grown("c", 12, 3))]) {
        const { dropped, raws, receipt } = yield* world.take(bytes)
        const deleted = receipt.items.filter(({ id }) => id === "c")
        for (const { reason, status } of deleted) {
          assert.deepStrictEqual([status, reason], ["quarantined", "you deleted this conversation from the archive"])
        }
        assert.isTrue(isBalanced(receipt))
        assert.strictEqual(receipt.conversations.quarantined, deleted.length)
        assert.deepStrictEqual(deleted.map(({ title }) => title), deleted.map(() => null))
        assert.lengthOf(raws.filter(({ id }) => id === "c"), 0)
        const records = dropped.map((hash) => Buffer.from(world.kept.get(`${ada} ${hash}`)!).toString())
        assert.isTrue(records.every((text) => text.includes("of c")) && records.length === deleted.length)
        assert.strictEqual((yield* toldOf(world)).at(-1)._tag, "document.ConversationDeleted")
      }
    }
  )

  test("I3 a message the log cannot take is quarantined, those around it come in", function*(world) {
    const { raws, receipt } = yield* world.take(bytesOf(
      thread("c", ["Before", "x".repeat(2 << 20), "Behind"]),
      thread("d", ["y".repeat(2 << 20)])
    ))
    assert.deepStrictEqual(receipt.nodes, { found: 4, kept: 2, hidden: 0, merged: 0, quarantined: 2 })
    assert.deepStrictEqual(receipt.items.map(({ reason, status }) => [status, reason]), [
      ["imported", "1 messages are larger than the event log takes"],
      ["quarantined", "1 messages are larger than the event log takes"]
    ])
    assert.isTrue(isBalanced(receipt))
    assert.deepStrictEqual(raws.map(({ id }) => id), ["c", "d"])
    assert.deepStrictEqual((yield* toldOf(world)).flatMap(({ messages }) => messages.map(({ id }: any) => id)), [
      "c-0",
      "c-2"
    ])
  })
})
