/** What is true of actors that sleep and wake, and of those that meet what they cannot read. */
import type * as Actor from "@vivim/actor/Actor"
import type { Incarnation } from "@vivim/actor/Incarnation"
import { Quarantine } from "@vivim/actor/Quarantine"
import * as Sleep from "@vivim/actor/Sleep"
import { Circle, type CircleState } from "@vivim/circle/Circle"
import * as Canonical from "@vivim/event-schemas/Canonical"
import { CommandId, Did, StreamName } from "@vivim/event-schemas/ids"
import { EventPassedOver, RepairEvents } from "@vivim/event-schemas/repair/index"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { assert } from "vitest"
import { type World } from "./ActorWorld.ts"
import { event, newId } from "./Events.ts"
import { about, ada, as, bo, circleId, create, cy, lived, rename, stream } from "./Lanterns.ts"
import { type Law, law as lawOf } from "./Law.ts"
import { Tea } from "./Tea.ts"

const law = lawOf<World>

const person = (n: number) => Did.make(`did:key:zN${n}`)

/** What a snapshot may have come to be, by what was done to it. */
const spoiled: Readonly<Record<string, (kept: any) => object>> = {
  "has other bytes": ({ state }) => ({ state: Uint8Array.from(state, (byte: number, i) => i > 40 ? byte ^ 1 : byte) }),
  "is not even CBOR": () => ({ state: Uint8Array.of(0xff, 0) }),
  "is of another schema": ({ schemaVersion }) => ({ schemaVersion: schemaVersion + 1 }),
  "is ahead of the log": ({ version }) => ({ version: version + 5 }),
  "stands on another event": ({ hash }) => ({ hash: Uint8Array.from(hash, (byte: number) => byte ^ 1) })
}

/** Thirty events, a snapshot, two more events. */
const asleep = (world: World) =>
  Effect.gen(function*() {
    const life = yield* world.wake(Circle, circleId)
    yield* lived(life, 29)
    yield* life.save
    yield* life.handle("AddMember", about(bo), as(ada))
    yield* life.handle("AddMember", about(cy), as(bo))
    world.faults.eventsRead()
    return (yield* world.snapshots.load(stream))!
  })

/** As the operator's command leaves it in the log. */
export const passOver = (log: World["log"], version: number) => {
  const { private: sealed, ...header } = RepairEvents.encode(
    EventPassedOver({ stream: StreamName.make(stream), version, reason: "it cannot be read" })
  )
  return log.append(`repair/${stream}`, "any", [{ ...event({ owner: ada }), ...header, private: sealed }])
}

/** What a life knows, by what it refuses and accepts. */
const knows = (life: Incarnation) =>
  Effect.gen(function*() {
    const taken = yield* Effect.flip(life.handle("CreateCircle", create(), as(ada)))
    const named = yield* Effect.flip(life.handle("RenameCircle", rename("Name 28"), as(cy)))
    const member = yield* Effect.flip(life.handle("AddMember", about(cy), as(bo)))
    const { version } = yield* life.handle("AddMember", about(person(1)), as(cy))
    return [taken._tag, named._tag, member._tag, version]
  })
const known = ["CircleTaken", "NothingToChange", "NothingToChange", 33]

const sleeping: ReadonlyArray<Law<World>> = [
  law("A4 a life that wakes from a snapshot knows all, and reads only what came after", function*(world) {
    const kept = yield* asleep(world)
    assert.strictEqual(kept.version, 30)
    assert.deepStrictEqual(yield* knows(yield* world.wake(Circle, circleId)), known)
    assert.isBelow(world.faults.eventsRead(), 6)
  }),

  ...Object.entries(spoiled).map(([what, spoil]) =>
    law(`A4 a snapshot that ${what} is ignored`, function*(world) {
      const kept = yield* asleep(world)
      yield* world.snapshots.save({ ...kept, ...spoil(kept) })
      assert.deepStrictEqual(yield* knows(yield* world.wake(Circle, circleId)), known)
      assert.isAtLeast(world.faults.eventsRead(), 32)
    })
  ),

  law("A4 a witness: a snapshot that was laid down whole is believed", function*(world) {
    const kept = yield* asleep(world)
    const { save } = yield* world.ground(Sleep.make(Circle as never))
    const state: CircleState = { founder: cy, name: "Dreamt", members: new Set([cy]), archived: false }
    yield* save(stream, ada, { ...kept, state })
    const dreaming = yield* world.wake(Circle, circleId)
    assert.strictEqual(
      (yield* Effect.flip(dreaming.handle("RenameCircle", rename("X"), as(ada))) as any)._tag,
      "NoSuchCircle"
    )
  }),

  law(
    "A4 a living actor lays its state down as it goes, and a life with little news does not",
    function*({ snapshots, wake }) {
      const life = yield* wake(Circle, circleId, { snapshotEvery: 25 })
      yield* lived(life, 18)
      yield* life.save
      assert.isNull(yield* snapshots.load(stream))
      for (let n = 0; n < 6; n++) yield* life.handle("AddMember", about(person(n)), as(ada))
      const saved = yield* Effect.repeat(snapshots.load(stream), { until: (kept) => kept !== null })
      assert.strictEqual(saved?.version, 25)
    }
  )
]

const poisoned: ReadonlyArray<Law<World>> = [
  ...Object.entries({
    "of a kind unknown here": { type: "circle.CircleExploded" },
    "of a newer version": { type: "circle.CircleRenamed", schemaVersion: 9 },
    "whose meta is not to be read": { type: "circle.CircleArchived", routing: Canonical.encode({ circleId }) }
  }).map(([what, parts]) =>
    law(`A5 an event ${what} stops the actor with a clear message`, function*({ cipher, log, wake }) {
      const life = yield* wake(Circle, circleId)
      yield* life.handle("CreateCircle", create(), as(ada))
      const poison = event({ owner: ada, ...parts })
      const place = Canonical.encode(["vivim-private/1", stream, poison.id, poison.type, poison.schemaVersion])
      const sealed = yield* cipher.seal({ owner: ada, stream }, place, Canonical.encode({}))
      yield* log.append(stream, 1, [{ ...poison, private: sealed }])
      for (const reader of [life, yield* wake(Circle, circleId)]) {
        for (let n = 0; n < 2; n++) {
          const stopped: any = yield* Effect.flip(reader.handle("AddMember", about(person(n)), as(ada)))
          assert.strictEqual(stopped._tag, "Unavailable")
          assert.include(
            stopped.message,
            `${stream} stands still at ${poison.type} v${poison.schemaVersion} at version 2`
          )
        }
      }
      assert.strictEqual((yield* log.streamHead(stream))?.version, 2)
      const list = (yield* Quarantine).list().filter((stop) => stop.type === poison.type)
      assert.deepInclude(list.at(-1), { stream, version: 2 })

      // An operator has it passed over: the living actor and the next one go on without it.
      yield* passOver(log, 2)
      const { version } = yield* life.handle("AddMember", about(bo), as(ada))
      assert.strictEqual(version, 3)
      const next = yield* wake(Circle, circleId)
      const member: any = yield* Effect.flip(next.handle("AddMember", about(bo), as(ada)))
      assert.strictEqual(member._tag, "NothingToChange")
      assert.isFalse((yield* Quarantine).list().some((stop) => stop.stream === stream))
    })
  ),

  law("A5 an event whose folding throws stops the actor, and nobody else", function*({ log, wake }) {
    const broken = {
      ...Circle,
      evolve: {
        ...Circle.evolve,
        "circle.CircleRenamed": () => {
          throw new Error("no such name")
        }
      }
    } as typeof Circle
    yield* (yield* wake(Circle, circleId)).handle("CreateCircle", create(), as(ada))
    yield* (yield* wake(Circle, circleId)).handle("RenameCircle", rename("Two"), as(ada))
    const life = yield* wake(broken, circleId)
    const stopped: any = yield* Effect.flip(life.handle("AddMember", about(bo), as(ada)))
    assert.include(stopped.message, "circle.CircleRenamed v1 at version 2: folding it fails: no such name")
    // Another build folds it, and the one that could not does once it was passed over.
    assert.strictEqual((yield* (yield* wake(Circle, circleId)).handle("AddMember", about(bo), as(ada))).version, 3)
    yield* passOver(log, 2)
    assert.strictEqual((yield* life.handle("AddMember", about(cy), as(ada))).version, 4)
  })
]

const presuming: ReadonlyArray<Law<World>> = [
  law("A3 an actor presumed new is created without a look, and one with a past is found out in time", function*(world) {
    const presumed = { presumeNew: true }
    const creating = create()
    const fresh = yield* world.wake(Circle, circleId, presumed)
    const receipt = yield* fresh.handle("CreateCircle", creating, as(ada))
    assert.strictEqual(receipt.version, 1)
    assert.strictEqual(world.faults.eventsRead(), 0)
    assert.strictEqual((yield* fresh.handle("AddMember", about(bo), as(ada))).version, 2)

    // To each of these lives the circle is new, until something comes of it.
    const another: any = yield* Effect.flip(
      (yield* world.wake(Circle, circleId, presumed)).handle("CreateCircle", create(), as(cy))
    )
    assert.strictEqual(another._tag, "CircleTaken")
    const again = yield* world.wake(Circle, circleId, presumed)
    assert.deepStrictEqual(yield* again.handle("CreateCircle", creating, as(ada)), receipt)
    const refusing = yield* world.wake(Circle, circleId, presumed)
    const twice: any = yield* Effect.flip(refusing.handle("AddMember", about(bo), as(ada)))
    assert.strictEqual(twice._tag, "NothingToChange", "not refused as a circle that is not there")
    const adding = yield* world.wake(Circle, circleId, presumed)
    assert.strictEqual((yield* adding.handle("AddMember", about(cy), as(bo))).version, 3)
    assert.strictEqual((yield* world.log.streamHead(stream))?.version, 3)
  })
]

const dying: ReadonlyArray<Law<World>> = [
  law("A6 after a defect the caller hears of it, and the next command is decided on the log", function*({ log, wake }) {
    let steady = true
    const Clumsy: Actor.Any = {
      ...Tea,
      evolve: {
        ...Tea.evolve,
        "tea.Poured": (state, poured) => {
          if (!steady) throw new Error("the pot broke")
          return Tea.evolve["tea.Poured"](state, poured)
        }
      }
    } as typeof Tea as any
    const pot = (fields: object) => ({ commandId: CommandId.make(newId()), pot: "d1", ...fields })
    const life = yield* wake(Clumsy, "d1")
    yield* life.handle("Serve", pot({ leaf: "sencha" }), as(ada))
    steady = false
    const cause = yield* Effect.flip(Effect.sandbox(life.handle("Pour", pot({ note: "three" }), as(ada))))
    assert.include(Cause.pretty(cause as Cause.Cause<unknown>), "the pot broke")
    steady = true
    assert.strictEqual((yield* life.handle("Pour", pot({ note: "three" }), as(ada))).version, 4)
    assert.strictEqual(
      (yield* Effect.flip(life.handle("Pour", pot({ note: "four" }), as(ada))) as any)._tag,
      "NothingToChange"
    )
    assert.strictEqual((yield* log.streamHead("tea/d1"))?.version, 4)
  })
]

export const actorSleepLaws: ReadonlyArray<Law<World>> = [...sleeping, ...poisoned, ...presuming, ...dying]
