/** Records that belong together, and records that do not, though each by itself is as it was written. */
import { PartMax } from "@vivim/content-store/Parts"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import { assert, describe, it } from "vitest"
import { BackupCheck, type BackupSummary, checked } from "./BackupCheck.ts"
import type { BackupRecord } from "./BackupFormat.ts"
import { BackupReader } from "./BackupReader.ts"
import { noise, sampleContent, sampleLog, sampleRecords, written } from "./BackupSample.ts"
import * as LogTrail from "./LogTrail.ts"

/** What a backup holds, or why it was refused. */
const check = (bytes: Uint8Array): BackupSummary | string => {
  const check = new BackupCheck()
  const outcome = Effect.runSync(Effect.either(Stream.runDrain(checked(Stream.make(bytes), check, new BackupReader()))))
  return Either.match(outcome, { onLeft: ({ message }) => message, onRight: () => check.summary })
}

const records = sampleRecords()
const at = (kind: BackupRecord["kind"], nth = 0) =>
  records.flatMap((record, i) => record.kind === kind ? [i] : [])[nth]!
const changed = (index: number, change: (record: any) => object): ReadonlyArray<BackupRecord> =>
  records.with(index, change(records[index]) as BackupRecord)
const eventChanged = (nth: number, change: object) =>
  changed(at("event", nth), (record) => ({ ...record, event: { ...record.event, ...change } }))

const sizes = FastCheck.oneof(
  FastCheck.nat(2_000),
  FastCheck.constantFrom(PartMax - 1, PartMax, PartMax + 1, 2 * PartMax, 2 * PartMax + 1)
)

describe("the records of a backup", () => {
  it("K1 are found sound and told in figures, whatever log and contents they are", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.nat(60), FastCheck.uniqueArray(sizes, { maxLength: 4 }), (events, contents) => {
        const summary = check(written(sampleRecords({ events, contents })))
        assert.isObject(summary, String(summary))
        const trail = LogTrail.begin()
        for (const event of sampleLog(events)) LogTrail.take(trail, event)
        assert.deepStrictEqual(summary as BackupSummary, {
          createdAt: 1_790_000_000_000,
          position: events,
          events,
          streams: trail.streams.size,
          accounts: 1,
          contents: contents.length,
          parts: contents.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / PartMax)), 0),
          contentBytes: contents.reduce((sum, size) => sum + size, 0),
          logDigest: LogTrail.digestOf(trail)
        })
      }),
      { numRuns: 25 }
    )
  })

  const second = at("event", 9)
  const partless = at("part", 2)
  for (
    const [how, wrong, index] of [
      ["no header", records.slice(1), 0],
      ["a header twice", records.toSpliced(1, 0, records[0]!), 1],
      ["an account after an event", records.toSpliced(at("event", 2), 0, records[1]!), at("event", 2)],
      ["a key after an event", records.toSpliced(at("event", 2), 0, records[at("key")]!), at("event", 2)],
      ["an event after a content", [...records, records[at("event")]!], records.length],
      ["an event left out", records.toSpliced(second, 1), second],
      ["an event twice", records.toSpliced(second, 0, records[second]!), second + 1],
      [
        "events in another order",
        records.with(second, records[second + 1]!).with(second + 1, records[second]!),
        second
      ],
      ["an event's private part changed", eventChanged(3, { private: noise("other", 9) }), at("event", 3)],
      ["an event's owner changed", eventChanged(4, { owner: "did:key:zEve" }), at("event", 4)],
      ["an event of another stream", eventChanged(5, { stream: "document/d9" }), at("event", 5)],
      ["an event whose hash was made anew", eventChanged(6, { previousHash: noise("other", 32) }), at("event", 6)],
      ["a log that ends early", records.filter((_, i) => i !== at("event", 39)), records.length - 1],
      ["a log that goes on", changed(0, (header) => ({ ...header, upTo: 39 })), records.length],
      ["a content without a part", records.toSpliced(partless, 1), partless],
      ["a part twice", records.toSpliced(partless, 0, records[partless]!), partless + 1],
      ["a part of nothing", records.toSpliced(at("content"), 0, records[partless]!), at("content")],
      ["the last content without its last part", records.slice(0, -1), records.length - 1],
      ["another number of parts", changed(at("content", 1), (content) => ({ ...content, parts: 9 })), at("content", 1)],
      ["a content twice", [...records, ...sampleContent(0)], records.length]
    ] as ReadonlyArray<readonly [string, ReadonlyArray<BackupRecord>, number]>
  ) {
    it(`K2 with ${how} are refused, and the first that does not fit is named`, () => {
      assert.include(check(written(wrong)), `record ${index + 1}, at byte`)
    })
  }

  it("K2 whose end says something else are refused", () => {
    for (
      const [wrong, says] of [
        [{ counts: { accounts: 1, events: 41, contents: 4, parts: 5 } }, "41 events were written, and 40 are here"],
        [{ counts: { accounts: 1, events: 40, contents: 4, parts: 4 } }, "4 parts were written, and 5 are here"],
        [{ digest: noise("other", 32) }, "the digest of everything before it is another"]
      ] as const
    ) {
      const said = check(written(records, { end: (end) => [{ ...end, ...wrong } as BackupRecord] }))
      assert.include(said, says)
      assert.include(said, `record ${records.length + 1}, at byte`)
    }
    assert.include(check(written(records, { end: () => [] })), "it has no end")
  })

  it("K3 keep of an event its hash alone, not the page it came in", () => {
    const trail = LogTrail.begin()
    const page = Buffer.alloc(1 << 20)
    const [event] = sampleLog(1)
    LogTrail.take(trail, { ...event!, hash: page.subarray(500, 532) })
    assert.strictEqual(trail.streams.get(event!.stream)!.hash.buffer.byteLength, 32)
  })
})
