/** Samples changed at random: whatever comes in, nothing throws, everything is accounted for, and what comes out is a message. */
import { Message } from "@vivim/event-schemas/document/Message"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { assert, describe, it } from "vitest"
import { isBalanced } from "./Tally.ts"
import { TestBench } from "./TestBench.ts"

const { chat, file, fixtures, node, read } = TestBench
const sample = (name: string) => Fs.readFileSync(Path.join(fixtures, "exports", name))
const isMessages = Schema.is(Schema.Array(Message))

const zip = sample("chatgpt/chatgpt-export-2026-split.zip")
const claude = sample("claude/conversations.json")
const transcript = sample("generic/transcript.md")
const chatgpt = Buffer.from(JSON.stringify([
  chat("a", [
    node("r", null, "system", ""),
    node("u", "r", "user", "Hi"),
    node("b", "u", "assistant", { content_type: "thoughts", thoughts: [{ summary: "s", content: "c" }] }),
    node("c", "u", "assistant", "x \uE200cite\uE202turn0search1\uE201")
  ]),
  chat("b", [
    node("u", null, "user", {
      content_type: "multimodal_text",
      parts: [{ content_type: "image_asset_pointer", asset_pointer: "file-service://file-Abcdefgh1" }, "t"]
    })
  ])
]))

/** What must hold of every reading that is not refused. */
const holds = async (bytes: Uint8Array) => {
  const outcome = await read(file(bytes)).catch((error: unknown) => {
    assert.match(String(error), /ImportRefused|Read are|Download/, "only a refusal may end a reading")
    return null
  })
  if (outcome === null) return
  assert.isTrue(isBalanced(outcome.receipt), JSON.stringify(outcome.receipt))
  assert.isTrue(Object.values(outcome.receipt.nodes).every((sum) => sum >= 0))
  for (const { leaf, messages, nodes } of outcome.conversations) {
    assert.isTrue(isMessages(messages))
    const ids = new Set<string>()
    for (const { id, parent } of messages) {
      assert.isTrue(parent === null || ids.has(parent), "parents stand before their children")
      assert.isFalse(ids.has(id))
      ids.add(id)
    }
    assert.isTrue(leaf === null || ids.has(leaf))
    assert.strictEqual(messages.length, nodes.kept + nodes.hidden)
  }
}

const source = FastCheck.constantFrom(zip, claude, transcript, chatgpt)

const flips = FastCheck.array(FastCheck.tuple(FastCheck.nat(), FastCheck.nat(255)), { minLength: 1, maxLength: 12 })

const apply = (bytes: Buffer, changes: ReadonlyArray<readonly [number, number]>): Buffer => {
  const changed = Buffer.from(bytes)
  for (const [at, byte] of changes) changed[at % changed.length] = byte
  return changed
}

/** Values that do not belong where they are put. */
const STRANGE: ReadonlyArray<unknown> = [
  null,
  true,
  0,
  -1,
  1e308,
  1.5,
  "",
  "x",
  "\uD83D\0",
  [],
  {},
  [[]],
  "a",
  "u",
  "r",
  { parts: "x" },
  "x".repeat(300),
  2 ** 53
]

/** Puts a strange value at the n-th place of a JSON value, or takes the place away. */
const graft = (value: unknown, place: { left: number }, strange: unknown): unknown => {
  if (place.left-- === 0) return strange
  if (Array.isArray(value)) return value.map((part) => graft(part, place, strange))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map((
      [key, part]
    ) => [place.left === 0 && strange === null ? "__proto__" : key, graft(part, place, strange)])
  )
}

const size = (value: unknown): number =>
  1 +
  (typeof value === "object" && value !== null
    ? Object.values(value).reduce((sum: number, part) => sum + size(part), 0)
    : 0)

describe("Mutation", () => {
  it(
    "bytes changed at random",
    { timeout: 120_000 },
    () =>
      FastCheck.assert(FastCheck.asyncProperty(source, flips, (bytes, changes) => holds(apply(bytes, changes))), {
        numRuns: 120
      })
  )

  it("marks of JSON put where they are not wanted", { timeout: 120_000 }, () => {
    const marks = FastCheck.array(
      FastCheck.tuple(FastCheck.nat(), FastCheck.constantFrom(...Buffer.from("{}[]\",:\\0\n"))),
      { minLength: 1, maxLength: 6 }
    )
    return FastCheck.assert(
      FastCheck.asyncProperty(
        FastCheck.constantFrom(claude, chatgpt),
        marks,
        (bytes, changes) => holds(apply(bytes, changes))
      ),
      { numRuns: 150 }
    )
  })

  it("files cut, doubled and spliced", { timeout: 120_000 }, () =>
    FastCheck.assert(
      FastCheck.asyncProperty(source, source, FastCheck.nat(), FastCheck.nat(), (a, b, x, y) =>
        holds(Buffer.concat([a.subarray(0, x % (a.length + 1)), b.subarray(y % (b.length + 1))]))),
      { numRuns: 150 }
    ))

  it("values of the wrong type anywhere", { timeout: 120_000 }, () => {
    const records = FastCheck.constantFrom(JSON.parse(claude.toString()), JSON.parse(chatgpt.toString()))
    const grafts = FastCheck.array(FastCheck.tuple(FastCheck.nat(), FastCheck.constantFrom(...STRANGE)), {
      minLength: 1,
      maxLength: 5
    })
    return FastCheck.assert(
      FastCheck.asyncProperty(
        records,
        grafts,
        (value, changes) =>
          holds(
            Buffer.from(JSON.stringify(changes.reduce((all, [at, strange]) =>
              graft(all, { left: 1 + at % size(all) }, strange), value)))
          )
      ),
      { numRuns: 250 }
    )
  })
})
