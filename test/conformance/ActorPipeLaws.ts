/** What is true of an actor that decides the next command before the events of the last one are durable. */
import type { Incarnation } from "@vivim/actor/Incarnation"
import { Circle } from "@vivim/circle/Circle"
import { Did } from "@vivim/event-schemas/ids"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { assert } from "vitest"
import type { World } from "./ActorWorld.ts"
import { all } from "./Events.ts"
import { about, ada, as, bo, circleId, create, rename, stream } from "./Lanterns.ts"
import { type Law, law as lawOf } from "./Law.ts"

const law = lawOf<World>

const people = Array.from({ length: 20 }, (_, n) => Did.make(`did:key:zGuest${n}`))

/** Asks for all of these at once, without waiting. */
const asking = (life: Incarnation, tag: string, commands: ReadonlyArray<object>) =>
  Effect.forEach(commands, (command) => Effect.fork(life.handle(tag, command, as(ada))))

/** Until whoever can go on has gone on: nothing here waits for time. */
const settled = Effect.repeatN(Effect.yieldNow(), 50)
const tagOf = (exit: Exit.Exit<unknown, any>) =>
  Exit.match(exit, {
    onSuccess: () => "accepted",
    onFailure: (cause) => (Cause.squash(cause) as any)?._tag ?? "defect"
  })

export const actorPipeLaws: ReadonlyArray<Law<World>> = [
  law("A7 commands are decided while others are on their way, and come in behind them", function*(world) {
    const life = yield* world.wake(Circle, circleId)
    yield* life.handle("CreateCircle", create(), as(ada))
    const open = yield* world.faults.hold
    const asked = yield* asking(life, "AddMember", people.map(about))
    yield* settled
    assert.strictEqual(world.faults.appendsHeld(), people.length, "all of them have left before any has arrived")
    assert.strictEqual((yield* world.log.streamHead(stream))?.version, 1)
    yield* open
    const receipts = yield* Fiber.join(Fiber.all(asked))
    assert.deepStrictEqual(receipts.map(({ version }: any) => version), people.map((_, n) => n + 2))
  }),

  law("A7 a refusal that rests on what is on its way waits for it, and falls with it", function*(world) {
    const life = yield* world.wake(Circle, circleId)
    yield* life.handle("CreateCircle", create(), as(ada))
    const open = yield* world.faults.hold
    const first = yield* Effect.fork(life.handle("AddMember", about(bo), as(ada)))
    const second = yield* Effect.fork(Effect.exit(life.handle("AddMember", about(bo), as(ada))))
    yield* settled
    assert.isTrue(Option.isNone(yield* Fiber.poll(second)))
    // The caller of the first goes away before it was taken: it is not kept, and what rested on it is decided anew.
    yield* Fiber.interrupt(first)
    yield* open
    assert.isTrue(Exit.isSuccess(yield* Fiber.join(second)))
    assert.strictEqual((yield* world.log.streamHead(stream))?.version, 2)
  }),

  law("A7 what continued an append that was not kept is decided anew, in the order it came", function*(world) {
    const life = yield* world.wake(Circle, circleId)
    yield* life.handle("CreateCircle", create(), as(ada))
    const open = yield* world.faults.hold
    world.faults.refuse(1)
    const names = ["One", "Two", "Three", "Four"]
    const asked = yield* asking(life, "RenameCircle", names.map(rename))
    yield* settled
    yield* open
    const answers = (yield* Effect.forEach(asked, Fiber.await)).map(tagOf)
    assert.deepStrictEqual(answers, ["Unavailable", "accepted", "accepted", "accepted"])
    const next = yield* world.wake(Circle, circleId)
    const told = yield* Effect.flip(next.handle("RenameCircle", rename("Four"), as(ada)))
    assert.strictEqual((told as any)._tag, "NothingToChange", "the last name asked for is the name")
    assert.strictEqual((yield* world.log.streamHead(stream))?.version, 4)
  }),

  law("A1 a command repeated while it is on its way is stated once, and both are answered alike", function*(world) {
    const life = yield* world.wake(Circle, circleId)
    yield* life.handle("CreateCircle", create(), as(ada))
    const open = yield* world.faults.hold
    const adding = about(bo)
    const asked = yield* asking(life, "AddMember", [adding, adding, adding])
    yield* settled
    yield* open
    const [one, ...others] = yield* Fiber.join(Fiber.all(asked))
    for (const other of others) assert.deepStrictEqual(other, one)
    assert.strictEqual((yield* world.log.streamHead(stream))?.version, 2)
  }),

  law("A7 random commands at once leave a history that one by one could have left", function*(world) {
    const life = yield* world.wake(Circle, circleId)
    yield* life.handle("CreateCircle", create(), as(ada))
    for (let round = 0; round < 10; round++) {
      if (round % 3 === 1) world.faults.lose(2)
      if (round % 3 === 2) world.faults.refuse(2)
      yield* Effect.forEach(
        Array.from({ length: 16 }, (_, n) => people[(n * 7 + round) % 5]!),
        (one, n) =>
          Effect.exit(
            n % 2 === 0
              ? life.handle("AddMember", about(one), as(ada))
              : life.handle("RemoveMember", about(one), as(ada))
          ),
        { concurrency: "unbounded" }
      )
    }
    // Whoever folds the log finds each event possible where it stands: added when absent, removed when present.
    const members = new Set<string>()
    const kept = (yield* all(world.log.read(stream))).map((event) => Circle.events.decodeRouting(event) as any)
    for (const event of kept) {
      if (event._tag === "circle.MemberAdded") {
        assert.isFalse(members.has(event.member))
        members.add(event.member)
      } else if (event._tag === "circle.MemberRemoved") assert.isTrue(members.delete(event.member))
    }
    assert.isAbove(kept.length, 20)
  })
]
