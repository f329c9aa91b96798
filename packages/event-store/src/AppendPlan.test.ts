/** What a round carries. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { plan, unknownStreams } from "./AppendPlan.ts"
import { AppendQueue, queueLimits, type Waiting } from "./AppendQueue.ts"
import { event, newId } from "./EventExample.ts"
import { isIntact, noHash } from "./EventHash.ts"
import type { Expected } from "./EventStore.ts"
import { StreamHeads } from "./StreamHeads.ts"

type Given = readonly [stream: string, expected: Expected, ...ids: Array<string>]
const waiting = (...given: ReadonlyArray<Given>): Array<Waiting> => {
  const queue = new AppendQueue(queueLimits)
  for (const [stream, expected, ...ids] of given) {
    const events = ids.length === 0 ? [event()] : ids.map((id) => event({ id }))
    queue.offer(stream, expected, { bytes: 1, events: events as any }, 0, () => {})
  }
  return queue.take(1_000, 1e9)
}

const knowing = (known: Readonly<Record<string, number>>): StreamHeads => {
  const heads = new StreamHeads(100)
  for (const [stream, version] of Object.entries(known)) {
    heads.learn(stream, { version, hash: new Uint8Array(32).fill(version) })
  }
  return heads
}
const none: ReadonlySet<string> = new Set()

describe("a round", () => {
  it("N1 chains the appends of a stream on versions and hashes, and keeps the order of all", () => {
    const { chains, later, rows } = plan(
      waiting(["a", 2], ["b", 0], ["a", 3], ["b", "exists"], ["a", "any"]),
      knowing({ a: 2 }),
      none
    )
    assert.deepStrictEqual(rows.map(({ stream, version }) => `${stream}${version}`), ["a3", "b1", "a4", "b2", "a5"])
    assert.deepStrictEqual(later, [])
    assert.deepStrictEqual(chains.map(({ after, before, stream }) => [stream, before.version, after.version]), [[
      "a",
      2,
      5
    ], ["b", 0, 2]])
    const previous = new Map([["a", new Uint8Array(32).fill(2)], ["b", noHash()]])
    for (const row of rows) {
      assert.deepStrictEqual([...row.previousHash], [...previous.get(row.stream)!])
      assert.isTrue(isIntact(row))
      previous.set(row.stream, row.hash)
    }
    assert.deepStrictEqual(chains.map(({ after }) => after.hash), [previous.get("a"), previous.get("b")])
  })

  it("N1 asks for the heads it needs, and for no others", () => {
    const appends = waiting(["new", 0], ["known", 4], ["unknown", 3], ["anywhere", "any"])
    assert.deepStrictEqual(unknownStreams(appends, knowing({ known: 3 })), new Set(["unknown", "anywhere"]))
    const { later } = plan(appends, knowing({ known: 3 }), none)
    assert.deepStrictEqual(later.map(({ blind, stream }) => [stream, blind]), [["known", true], ["unknown", true], [
      "anywhere",
      true
    ]])
    assert.deepStrictEqual(unknownStreams(later, knowing({ known: 3 })), new Set(["known", "unknown", "anywhere"]))
  })

  it("N2 refuses for an append of the round only with it, and lets wait what continues what it refuses", () => {
    const { doomed, later, rows } = plan(waiting(["a", 0], ["a", 0], ["a", 1], ["b", 0]), knowing({}), none)
    assert.deepStrictEqual(rows.map(({ stream, version }) => `${stream}${version}`), ["a1", "b1"])
    assert.deepStrictEqual(doomed.map(({ actual, rival, waiting }) => [waiting.stream, actual, rival]), [[
      "a",
      1,
      true
    ]])
    assert.deepStrictEqual(later.map(({ expected }) => expected), [1])
  })

  it("N2 lets wait what a chain of the round has not reached", () => {
    const { doomed, later } = plan(waiting(["a", 0], ["a", 2]), knowing({}), new Set(["a"]))
    assert.deepStrictEqual([doomed.length, later.length], [0, 1])
  })

  it("N2 lets wait what continues an append that this round refuses", () => {
    const { doomed, later, rows } = plan(waiting(["a", 2], ["a", 3]), knowing({ a: 3 }), none)
    assert.deepStrictEqual([doomed.length, later.length, rows.length], [1, 1, 0])
    later[0]!.continues!.outcome = "fallen"
    const next = plan(later, knowing({ a: 3 }), new Set(["a"]))
    assert.deepStrictEqual(next.doomed.map(({ actual, waiting }) => [waiting.expected, actual]), [[3, 3]])
  })

  it("N3 refuses only on a head that is certainly another", () => {
    const { doomed, later } = plan(
      waiting(["a", 1], ["b", 9], ["c", 9], ["d", "exists"]),
      knowing({ a: 3, b: 3, c: 3 }),
      new Set(["c", "d"])
    )
    assert.deepStrictEqual(doomed.map(({ actual, waiting }) => [waiting.stream, actual]), [["a", 3], ["c", 3], [
      "d",
      0
    ]])
    assert.deepStrictEqual(later.map(({ stream }) => stream), ["b"], "it may have grown since it was learned")
  })

  it("N4 holds no id twice, also not of what it refuses", () => {
    const [x, y, z] = [newId(), newId(), newId()]
    const appends = waiting(["a", 0, x, y], ["b", 0, y], ["c", 1, z], ["d", 0, z], ["b", "any"])
    const { doomed, later, rows } = plan(appends, knowing({ c: 3 }), none)
    assert.deepStrictEqual(rows.map(({ stream }) => stream), ["a", "a"])
    assert.deepStrictEqual(doomed.map(({ waiting }) => waiting.stream), ["c"])
    assert.deepStrictEqual(later.map(({ stream }) => stream), ["b", "d", "b"], "and keeps the order within a stream")
  })

  it("N4 leaves nothing out, whatever comes", () => {
    const given = FastCheck.tuple(
      FastCheck.constantFrom("a", "b", "c"),
      FastCheck.oneof(FastCheck.nat(4), FastCheck.constantFrom("any" as const, "exists" as const)),
      FastCheck.constantFrom(...Array.from({ length: 6 }, newId))
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.array(given, { maxLength: 12 }), FastCheck.nat(3), (givens, version) => {
        const appends = waiting(...givens)
        const { chains, doomed, later, rows } = plan(appends, knowing({ a: version }), new Set(["b"]))
        const all = [...chains.flatMap(({ links }) => links), ...doomed, ...later.map((waiting) => ({ waiting }))].map((
          { waiting }
        ) => waiting)
        assert.strictEqual(new Set(all).size, appends.length)
        assert.strictEqual(all.length, appends.length)
        const ids = [
          ...rows.map(({ id }) => id),
          ...doomed.flatMap(({ waiting }) => waiting.events.map(({ id }) => id))
        ]
        assert.strictEqual(new Set(ids).size, ids.length)
      })
    )
  })
})
