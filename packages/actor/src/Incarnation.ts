/**
 * One life of an actor: it wakes by folding its stream, then answers one command at a time.
 *
 * A1  A repeated command gets its first answer, also after another life began.
 * A2  Nothing is answered before its events are durable.
 * A3  When someone else wrote to the stream, the actor folds again and decides anew; two histories never come to be.
 * A4  A snapshot changes nothing but the time it takes to wake; one that does not fit the log is ignored.
 * A5  An event this build cannot read stops the actor with a clear message; it is never skipped.
 * A6  An append whose outcome is unknown is looked up again before anything else is decided.
 */
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { PayloadCipher, type PayloadUnreadable } from "@vivim/crypto/PayloadCipher"
import { NotAllowed, Unavailable } from "@vivim/contract/Refusal"
import * as Event from "@vivim/event-schemas/Event"
import * as Meta from "@vivim/event-schemas/Meta"
import { Receipt } from "@vivim/event-schemas/Receipt"
import { EventStore, type NewEvent, type RecordedEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Actor from "./Actor.ts"
import * as HybridClock from "./HybridClock.ts"
import * as Sleep from "./Sleep.ts"

/** Commands whose receipts a living actor remembers; older ones are looked up in the log. */
const RememberedMax = 256
const AttemptsMax = 8

interface Life {
  state: any
  version: number
  position: number
  hash: Uint8Array
  /** Versions this life has a snapshot for. */
  saved: number
  /** What keeps the actor from deciding, or null. */
  broken: string | null
  readonly receipts: Map<string, Receipt>
}

export interface Incarnation {
  readonly handle: (tag: string, command: any, caller: Omit<Actor.Circumstance, "at" | "id">) => Effect.Effect<any, any>
  /** The folded state, for those who look from outside. */
  readonly life: Readonly<Life>
  readonly save: Effect.Effect<void>
}

export interface Options {
  readonly snapshotEvery: number
  readonly clock: HybridClock.HybridClock
}

const unavailable = (message: string) => new Unavailable({ message, retryAfterMs: 500 })
const away = (error: { readonly _tag: string; readonly retryAfterMs?: number }) =>
  new Unavailable({
    message: error._tag === "Overloaded" ? "the node is busy; try again shortly" : "the event store cannot be reached",
    retryAfterMs: error.retryAfterMs ?? 500
  })

export const make = Effect.fnUntraced(function*(actor: Actor.Any, id: string, options: Options) {
  const eventStore = yield* EventStore
  const cipher = yield* PayloadCipher
  const sleep = yield* Sleep.make(actor)
  const stream = `${actor.address.kind}/${id}`
  const life: Life = { state: actor.initial, version: 0, position: 0, hash: new Uint8Array(32), saved: 0, broken: null, receipts: new Map() }

  const remember = (commandId: string, receipt: Receipt) => {
    life.receipts.delete(commandId)
    life.receipts.set(commandId, receipt)
    if (life.receipts.size > RememberedMax) life.receipts.delete(life.receipts.keys().next().value!)
    return receipt
  }

  const open = (recorded: RecordedEvent): Effect.Effect<any, PayloadUnreadable> =>
    Effect.map(EventSeal.open(cipher, recorded), (plain) => actor.events.decode({ ...recorded, private: plain }))

  const take = (recorded: RecordedEvent, event: any) => {
    if (Event.isUnknown(event)) {
      life.broken ??= `${stream} holds ${event.type} v${event.schemaVersion} at version ${recorded.version}: ${event.reason}`
      return
    }
    life.state = Actor.fold(actor, life.state, [event])
    life.version = recorded.version
    life.position = recorded.position
    life.hash = recorded.hash
    remember(Meta.decode(recorded.meta).commandId, new Receipt({ stream, version: recorded.version, position: recorded.position }))
  }

  /** Folds what the log holds beyond what this life has seen. */
  const catchUp: Effect.Effect<void, EventStoreError | PayloadUnreadable> = Effect.suspend(() =>
    eventStore.read(stream, life.version).pipe(
      Stream.takeWhile(() => life.broken === null),
      Stream.runForEach((recorded) => Effect.map(open(recorded), (event) => take(recorded, event)))
    )
  )

  const wake = Effect.gen(function*() {
    const snapshot = yield* sleep.wake(stream)
    if (snapshot !== null) Object.assign(life, snapshot)
    yield* catchUp
  })

  const save = Effect.suspend(() =>
    life.broken === null && life.version - life.saved >= Math.min(options.snapshotEvery, 20)
      ? Effect.tap(sleep.save(stream, actor.owner(life.state, "" as any), life), () => Effect.sync(() => life.saved = life.version))
      : Effect.void
  )

  /** Whether this life has seen everything: false before waking, and after an append whose outcome is unknown. */
  let current = false
  const ready = Effect.suspend(() =>
    current ? Effect.void : (life.version === 0 ? wake : catchUp).pipe(
      Effect.tap(() => Effect.sync(() => current = true)),
      Effect.mapError((error) => error._tag === "PayloadUnreadable" ? unavailable(`${stream} cannot be opened: ${error.reason}`) : away(error))
    )
  )

  const answer = (tag: string, receipt: Receipt, events: ReadonlyArray<any>) =>
    actor.answer?.[tag]?.(receipt, events) ?? receipt

  /** The first answer to a command that left events earlier; null when it never did. */
  const earlier = Effect.fnUntraced(function*(tag: string, commandId: string) {
    const first = yield* eventStore.find(commandId)
    if (first === null) return null
    if (first.stream !== stream) return yield* new NotAllowed({ message: `the command id ${commandId} was used for another command` })
    const recorded = yield* eventStore.read(stream, first.version - 1).pipe(
      Stream.takeWhile((event) => Meta.decode(event.meta).commandId === commandId),
      Stream.runCollect
    )
    const all = [...recorded]
    const events = actor.answer?.[tag] === undefined ? [] : yield* Effect.forEach(all, open)
    const last = all.at(-1)!
    return { answer: answer(tag, new Receipt({ stream, version: last.version, position: last.position }), events) }
  })

  const write = Effect.fnUntraced(function*(events: ReadonlyArray<any>, circumstance: Actor.Circumstance, reading: HybridClock.Reading) {
    const owner = actor.owner(Actor.fold(actor, life.state, events), circumstance.by)
    const meta = Meta.encode({
      commandId: circumstance.id,
      causationId: null,
      correlationId: null,
      by: circumstance.by,
      device: circumstance.device,
      hlc: HybridClock.format(reading),
      trace: null
    })
    return yield* Effect.forEach(events, (event, index) =>
      Effect.gen(function*() {
        const { private: plain, ...header } = actor.events.encode(event)
        const eventId = index === 0 ? circumstance.id : yield* CommandIds.derive(circumstance.id, String(index))
        const sealed = yield* EventSeal.seal(cipher, { ...header, stream, owner, id: eventId }, plain)
        return { ...header, id: eventId, owner, at: reading.millis, meta, private: sealed } satisfies NewEvent
      })) as Effect.Effect<[NewEvent, ...Array<NewEvent>]>
  })

  const attempt = Effect.fnUntraced(function*(tag: string, command: any, caller: Omit<Actor.Circumstance, "at" | "id">) {
    yield* ready
    if (life.broken !== null) return yield* unavailable(life.broken)
    const commandId = command.commandId
    const known = life.receipts.get(commandId)
    if (known !== undefined && actor.answer?.[tag] === undefined) return { answer: known }
    if (known !== undefined) return yield* earlier(tag, commandId)
    const reading = yield* options.clock.read
    const circumstance: Actor.Circumstance = { ...caller, at: reading.millis, id: commandId }
    const decision = actor.decide[tag]!(life.state, command, circumstance)
    if (decision._tag === "Refuse") {
      const first = yield* earlier(tag, commandId)
      return first ?? (yield* Effect.fail(decision.refusal))
    }
    const events: ReadonlyArray<any> = decision.events
    const appended = yield* eventStore.append(stream, life.version, yield* write(events, circumstance, reading)).pipe(
      Effect.tapError(() => Effect.sync(() => current = false))
    )
    if (appended.duplicate) {
      current = false
      return yield* earlier(tag, commandId)
    }
    life.state = Actor.fold(actor, life.state, events)
    life.version = appended.lastVersion
    life.position = appended.lastPosition
    life.hash = appended.hash
    const receipt = remember(commandId, new Receipt({ stream, version: life.version, position: life.position }))
    if (life.version - life.saved >= options.snapshotEvery) yield* Effect.forkDaemon(save)
    return { answer: answer(tag, receipt, events) }
  })

  /** `null`: the world moved under us; look again. */
  const handle: Incarnation["handle"] = Effect.fn("Actor.handle")(function*(tag, command, caller) {
    for (let n = 0; n < AttemptsMax; n++) {
      const result = yield* attempt(tag, command, caller).pipe(
        Effect.catchTag("StreamMoved", () => Effect.succeed(null)),
        Effect.catchTag("EventIdTaken", () => earlier(tag, command.commandId)),
        Effect.catchTags({
          EventStoreError: (error: any) => Effect.fail(away(error)),
          Overloaded: (error: any) => Effect.fail(away(error)),
          PayloadUnreadable: (error: any) => Effect.fail(unavailable(error.reason))
        })
      ) as Effect.Effect<{ readonly answer: unknown } | null, any>
      if (result !== null) return result.answer
    }
    return yield* unavailable(`${stream} is being written to by others; try again`)
  })

  return { handle, life, save } satisfies Incarnation
})
