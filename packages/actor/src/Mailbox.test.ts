/** What one actor holds, and in which turn. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Mailbox from "./Mailbox.ts"

/** Until whoever can go on has gone on. */
const settled = Effect.repeatN(Effect.yieldNow(), 50)

/** A mailbox with commands in it, each of which ends when it is told to; and who began, in which order. */
const filled = (max: { readonly held: number; readonly running: number }, commands: number) =>
  Effect.gen(function*() {
    const mailbox = Mailbox.make(max)
    const begun: Array<number> = []
    const ends = Array.from({ length: commands }, () => Deferred.unsafeMake<void>(FiberId.none))
    const fibers = yield* Effect.forEach(ends, (end, n) =>
      Effect.fork(mailbox.take(Effect.suspend(() => {
        begun.push(n)
        return Deferred.await(end)
      }))))
    yield* settled
    const end = (n: number) => Effect.zipRight(Deferred.succeed(ends[n]!, undefined), settled)
    return { mailbox, begun, fibers, end }
  })

const tagOf = (exit: Exit.Exit<unknown, Mailbox.NotTaken>) =>
  exit._tag === "Success" ? "done" : exit.cause._tag === "Fail" ? exit.cause.error._tag : "interrupted"

describe("Mailbox", () => {
  it.effect("M1 whoever comes when it is full is refused, and it is not full for ever", () =>
    Effect.gen(function*() {
      const { end, fibers, mailbox } = yield* filled({ held: 4, running: 2 }, 4)
      assert.strictEqual(tagOf(yield* Effect.exit(mailbox.take(Effect.void))), "MailboxFull")
      // One of those who wait goes away, one of those who run fails: two places.
      yield* Fiber.interrupt(fibers[3]!)
      yield* Fiber.interrupt(fibers[0]!)
      const late = yield* Effect.forEach([1, 2], () => Effect.fork(mailbox.take(Effect.void)))
      yield* settled
      assert.strictEqual(tagOf(yield* Effect.exit(mailbox.take(Effect.void))), "MailboxFull")
      for (const n of [1, 2]) yield* end(n)
      for (const one of [...late, fibers[1]!, fibers[2]!]) assert.strictEqual(tagOf(yield* Fiber.await(one)), "done")
      yield* Effect.all(Array.from({ length: 4 }, () => mailbox.take(Effect.void)), { concurrency: "unbounded" })
    }))

  it.effect("M2 so many run at a time, the others in the order they came; who goes away holds nobody up", () =>
    Effect.gen(function*() {
      const { begun, end, fibers } = yield* filled({ held: 10, running: 2 }, 6)
      assert.deepStrictEqual(begun, [0, 1])
      yield* end(1)
      assert.deepStrictEqual(begun, [0, 1, 2])
      yield* Fiber.interrupt(fibers[3]!)
      // Its turn comes and it goes away at the same time: the turn is the next one's.
      yield* Fiber.interruptFork(fibers[4]!)
      yield* end(0)
      yield* end(2)
      assert.deepStrictEqual(begun, [0, 1, 2, 5])
    }))

  it.effect("M2 a turn given to one who goes away before taking it goes on to the next", () =>
    Effect.gen(function*() {
      const mailbox = Mailbox.make({ held: 10, running: 1 })
      const ending = Deferred.unsafeMake<void>(FiberId.none)
      const running = yield* Effect.fork(mailbox.take(Deferred.await(ending)))
      yield* settled
      const begun: Array<string> = []
      const take = (who: string) => Effect.fork(mailbox.take(Effect.sync(() => begun.push(who))))
      const first = yield* take("first")
      const second = yield* take("second")
      yield* settled
      // In one go: the place is free, and whose it is has not noticed yet.
      running.unsafeInterruptAsFork(FiberId.none)
      first.unsafeInterruptAsFork(FiberId.none)
      yield* Fiber.await(first)
      assert.strictEqual(tagOf(yield* Fiber.await(second)), "done")
      yield* mailbox.take(Effect.sync(() => begun.push("third")))
      assert.deepStrictEqual(begun.filter((who) => who !== "first"), ["second", "third"])
    }))

  it.effect("M3 closed, it sends away who waits and who comes, and answers when nothing runs", () =>
    Effect.gen(function*() {
      const { end, fibers, mailbox } = yield* filled({ held: 10, running: 2 }, 3)
      const closing = yield* Effect.fork(mailbox.close)
      assert.strictEqual(tagOf(yield* Fiber.await(fibers[2]!)), "EntityNotAssignedToRunner")
      assert.strictEqual(tagOf(yield* Effect.exit(mailbox.take(Effect.void))), "EntityNotAssignedToRunner")
      yield* end(0)
      assert.strictEqual((yield* Fiber.poll(closing))._tag, "None")
      yield* end(1)
      yield* Fiber.join(closing)
      yield* Mailbox.make({ held: 1, running: 1 }).close
    }))
})
