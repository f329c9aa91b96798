/**
 * One life of an actor: it wakes by folding its stream, then decides one command at a time. It does not wait for one command's
 * events to be durable before it decides the next: they travel to the log one behind the other, and fall together.
 *
 * A1  A repeated command gets its first answer, also after another life began.
 * A2  Nothing is answered before its events are durable.
 * A3  When someone else wrote to the stream, the actor folds again and decides anew; two histories never come to be.
 * A4  A snapshot changes nothing but the time it takes to wake; one that does not fit the log is ignored.
 * A5  An event this build cannot fold stops the actor with a clear message, until a newer build can or an operator has it passed
 *     over; it is never skipped otherwise, and nobody else is held.
 * A6  After an append whose outcome is unknown the log is read before anything else is decided.
 * A7  A command decided on what is still on its way is answered, or refused, only when that has come in; else it is decided anew.
 * A8  While its owner's keys are not here an actor answers nothing, and remembers nothing: it refuses with `VaultLocked`, and does
 *     not stand still.
 */
import * as DiskFull from "@vivim/contract/DiskFull"
import { LimitExceeded, NotAllowed, Unavailable, VaultLocked } from "@vivim/contract/Refusal"
import { type KeyFailure, Locked } from "@vivim/crypto/Cipher"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as EventSeal from "@vivim/crypto/EventSeal"
import * as Meta from "@vivim/event-schemas/Meta"
import { Receipt } from "@vivim/event-schemas/Receipt"
import type { NewEvent } from "@vivim/event-store/EventStore"
import type { AppendTooLarge, EventStoreError } from "@vivim/event-store/EventStoreError"
import { stated } from "@vivim/event-store/Stated"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Stream from "effect/Stream"
import * as Actor from "./Actor.ts"
import type { Heard } from "./Caller.ts"
import * as HybridClock from "./HybridClock.ts"
import * as Life from "./Life.ts"

/** How often a command is decided anew because others wrote to the stream meanwhile. */
const AttemptsMax = 8

/** When to ask an actor again that stands still. */
const BrokenRetryMs = 30_000

export interface Incarnation {
  readonly handle: (tag: string, command: any, caller: Heard) => Effect.Effect<any, any>
  readonly save: Effect.Effect<void>
}

export interface Options {
  /** Events between two snapshots of a living actor. */
  readonly snapshotEvery: number
  readonly clock: HybridClock.HybridClock
  /** Take the actor for one without a past, until the log says otherwise. Saves a look when it mostly is so. */
  readonly presumeNew?: boolean
}

/** Looks up once what all incarnations of an actor lean on; answers how one is made. */
export const prepare = (actor: Actor.Any) =>
  Effect.map(Life.ground(actor), (ground) => (id: string, options: Options): Incarnation => {
    const life = Life.make(ground, id, options.clock)
    life.presumed = life.current = options.presumeNew === true
    return { handle: (tag, command, caller) => handle(life, options, tag, command, caller), save: Life.save(life) }
  })

export const make = (actor: Actor.Any, id: string, options: Options) =>
  Effect.map(prepare(actor), (make) => make(id, options))

const handle = Effect.fnUntraced(
  function*(life: Life.Life, options: Options, tag: string, command: any, caller: Heard) {
    for (let n = 0; n < AttemptsMax; n++) {
      const answered = yield* withWeather(life, attempt(life, options, tag, command, caller), tag, command)
      if (answered !== null) return answered.answer
    }
    return yield* unavailable(`${life.stream} is being written to by others; try again`)
  },
  (answer, life) => Effect.tapDefect(answer, () => Life.forget(life))
)

/** What an event says of its making, beside who and why. */
interface Moment {
  readonly reading: HybridClock.Reading
  readonly trace: string | null
}

type Events = readonly [any, ...Array<any>]

/** An answer, or null: the stream moved under us, decide anew. */
type Answered = { readonly answer: unknown } | null

const unavailable = (message: string, retryAfterMs = 500) => new Unavailable({ message, retryAfterMs })

/** What failures below mean to the caller. Refusals pass through. */
const withWeather = (life: Life.Life, work: Effect.Effect<Answered, any>, tag: string, command: any) =>
  work.pipe(
    Effect.catchTags({
      StreamMoved: () => Effect.succeed(null),
      EventIdTaken: () => earlier(life, tag, command.commandId)
    } as any),
    Effect.catchTags({
      EventStoreError: (error: EventStoreError) =>
        unavailable(DiskFull.isDiskFull(error) ? DiskFull.sentence : "the event store cannot be reached"),
      Overloaded: (error: { readonly retryAfterMs: number }) => unavailable("the node is busy", error.retryAfterMs),
      PayloadUnreadable: (error: { readonly reason: string }) =>
        unavailable(`${life.stream} cannot be opened: ${error.reason}`),
      Locked: ({ owner }: Locked) =>
        Effect.zipRight(Life.forget(life), new VaultLocked({ message: `unlock the vault of ${owner} first` })),
      Shredded: () => new NotAllowed({ message: `the keys of ${life.stream} were destroyed` }),
      KeysUnavailable: () => unavailable("the keys cannot be reached"),
      AppendTooLarge: ({ actual, limit, max }: AppendTooLarge) =>
        new LimitExceeded({ limit, max, actual, message: "send it in smaller pieces" })
    } as any)
  ) as Effect.Effect<Answered, any>

const attempt = Effect.fnUntraced(function*(
  life: Life.Life,
  options: Options,
  tag: string,
  command: any,
  { trace = null, ...caller }: Heard
) {
  if (!life.current) yield* Life.ready(life)
  const owner = life.actor.owner(life.state, caller.by)
  if (!life.cipher.isOpen(owner)) return yield* new Locked({ owner })
  if (life.broken !== null) return yield* unavailable(life.broken, BrokenRetryMs)
  const id: string = command.commandId
  const known = life.receipts.get(id)
  if (known !== undefined) {
    return life.actor.answer?.[tag] === undefined ? { answer: known } : yield* earlier(life, tag, id)
  }
  const same = life.underWay.get(id)
  if (same !== undefined) return yield* Effect.as(Deferred.await(same), null)
  const reading = yield* options.clock.read
  const done = Deferred.unsafeMake<void>(FiberId.none)
  // From here until its place in the stream is taken nothing waits: what it is decided on is what it comes behind.
  if (!life.current) return null
  const circumstance = { ...caller, at: reading.millis, id: command.commandId, version: life.version }
  const decision: Actor.Decision<any, any> = life.actor.decide[tag]!(life.state, command, circumstance)
  return decision._tag === "Refuse"
    ? yield* refuse(life, tag, id, decision.refusal)
    : yield* commit(life, options, tag, decision.events, circumstance, { reading, trace }, done)
})

/** A refusal is only given on what is known: that the actor has no past, and that what was on its way came in. */
const refuse = Effect.fnUntraced(function*(life: Life.Life, tag: string, commandId: string, refusal: unknown) {
  if (life.presumed) {
    life.presumed = false
    Life.doubt(life)
    return null
  }
  if (life.underWay.size > 0) {
    const { epoch } = life
    yield* Life.landed(life)
    if (life.epoch !== epoch) return null
  }
  return (yield* earlier(life, tag, commandId)) ?? (yield* Effect.fail(refusal))
})

/** Takes the events' place in the stream, sends them, and answers when they are durable. */
const commit = (
  life: Life.Life,
  options: Options,
  tag: string,
  events: Events,
  circumstance: Actor.Circumstance,
  at: Moment,
  done: Deferred.Deferred<void>
): Effect.Effect<Answered, any> => {
  const { epoch, stream, version } = life
  const state = Actor.fold(life.actor, life.state, events)
  const plain = encode(life, events, life.actor.owner(state, circumstance.by), circumstance, at)
  life.state = state
  life.version = version + events.length
  life.underWay.set(circumstance.id, done)
  return Effect.forEach(plain, (event) => seal(life, event)).pipe(
    Effect.flatMap((sealed) => life.eventStore.append(stream, version, sealed as any)),
    Effect.onExit((exit) => {
      life.underWay.delete(circumstance.id)
      if (Exit.isSuccess(exit) && !exit.value.duplicate) {
        const { hash, lastPosition, lastVersion } = exit.value
        const settled = { state, version: lastVersion, position: lastPosition, hash }
        // In doubt: what this was decided on is being read anew, from the log alone.
        if (life.epoch === epoch) Life.settle(life, circumstance.id, settled)
      } else if (life.epoch === epoch) Life.doubt(life)
      return Deferred.succeed(done, undefined)
    }),
    Effect.flatMap(({ duplicate, lastPosition, lastVersion }): Effect.Effect<Answered, any> => {
      if (duplicate) return earlier(life, tag, circumstance.id)
      const receipt = Receipt.of({ stream, version: lastVersion, position: lastPosition })
      const answered = { answer: answer(life, tag, receipt, events) }
      return life.settled.version - life.saved >= options.snapshotEvery
        ? Effect.as(Effect.forkDaemon(Life.save(life)), answered)
        : Effect.succeed(answered)
    })
  )
}

/** Somebody wanted it. */
const asked = { causationId: null, correlationId: null }

/** The events as the store takes them, but for the seal: the first carries the command's id. */
const encode = (
  life: Life.Life,
  events: Events,
  owner: string,
  { by, causes, device, id: commandId }: Actor.Circumstance,
  { reading, trace }: Moment
): ReadonlyArray<NewEvent> => {
  const hlc = HybridClock.format(reading)
  const meta = Meta.encode({ commandId, ...causes ?? asked, by, device, hlc, trace })
  return events.map((event, index) => {
    const id: string = index === 0 ? commandId : CommandIds.derive(commandId, String(index))
    return { ...life.actor.events.encode(event), id, owner, at: reading.millis, meta, [stated]: event }
  })
}

const seal = ({ cipher, stream }: Life.Life, event: NewEvent): Effect.Effect<NewEvent, KeyFailure> =>
  Effect.map(
    EventSeal.seal(cipher, { ...event, stream }, event.private),
    (sealed) => ({ ...event, private: sealed })
  )

const answer = (life: Life.Life, tag: string, receipt: Receipt, events: ReadonlyArray<any>) =>
  life.actor.answer?.[tag]?.(receipt, events) ?? receipt

/** The first answer to a command that left events earlier; null when it never did. */
const earlier = Effect.fnUntraced(function*(life: Life.Life, tag: string, commandId: string) {
  const first = yield* life.eventStore.find(commandId)
  if (first === null) return null
  if (first.stream !== life.stream) {
    return yield* new NotAllowed({ message: `the command id ${commandId} was used for another command` })
  }
  const recorded = [
    ...(yield* life.eventStore.read(life.stream, first.version - 1).pipe(
      Stream.takeWhile((event) => Meta.decode(event.meta).commandId === commandId),
      Stream.runCollect
    ))
  ]
  const { position, version } = recorded.at(-1) ?? first
  const events = life.actor.answer?.[tag] === undefined
    ? []
    : yield* Effect.forEach(recorded, (event) =>
      // What was destroyed is answered from what is left: answers say what became of a command, not what was said.
      Effect.catchTag(
        Life.open(life, event),
        "Shredded",
        () => Effect.sync(() => life.actor.events.decodeRouting(event))
      ))
  return { answer: answer(life, tag, Receipt.of({ stream: life.stream, version, position }), events) }
})
