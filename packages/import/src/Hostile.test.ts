/** Files made to break a reader: each is read to its end, told, and accounted for to the node. */
import { Message } from "@vivim/event-schemas/document/Message"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import { isBalanced } from "./Tally.ts"
import { TestBench } from "./TestBench.ts"

const { fixtures, read, visible, words } = TestBench
const hostile = Path.join(fixtures, "hostile")

/** Counts in the order of the receipt: found, imported (kept), merged (hidden), empty (merged), quarantined. */
type Counts = readonly [number, number, number, number, number]
const expected: {
  readonly [name: string]: { readonly conversations: Counts; readonly nodes: Counts; readonly skipped: number }
} = JSON.parse(Fs.readFileSync(Path.join(hostile, "expected.json"), "utf8"))

const open = (name: string) => read(Path.join(hostile, name))

describe("Hostile", () => {
  const isMessages = Schema.is(Schema.Array(Message))

  it("every file is expected, and every expectation has its file", () => {
    assert.sameMembers(Fs.readdirSync(hostile).filter((name) => name !== "expected.json"), Object.keys(expected))
  })

  for (const [name, { conversations, nodes, skipped }] of Object.entries(expected)) {
    it(`${name} is accounted for`, async () => {
      const { conversations: read, receipt } = await open(name)
      assert.isTrue(isBalanced(receipt))
      assert.deepStrictEqual(Object.values(receipt.conversations), [...conversations])
      assert.deepStrictEqual(Object.values(receipt.nodes), [...nodes])
      assert.strictEqual(receipt.items.filter(({ status }) => status === "skipped").length, skipped)
      for (const { messages } of read) assert.isTrue(isMessages(messages))
      for (const { reason, status } of receipt.items) if (status !== "imported") assert.isNotEmpty(reason)
    })
  }

  it("what is dangerous to show is kept as plain text", async () => {
    const { conversations: [conversation] } = await open("scripts.json")
    for (const part of ["<script>alert(1)</script>", "[go](javascript:alert(3))", "https://tracker.example/p.gif"]) {
      assert.include(words(conversation!), part)
    }
  })

  it("bidirectional marks stay, half characters and zeros go", async () => {
    assert.include(words((await open("bidi.json")).conversations[0]!), "\u202Eמימין לשמאל\u202C")
    const { conversations: [conversation] } = await open("lone-surrogates.json")
    assert.include(words(conversation!), "half \uFFFD and \uFFFD here")
    assert.include(words(conversation!), "zero  here")
    assert.include(Buffer.from(conversation!.raw).toString(), "\\ud83d", "the raw record has them")
  })

  it("a bomb is named as one, a cut file as cut, a long message is whole", async () => {
    assert.match((await open("bomb.zip")).asides[0]!.reason, /over ratioMax \(200\)/)
    assert.match((await open("truncated.json")).rejected[0]!.reason, /cut off/)
    const { conversations: [long] } = await open("long-message.json")
    assert.strictEqual((visible(long!)[0]!.blocks[0] as any).text.length, 262_144)
    assert.lengthOf(visible((await open("thread-900.json")).conversations[0]!), 900)
  })

  it("nothing of it is left on objects", () => assert.isUndefined(({} as { polluted?: boolean }).polluted))
})
