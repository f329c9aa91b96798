/** Imports from the spool to the receipt: cut off anywhere and run again, in any weather. */
import { places } from "@vivim/contract/AccountFile"
import { ImportId } from "@vivim/event-schemas/ids"
import * as ImportJob from "@vivim/import/ImportJob"
import { isBalanced } from "@vivim/import/Tally"
import { TestBench } from "@vivim/import/TestBench"
import { conversation, entries, lines, vouched } from "@vivim/import/VivimExample"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import { zipSync } from "fflate"
import { assert, describe, it } from "vitest"
import { newId } from "./Events.ts"
import { bytesOf, grown, type ImportWorld, importWorld } from "./ImportWorld.ts"

const { chat, claude, node, said, talk } = TestBench

const test = (title: string, holds: (world: ImportWorld) => Generator<any, void, any>) =>
  it(
    title,
    () =>
      Effect.runPromise(Effect.scoped(Effect.flatMap(importWorld, (world) => Effect.gen(() => holds(world)))) as never)
  )

/** A bit of everything: long and empty ones, broken and repeated ones, older and newer states, three products, a picture. */
const everything = zipSync({
  "chatgpt.json": bytesOf(
    talk("a"),
    grown("long", 10, 1_760_000_000),
    chat("empty", []),
    grown("grows", 2, 1_760_000_000),
    { mapping: 7, id: "broken" },
    grown("grows", 4, 1_760_000_500),
    grown("grows", 3, 1_760_000_200),
    talk("renamed"),
    talk("renamed", { update_time: 1_760_000_900, title: "Another name" }),
    chat("seen", [node("seen-q", null, "user", {
      content_type: "multimodal_text",
      parts: [{ content_type: "image_asset_pointer", asset_pointer: "file-service://file-AbCdEfGh1234" }, "See"]
    })]),
    talk("last")
  ),
  "claude.json": bytesOf(
    claude("told", [said("m", null, "human", "Hi"), said("n", "m", "assistant", "Hello")], { summary: "A greeting" })
  ),
  "file-AbCdEfGh1234-cat.png": Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
  "tea.md": Buffer.from("---\ntitle: Tea\ntags: [kitchen, herbs]\n---\n\n## User\n\nMint?\n\n## Assistant\n\nYes.\n")
})

const importId = ImportId.make(newId())

/** The whole import without any cut: what every other run must come to. */
const runWhole = (file: Uint8Array, presumed: boolean) =>
  Effect.scoped(Effect.gen(function*() {
    const world = yield* importWorld
    const job = yield* world.handOver(file, importId)
    const result = yield* ImportJob.run(world.work(job, { presumeNew: () => presumed }))
    return { result, archive: yield* world.archive, kept: [...world.kept.keys()].toSorted(), steps: world.plug.steps }
  }))

const wholeRun = runWhole(everything, true)
type Whole = Effect.Effect.Success<typeof wholeRun>

const isAsUncut = Effect.fnUntraced(
  function*(world: ImportWorld, result: unknown, whole: Whole, words: string) {
    assert.deepStrictEqual(result, whole.result, words)
    assert.deepStrictEqual(yield* world.archive, whole.archive, words)
    assert.deepStrictEqual([...world.kept.keys()].toSorted(), whole.kept, words)
  }
)

/** Whatever step it is cut off at, and once more soon after. */
const cutAnywhere = Effect.fnUntraced(function*(file: Uint8Array, whole: Whole) {
  // One that is taken for new and is not costs a step more.
  const steps = Math.min(whole.steps, (yield* runWhole(file, false)).steps)
  for (let left = 0; left < steps; left++) {
    yield* Effect.scoped(Effect.gen(function*() {
      const world = yield* importWorld
      const job = yield* world.handOver(file, importId)
      const work = world.work(job, { presumeNew: () => left % 2 === 0 })
      world.plug.left = left
      assert.isTrue(Exit.isFailure(yield* Effect.exit(ImportJob.run(work))), `the power goes after ${left}`)
      // And once more, soon after it was back.
      world.plug.left = left % 8
      if (left % 3 === 0) yield* Effect.exit(ImportJob.run(work))
      world.plug.left = Infinity
      yield* isAsUncut(world, yield* ImportJob.run(work), whole, `cut off after ${left} steps`)
    }))
  }
})

/** An account's own export: long conversations, one in the trash, a picture. */
const account = zipSync({
  ...vouched({
    ...entries,
    [places.conversations]: lines(
      conversation("one"),
      conversation("long", { turns: 8 }),
      conversation("binned", { turns: 4, trash: { purgeAt: 9, archived: false } }),
      conversation("begun", { turns: 0 })
    )
  })
})

describe("ImportJob", () => {
  it(
    "J1 an account's own export, cut off at any step and run again, is here as it was there",
    () =>
      Effect.runPromise(Effect.gen(function*() {
        const whole = yield* runWhole(account, true)
        const { receipt } = whole.result
        assert.deepInclude(receipt.conversations, { found: 4, imported: 3, empty: 1 })
        // A title that is kept here would outlive the conversation, also one nobody has said a word in.
        const came = receipt.items.filter(({ status }) => status !== "skipped")
        assert.isTrue(came.every(({ documentId, title }) => title === null && documentId !== undefined))
        assert.deepInclude(receipt.nodes, { found: 14, kept: 14 })
        assert.lengthOf(whole.kept, 1, "the picture, and no record of its own")
        yield* cutAnywhere(account, whole)
      })),
    120_000
  )

  it(
    "J1 cut off at any step and run again, the receipt and the log are those of one run",
    () =>
      Effect.runPromise(Effect.gen(function*() {
        const whole = yield* wholeRun
        const { receipt } = whole.result
        assert.deepStrictEqual(receipt.conversations, { found: 13, imported: 8, merged: 3, empty: 1, quarantined: 1 })
        assert.isTrue(isBalanced(receipt))
        assert.isAbove(whole.steps, 60)
        yield* cutAnywhere(everything, whole)
      })),
    120_000
  )

  it(
    "J1 stopped at random, again and again, the receipt and the log are those of one run",
    () =>
      Effect.runPromise(Effect.gen(function*() {
        const whole = yield* wholeRun
        let midway = 0
        const run = (seed: number) =>
          Effect.gen(function*() {
            const world = yield* importWorld
            const job = yield* world.handOver(everything, importId)
            for (let n = 0; n < 6; n++) {
              const stop = yield* Deferred.make<void>()
              world.plug.left = yield* Random.nextIntBetween(0, 30)
              world.plug.outage = Effect.asVoid(Deferred.succeed(stop, undefined))
              const running = yield* Effect.fork(ImportJob.run(world.work(job)))
              yield* Effect.raceFirst(Deferred.await(stop), Fiber.await(running))
              for (let waits = yield* Random.nextIntBetween(0, 20); waits > 0; waits--) yield* Effect.yieldNow()
              yield* Fiber.interrupt(running)
              // What came in is noted: nothing lies in the archive that the receipt does not know.
              const { receipt } = yield* ImportJob.soFar(world.work(job))
              assert.isTrue(isBalanced(receipt))
              if (receipt.items.length > 0 && receipt.items.length < whole.result.receipt.items.length) midway++
              const counted = receipt.items.filter(({ status }) => status === "imported" || status === "merged")
              const known = new Set(counted.map(({ id }) => id))
              for (const { event } of yield* world.events) {
                assert.isTrue(known.has(event.sourceId), `seed ${seed}: ${event.sourceId}`)
              }
            }
            world.plug.left = Infinity
            yield* isAsUncut(world, yield* ImportJob.run(world.work(job)), whole, `seed ${seed}`)
          }).pipe(Effect.scoped, Effect.withRandom(Random.make(seed)))
        yield* Effect.forEach([1, 2, 3, 5, 8, 13, 21, 34, 55, 89], run, { discard: true })
        assert.isAbove(midway, 5, "some were stopped in the middle")
      })),
    120_000
  )

  test("J2 a file nobody can read is refused with the reason, and leaves nothing", function*(world) {
    const refused = yield* Effect.flip(world.take(Buffer.from("Dear diary,"))) as any
    assert.strictEqual(refused._tag, "ImportRefused")
    assert.match(refused.message, /no two sides speak.*Read are/)
    assert.lengthOf(yield* world.events, 0)
  })

  test("an item waits while the stores are away", function*(world) {
    const whole = yield* wholeRun
    world.weather.log = 5
    world.weather.content = 3
    const job = yield* world.handOver(everything, importId)
    const keep = world.work(job).keep
    const result = yield* ImportJob.run(world.work(job, {
      keep: (bytes, about) => Effect.retry(Effect.sandbox(keep(bytes, about)), { times: 5 }).pipe(Effect.unsandbox)
    }))
    assert.deepStrictEqual([world.weather.log, world.weather.content], [0, 0])
    yield* isAsUncut(world, result, whole, "after bad weather")
  })

  test("summary and tags stand in the event", function*(world) {
    yield* world.take(everything)
    const told = yield* world.events
    const of = (provider: string) => told.find(({ event }) => event.provider === provider)!.event
    assert.strictEqual(of("claude").summary, "A greeting")
    assert.deepStrictEqual([of("markdown").title, of("markdown").tags], ["Tea", ["kitchen", "herbs"]])
    assert.deepStrictEqual(
      told.filter(({ event }) => event.sourceId === "long").map(({ event }) => [event.chunk, event.messages.length]),
      [
        [{ index: 0, of: 4 }, 3],
        [{ index: 1, of: 4 }, 3],
        [{ index: 2, of: 4 }, 3],
        [{ index: 3, of: 4 }, 1]
      ]
    )
  })
})
