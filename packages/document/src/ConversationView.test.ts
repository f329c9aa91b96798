/** One conversation is read as it was written, whatever tree an export made of it. */
import { Message } from "@vivim/event-schemas/document/Message"
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import { assert, it } from "vitest"
import * as AtomicChatUnit from "./AtomicChatUnit.ts"
import * as ConversationView from "./ConversationView.ts"
import * as Example from "./LibraryExample.ts"

const { apply, imported, message } = Example
const ids = ["a", "b", "c", "d", "e", "f", "g"] as const

/** Trees, forests, orphans and rings. */
const nodes = FastCheck.uniqueArray(
  FastCheck.record({
    id: FastCheck.constantFrom(...ids),
    parent: FastCheck.option(FastCheck.constantFrom(...ids, "nowhere")),
    at: FastCheck.option(FastCheck.nat(5))
  }),
  { selector: ({ id }) => id }
)
const outlineOf = (
  drawn: ReadonlyArray<{ readonly id: string; readonly parent: string | null; readonly at: number | null }>
) => {
  const db = Example.open()
  apply(db, imported("d1", drawn.map(({ id, ...said }) => message(id, id, said))))
  const outline = ConversationView.outline(db, "d1")!
  db.close()
  return outline.nodes
}

it("V1 each node once, parents first, siblings as they came", () => {
  FastCheck.assert(
    FastCheck.property(nodes, (drawn) => {
      const tree = outlineOf(drawn)
      assert.sameMembers(tree.map(({ id }) => id as string), drawn.map(({ id }) => id))
      const place = new Map(tree.map(({ id }, i) => [id, i]))
      const came = new Map(drawn.map(({ id }, i) => [id as string, i]))
      tree.forEach((node, i) => {
        if (node.parent !== null) assert.isBelow(place.get(node.parent)!, i)
        tree.slice(0, i).filter(({ parent }) => parent !== null && parent === node.parent).forEach((sibling) =>
          assert.isBelow(came.get(sibling.id)!, came.get(node.id)!)
        )
      })
    }),
    { numRuns: 80 }
  )
})

it("V2 a parent is kept unless it is nowhere or in a ring", () => {
  FastCheck.assert(
    FastCheck.property(nodes, (drawn) => {
      const parents = new Map(drawn.map(({ id, parent }) => [id as string, parent as string | null]))
      const inRing = (id: string) => {
        let at = parents.get(id) ?? null
        for (let steps = 0; at !== null && steps < 9; steps++, at = parents.get(at) ?? null) if (at === id) return true
        return false
      }
      for (const { id, parent } of outlineOf(drawn)) {
        const given = parents.get(id)!
        if (given !== null && !parents.has(given)) assert.isNull(parent)
        else if (!inRing(id)) assert.strictEqual(parent, given)
      }
    }),
    { numRuns: 80 }
  )
})

it("V3 messages come in the order asked for, each once, those that are there", () => {
  const db = Example.open()
  const [a, b] = [
    message("a", "one"),
    message("b", [{ _tag: "Code", text: "1", language: "js" }], { parent: "a", role: "assistant" })
  ]
  apply(db, imported("d1", [a, b]), imported("d2", [message("c", "elsewhere")]))
  assert.deepStrictEqual(ConversationView.messages(db, "d1", ["b", "c", "a", "b", "'"]), [b, a])
  assert.deepStrictEqual(ConversationView.messages(db, "d3", ["a"]), [])
  assert.isNull(ConversationView.outline(db, "d3"))
})

it("V4 units are what the message splits into", () => {
  const markdown = message("md", "# A\n\n```js\nlet a\n```\n\n    indented\n\n- x\n\n$$y$$\n\n~~~\nunclosed")
  const code = message("code", [{ _tag: "Code", text: "```\nnot a fence\n```", language: null }])
  FastCheck.assert(
    FastCheck.property(FastCheck.array(Arbitrary.make(Message), { maxLength: 3 }), (drawn) => {
      const messages = [
        markdown,
        code,
        ...drawn.map((message, i) => ({ ...message, id: `${message.id}${i}` as typeof message.id }))
      ]
      const db = Example.open()
      apply(db, imported("d1", messages))
      const expected = messages.flatMap((message) =>
        AtomicChatUnit.split(message).map((unit) => ({ ...unit, messageId: message.id as string }))
      )
      assert.deepStrictEqual(ConversationView.units(db, "d1"), expected)
      assert.deepStrictEqual(
        ConversationView.units(db, "d1", "md"),
        expected.filter(({ messageId }) => messageId === "md")
      )
      db.close()
    }),
    { numRuns: 30 }
  )
  assert.deepStrictEqual(ConversationView.units(Example.open(), "d1"), [])
})

it("V5 the active path runs from the leaf to the root", () => {
  const tree = outlineOf([
    { id: "a", parent: null, at: 1 },
    { id: "b", parent: "a", at: 5 },
    { id: "c", parent: "a", at: 3 },
    { id: "d", parent: "c", at: 4 }
  ])
  assert.deepStrictEqual(ConversationView.activePath(tree, "d"), ["a", "c", "d"])
  assert.deepStrictEqual(ConversationView.activePath(tree, "c"), ["a", "c"])
  assert.deepStrictEqual(ConversationView.activePath(tree, null), ["a", "b"])
  assert.deepStrictEqual(ConversationView.activePath(tree, "gone"), ["a", "b"])
  assert.deepStrictEqual(ConversationView.activePath([], "a"), [])
})

it("V5 a path is found in any tree, and ends", () => {
  FastCheck.assert(
    FastCheck.property(nodes, FastCheck.option(FastCheck.constantFrom(...ids)), (drawn, leaf) => {
      const tree = outlineOf(drawn)
      const path = ConversationView.activePath(tree, leaf)
      assert.strictEqual(path.length === 0, tree.length === 0)
      const parents = new Map(tree.map(({ id, parent }) => [id, parent]))
      path.forEach((id, i) => assert.strictEqual(parents.get(id)!, i === 0 ? null : path[i - 1]!))
    })
  )
})

it("V6 a file is held by the conversation whose message has it, and by none whose words name it", () => {
  const db = Example.open()
  const [held, named] = ["a".repeat(64), "b".repeat(64)]
  const picture = (hash: string) => ({
    _tag: "Image",
    source: "file",
    name: named,
    alt: null,
    content: { hash, bytes: 3, mime: "image/png" }
  })
  const one = message("m1", "words", {})
  apply(db, imported("d1", [{ ...one, blocks: [...one.blocks, picture(held)] } as typeof one]))
  apply(db, imported("d2", [message("m1", `${held} and ${named}`, {})]))
  assert.isTrue(ConversationView.holds(db, "d1", held))
  assert.isFalse(ConversationView.holds(db, "d1", named))
  assert.isFalse(ConversationView.holds(db, "d2", held))
  assert.isFalse(ConversationView.holds(db, "d3", held))
  db.close()
})
