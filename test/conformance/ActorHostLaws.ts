/** What is true of an actor's lives, whatever store they stand on. */
import type { Incarnation } from "@vivim/actor/Incarnation"
import { Circle } from "@vivim/circle/Circle"
import { ImportedChunk } from "@vivim/contract/Document"
import { Document } from "@vivim/document/Document"
import * as Example from "@vivim/document/DocumentExample"
import * as Canonical from "@vivim/event-schemas/Canonical"
import { CommandId, Did } from "@vivim/event-schemas/ids"
import * as Meta from "@vivim/event-schemas/Meta"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import { assert } from "vitest"
import { type World } from "./ActorWorld.ts"
import { all, newId } from "./Events.ts"
import { about, ada, as, bo, circleId, command, create, cy, lived, rename, stream } from "./Lanterns.ts"
import { type Law, law as lawOf } from "./Law.ts"
import { Tea } from "./Tea.ts"

const law = lawOf<World>

const person = (name: string) => Did.make(`did:key:z${name}`)
const repeating: ReadonlyArray<Law<World>> = [
  law("A1 a repeated command gets its first answer, in this life and in the next", function*({ log, wake }) {
    const life = yield* wake(Circle, circleId)
    const adding = about(bo)
    yield* life.handle("CreateCircle", create(), as(ada))
    const receipt = yield* life.handle("AddMember", adding, as(ada))
    assert.deepStrictEqual(receipt, new Receipt({ stream, version: 2, position: yield* log.head }))
    yield* life.handle("RemoveMember", about(bo), as(ada))
    for (const again of [life, yield* wake(Circle, circleId), yield* wake(Circle, circleId)]) {
      assert.deepStrictEqual(yield* again.handle("AddMember", adding, as(ada)), receipt)
    }
    assert.strictEqual((yield* log.streamHead(stream))?.version, 3)
  }),

  law(
    "A1 also after a snapshot and three hundred other commands, accepted or refused by now",
    function*({ log, wake }) {
      const life = yield* wake(Circle, circleId)
      const receipts = yield* lived(life, 300)
      yield* life.save
      const next = yield* wake(Circle, circleId)
      // The first would be refused by now, the second accepted, the last refused: what was answered is answered.
      for (const [n, tag] of [[0, "CreateCircle"], [1, "RenameCircle"], [300, "RenameCircle"]] as const) {
        const [given, receipt] = receipts[n]!
        for (const again of [life, next]) assert.deepStrictEqual(yield* again.handle(tag, given, as(ada)), receipt)
      }
      assert.strictEqual((yield* log.streamHead(stream))?.version, 301)
    }
  ),

  law("A1 an answer that is more than a receipt is the same again", function*({ wake }) {
    const chunk = {
      ...Example.chunk(["m1", "m2", "m2"].map((id) => Example.message(id))),
      commandId: CommandId.make(newId())
    }
    const life = yield* wake(Document, "d1")
    const answer = yield* life.handle("ImportConversation", chunk, as(ada))
    assert.instanceOf(answer, ImportedChunk)
    assert.deepStrictEqual(answer.counts, { kept: 2, hidden: 0, merged: 1 })
    for (const again of [life, yield* wake(Document, "d1")]) {
      assert.deepStrictEqual(yield* again.handle("ImportConversation", chunk, as(ada)), answer)
    }
  }),

  law("A1 a command that left several events is answered with the last of them", function*({ log, wake }) {
    const serving = { commandId: CommandId.make(newId()), pot: "d1", leaf: "sencha" }
    const pot = yield* wake(Tea, "d1")
    const receipt = yield* pot.handle("Serve", serving, as(ada))
    assert.deepStrictEqual(receipt, new Receipt({ stream: "tea/d1", version: 3, position: yield* log.head }))
    for (const again of [pot, yield* wake(Tea, "d1")]) {
      assert.deepStrictEqual(yield* again.handle("Serve", serving, as(ada)), receipt)
      const empty = { ...serving, commandId: CommandId.make(newId()) }
      assert.strictEqual((yield* Effect.flip(again.handle("Serve", empty, as(ada))) as any)._tag, "NotAllowed")
    }
    const events = yield* all(log.read("tea/d1"))
    assert.deepStrictEqual(events.map(({ meta }) => Meta.decode(meta).commandId), Array(3).fill(serving.commandId))
    assert.strictEqual(new Set(events.map(({ id }) => id)).size, 3)
  }),

  law("A1 a command id of another stream is not answered with what is not the caller's", function*({ log, wake }) {
    const used = create()
    yield* (yield* wake(Circle, circleId)).handle("CreateCircle", used, as(ada))
    const other = { ...used, circleId: "tea" }
    const refusal: any = yield* Effect.flip((yield* wake(Circle, "tea")).handle("CreateCircle", other, as(bo)))
    assert.strictEqual(refusal._tag, "NotAllowed")
    assert.isNull(yield* log.streamHead("circle/tea"))
  })
]

const durable: ReadonlyArray<Law<World>> = [
  law("A2 nothing is answered before its events are durable", function*({ faults, log, wake }) {
    const life = yield* wake(Circle, circleId)
    const open: Effect.Effect<void> = yield* faults.hold
    const answering = yield* Effect.fork(life.handle("CreateCircle", create(), as(ada)))
    yield* Effect.repeatN(Effect.yieldNow(), 200)
    assert.isNull(yield* Fiber.poll(answering).pipe(Effect.map((exit) => exit._tag === "None" ? null : exit)))
    assert.isNull(yield* log.streamHead(stream))
    yield* open
    assert.strictEqual((yield* Fiber.join(answering) as Effect.Effect<Receipt>).version, 1)
  }),

  law(
    "A2 an event says who acted, through what, when, and by which command; its parts are sealed",
    function*({ log, wake }) {
      const given = create("Very secret lanterns")
      yield* (yield* wake(Circle, circleId)).handle("CreateCircle", given, as(ada))
      const [recorded] = yield* all(log.read(stream))
      const { hlc, ...meta } = Meta.decode(recorded!.meta)
      assert.deepStrictEqual(meta, {
        commandId: given.commandId,
        causationId: null,
        correlationId: null,
        by: ada,
        device: as(ada).device,
        trace: null
      })
      assert.strictEqual(Number(hlc.split(".")[0]), recorded!.at)
      assert.strictEqual(recorded!.id, given.commandId)
      assert.strictEqual(recorded!.owner, ada)
      assert.deepStrictEqual(Canonical.decode(recorded!.routing), { circleId, founder: ada })
    }
  ),

  law("A2 an event says in which trace it was stated", function*({ log, wake }) {
    const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    yield* (yield* wake(Circle, circleId)).handle("CreateCircle", create(), { ...as(ada), trace })
    const [recorded] = yield* all(log.read(stream))
    assert.strictEqual(Meta.decode(recorded!.meta).trace, trace)
  }),

  law(
    "A6 after a lost acknowledgement the log is read before anything else is decided",
    function*({ faults, log, wake }) {
      const life = yield* wake(Circle, circleId)
      yield* life.handle("CreateCircle", create(), as(ada))
      const adding = about(bo)
      faults.lose(1)
      const weather: any = yield* Effect.flip(life.handle("AddMember", adding, as(ada)))
      assert.strictEqual(weather._tag, "Unavailable")
      const twice: any = yield* Effect.flip(life.handle("AddMember", about(bo), as(ada)))
      assert.strictEqual(twice._tag, "NothingToChange")
      const receipt = new Receipt({ stream, version: 2, position: yield* log.head })
      assert.deepStrictEqual(yield* life.handle("AddMember", adding, as(ada)), receipt)
      assert.deepStrictEqual(yield* (yield* wake(Circle, circleId)).handle("AddMember", adding, as(ada)), receipt)
      assert.strictEqual((yield* log.streamHead(stream))?.version, 2)
    }
  ),

  law(
    "A6 a command whose acknowledgement was lost gets its receipt, also where it would be refused now",
    function*(world) {
      const { faults, wake } = world
      const life = yield* wake(Circle, circleId)
      yield* lived(life, 30)
      const renaming = rename("Lost")
      faults.lose(1)
      yield* Effect.flip(life.handle("RenameCircle", renaming, as(ada)))
      const next = yield* wake(Circle, circleId)
      yield* next.handle("AddMember", about(bo), as(ada))
      yield* next.save
      const last = yield* wake(Circle, circleId)
      assert.strictEqual((yield* last.handle("RenameCircle", renaming, as(ada))).version, 32)
      const asked: any = yield* Effect.flip(last.handle("RenameCircle", rename("Lost"), as(ada)))
      assert.strictEqual(asked._tag, "NothingToChange")
    }
  ),

  law("A6 what was not kept is decided anew when it is asked again", function*({ faults, log, wake }) {
    const life = yield* wake(Circle, circleId)
    const creating = create()
    faults.refuse(2)
    for (let n = 0; n < 2; n++) {
      assert.strictEqual(
        (yield* Effect.flip(life.handle("CreateCircle", creating, as(ada))) as any)._tag,
        "Unavailable"
      )
      assert.isNull(yield* log.streamHead(stream))
    }
    assert.strictEqual((yield* life.handle("CreateCircle", creating, as(ada))).version, 1)
  })
]

const racing: ReadonlyArray<Law<World>> = [
  law("A3 lives of one actor that race never leave two histories", function*({ log, wake }) {
    const lives: ReadonlyArray<Incarnation> = yield* Effect.forEach(
      [1, 2, 3],
      () => wake(Circle, circleId, { snapshotEvery: 10 })
    )
    yield* lives[0]!.handle("CreateCircle", create(), as(ada))
    const acknowledged: Array<readonly [CommandId, Receipt]> = []
    const work = lives.flatMap((life, l) =>
      Array.from({ length: 40 }, (_, n) => {
        // Every third person is brought in by all three: once.
        const adding = about(person(n % 3 === 0 ? `all${n}` : `${l}x${n}`))
        return Effect.retry(life.handle("AddMember", adding, as(ada)), {
          while: (error) => error._tag === "Unavailable"
        })
          .pipe(
            Effect.either,
            Effect.map((answer) => {
              if (Either.isRight(answer)) acknowledged.push([adding.commandId, answer.right])
              else assert.strictEqual(answer.left._tag, "NothingToChange")
            })
          )
      })
    )
    // Each life answers one command at a time, as in its mailbox; the three go side by side.
    yield* Effect.forEach([0, 1, 2], (l) => Effect.all(work.slice(l * 40, l * 40 + 40)), { concurrency: 3 })

    const events = yield* all(log.read(stream))
    assert.deepStrictEqual(events.map(({ version }) => version), events.map((_, i) => i + 1))
    const byId = new Map(events.map(({ id, position, version }) => [id, { stream, version, position }]))
    assert.strictEqual(acknowledged.length, events.length - 1)
    for (const [id, receipt] of acknowledged) assert.deepInclude(byId.get(id), { ...receipt })
    const members = events.slice(1).map(({ routing }) => (Canonical.decode(routing) as { member: string }).member)
    assert.strictEqual(new Set(members).size, 14 + 26 * 3)
    assert.strictEqual(members.length, new Set(members).size, "nobody was brought in twice")
  }),

  law("A3 a life that slept through what another wrote decides on it", function*({ wake }) {
    const [one, other]: [Incarnation, Incarnation] = [yield* wake(Circle, circleId), yield* wake(Circle, circleId)]
    yield* one.handle("CreateCircle", create(), as(ada))
    yield* one.handle("AddMember", about(bo), as(ada))
    // It has never looked: to it the circle is another's already.
    assert.strictEqual((yield* Effect.flip(other.handle("CreateCircle", create(), as(cy))) as any)._tag, "CircleTaken")
    yield* other.handle("AddMember", about(cy), as(bo))
    // The first believes that Cy is not in: it finds out when it writes.
    assert.strictEqual((yield* Effect.flip(one.handle("AddMember", about(cy), as(ada))) as any)._tag, "NothingToChange")
    assert.strictEqual((yield* one.handle("ArchiveCircle", command({}), as(ada))).version, 4)
  })
]

/** Whether a text, in UTF-8, lies somewhere in any of these bytes. */
const isAmong = (text: string, bytes: ReadonlyArray<Uint8Array>) => bytes.some((one) => Buffer.from(one).includes(text))

const sealed: ReadonlyArray<Law<World>> = [
  law(
    "A2 what is private is nowhere to be read, neither in the log nor in a snapshot",
    function*({ log, snapshots, wake }) {
      const secret = "Lanterns of Kyōto"
      const life = yield* wake(Circle, circleId)
      yield* lived(life, 30)
      yield* life.handle("RenameCircle", rename(secret), as(ada))
      yield* life.save
      const kept = yield* snapshots.load(stream)
      const events = yield* all(log.read(stream))
      assert.isTrue(isAmong(ada, events.map(({ routing }) => routing)), "the scan finds what is there")
      assert.isFalse(isAmong(secret, events.flatMap((event) => [event.private, event.routing, event.meta])))
      assert.isFalse(isAmong(secret, [kept!.state]))
    }
  )
]

export const actorHostLaws: ReadonlyArray<Law<World>> = [...repeating, ...durable, ...racing, ...sealed]
