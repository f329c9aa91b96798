/** What of a conversation is equal wherever it lies. */
import * as Arbitrary from "effect/Arbitrary"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { assert, it } from "vitest"
import { contentOf, conversationHead, FileConversation, linesOf } from "./AccountFile.ts"

const conversations = Arbitrary.make(FileConversation)
const told = (conversation: Parameters<typeof contentOf>[0]) => Buffer.from(contentOf(conversation)).toString("hex")

it("F1 what a conversation says has one hash under every id, and another when any of it is another", () => {
  FastCheck.assert(
    FastCheck.property(
      conversations,
      conversations,
      ({ format: _, hash: __, ...one }, { format: ___, hash: ____, ...other }) => {
        const elsewhere = { ...one, documentId: other.documentId, sortedAt: other.sortedAt }
        assert.strictEqual(
          told({ ...elsewhere, tags: one.tags.toReversed(), deleted: one.deleted.toReversed() }),
          told(one)
        )
        for (const field of Object.keys(conversationHead) as Array<keyof typeof conversationHead>) {
          if (field === "sortedAt") continue
          const same = told({ ...one, [field]: other[field] }) === told(one)
          const isSame = field === "raws"
            ? Schema.equivalence(conversationHead.raws)(one.raws, other.raws)
            : JSON.stringify(one[field]) === JSON.stringify(other[field])
          if (isSame) assert.isTrue(same, field)
        }
        assert.notStrictEqual(told({ ...one, title: `${one.title}x` }), told(one))
        assert.notStrictEqual(told({ ...one, starred: !one.starred }), told(one))
        const [first, ...rest] = one.messages
        if (first !== undefined) assert.notStrictEqual(told({ ...one, messages: rest }), told(one))
      }
    ),
    { numRuns: 40 }
  )
})

it("lines of sums are those that sha256sum checks, in one order", () => {
  const [a, b] = ["a", "b"].map((letter) => ({ name: letter, bytes: 1, sha256: letter.repeat(64) as never }))
  assert.strictEqual(linesOf([b!, a!]), `${"a".repeat(64)}  a\n${"b".repeat(64)}  b\n`)
})
