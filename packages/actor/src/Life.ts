/**
 * What a living actor knows: its state, where its stream stands, and the receipts it gave lately.
 * Here it wakes, folds what the log holds beyond it, and lays its state down.
 */
import type { Cipher, KeyFailure, KeysUnavailable, Locked, PayloadUnreadable } from "@vivim/crypto/Cipher"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Event from "@vivim/event-schemas/Event"
import * as Meta from "@vivim/event-schemas/Meta"
import { Receipt } from "@vivim/event-schemas/Receipt"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as Actor from "./Actor.ts"
import type { HybridClock } from "./HybridClock.ts"
import * as PassedOver from "./PassedOver.ts"
import * as Quarantine from "./Quarantine.ts"
import * as Sleep from "./Sleep.ts"

/** Commands whose receipts a living actor remembers; older ones are looked up in the log. */
const RememberedMax = 256
/** Fewer new events than this are not worth a snapshot when the actor goes to sleep. */
const WorthSaving = 20

/** What all lives of one kind of actor share. */
export interface Ground {
  readonly actor: Actor.Any
  readonly eventStore: Context.Tag.Service<EventStore>
  readonly cipher: Cipher
  readonly sleep: Effect.Effect.Success<ReturnType<typeof Sleep.make>>
  readonly quarantine: ReturnType<typeof Quarantine.make>
}

/** Where a stream stands, and what its events make of the actor. */
export interface Settled {
  readonly state: any
  readonly version: number
  readonly position: number
  readonly hash: Uint8Array
}

export interface Life extends Ground {
  readonly stream: string
  readonly clock: HybridClock
  readonly receipts: Map<string, Receipt>
  /** Commands whose events are on their way into the log, by their ids; each is done when it is known what became of it. */
  readonly underWay: Map<string, Deferred.Deferred<void>>
  /** One at a time reads the log. */
  readonly waking: Effect.Semaphore
  /** As the log has it, as far as this life has seen. */
  settled: Settled
  /** What is decided on: what the log has, and what is on its way into it. */
  state: any
  version: number
  /** Grows whenever something on its way did not come in: whatever was decided on it is decided anew. */
  epoch: number
  /** The version the last snapshot holds. */
  saved: number
  /** What keeps the actor from deciding, or null. */
  broken: string | null
  /** False before waking and after an append whose outcome is unknown: the log must be read before anything is decided. */
  current: boolean
  /** True while nobody has looked whether the actor has a past. */
  presumed: boolean
}

/** Before anything was read. */
const unborn = (actor: Actor.Any) => ({
  settled: { state: actor.initial, version: 0, position: 0, hash: new Uint8Array(32) },
  state: actor.initial,
  version: 0,
  saved: 0,
  broken: null,
  current: false,
  presumed: false
})

export const ground = Effect.fnUntraced(function*(actor: Actor.Any) {
  const ground: Ground = {
    actor,
    eventStore: yield* EventStore,
    cipher: yield* PayloadCipher,
    sleep: yield* Sleep.make(actor),
    quarantine: yield* Quarantine.Quarantine
  }
  return ground
})

export const make = (ground: Ground, id: string, clock: HybridClock): Life => ({
  ...ground,
  stream: `${ground.actor.address.kind}/${id}`,
  clock,
  receipts: new Map(),
  underWay: new Map(),
  waking: Effect.unsafeMakeSemaphore(1),
  epoch: 0,
  ...unborn(ground.actor)
})

/** What is on its way may not come in: the log is read before anything else is decided. */
export const doubt = (life: Life): void => {
  life.current = false
  life.epoch++
}

/** After a defect nothing it believes is believed: the next command folds the stream anew. */
export const forget = (life: Life): Effect.Effect<void> =>
  Effect.sync(() => {
    life.receipts.clear()
    Object.assign(life, unborn(life.actor))
    doubt(life)
  })

const remember = (life: Life, commandId: string, { position, version }: { position: number; version: number }) => {
  const given = Receipt.of({ stream: life.stream, version, position })
  life.receipts.delete(commandId)
  life.receipts.set(commandId, given)
  if (life.receipts.size > RememberedMax) life.receipts.delete(life.receipts.keys().next().value!)
  return given
}

/** A command's events are in the log, and this is what they make of the actor; the answer is its receipt. */
export const settle = (life: Life, commandId: string, settled: Settled): Receipt => {
  if (settled.version > life.settled.version) life.settled = settled
  return remember(life, commandId, settled)
}

/** Answers when it is known what became of all that is on its way now. */
export const landed = (life: Life): Effect.Effect<void> =>
  Effect.forEach([...life.underWay.values()], Deferred.await, { discard: true })

/** An event as the actor's vocabulary reads it, both parts. */
export const open = (life: Life, recorded: RecordedEvent): Effect.Effect<any, PayloadUnreadable | KeyFailure> =>
  Effect.map(
    EventSeal.open(life.cipher, recorded),
    (plain) => life.actor.events.decode({ ...recorded, private: plain })
  )

/** What an event makes of the actor, or why it cannot be folded. */
const foldOne = (life: Life, event: any, meta: Either.Either<Meta.Meta, unknown>): Either.Either<any, string> => {
  if (Event.isUnknown(event)) return Either.left(event.reason)
  if (Either.isLeft(meta)) return Either.left("what it carries beside its parts cannot be read")
  return Either.try({
    try: () => Actor.fold(life.actor, life.settled.state, [event]),
    catch: (cause) => `folding it fails: ${cause instanceof Error ? cause.message : String(cause)}`
  })
}

/** What is left of an event whose private part was destroyed: an actor folds past it, and never stands still there. */
const foldShredded = (life: Life, recorded: RecordedEvent): any => {
  const { events, shredded } = life.actor
  const { state } = life.settled
  const whole: any = events.decodeKeyless(recorded)
  if (whole !== null) return Event.isUnknown(whole) ? state : Actor.fold(life.actor, state, [whole])
  const routing: any = events.decodeRouting(recorded)
  return (shredded as any)?.[routing._tag]?.(state, routing) ?? state
}

/** Folds one event, passes over it if an operator said so, or stands still before it. */
const take = Effect.fnUntraced(function*(life: Life, recorded: RecordedEvent) {
  const { hash, position, schemaVersion, type, version } = recorded
  const meta = Either.try(() => Meta.decode(recorded.meta))
  const folded = yield* open(life, recorded).pipe(
    Effect.map((event) => foldOne(life, event, meta)),
    Effect.catchTags({
      PayloadUnreadable: ({ reason }) =>
        Effect.succeed<Either.Either<any, string>>(Either.left(`what is sealed in it cannot be opened: ${reason}`)),
      Shredded: () => Effect.succeed<Either.Either<any, string>>(Either.right(foldShredded(life, recorded)))
    })
  )
  if (Either.isLeft(folded) && !(yield* PassedOver.of(life.eventStore, life.stream)).has(version)) {
    const reason = `${type} v${schemaVersion} at version ${version}: ${folded.left}`
    life.broken = `${life.stream} stands still at ${reason}; an operator sees to it with \`vivim quarantine\``
    const since = yield* Clock.currentTimeMillis
    return life.quarantine.enter({ stream: life.stream, version, position, type, reason: folded.left, since })
  }
  const state = Either.getOrElse(folded, () => life.settled.state)
  if (Either.isRight(meta)) {
    life.clock.see(meta.right.hlc)
    settle(life, meta.right.commandId, { state, version, position, hash })
  } else life.settled = { state, version, position, hash }
})

const wake = (life: Life) =>
  Effect.map(life.sleep.wake(life.stream), (awake) => {
    if (awake === null) return
    const { hlc, saved, ...settled } = awake
    Object.assign(life, { settled, saved })
    life.clock.see(hlc)
  })

/** Wakes, or folds what the log holds beyond what this life has seen; then the life is current. */
export const ready = (life: Life): Effect.Effect<void, EventStoreError | Locked | KeysUnavailable> =>
  life.waking.withPermits(1)(Effect.suspend(() => life.current ? Effect.void : refold(life)))

const refold = Effect.fnUntraced(function*(life: Life) {
  yield* landed(life)
  life.broken = null
  if (life.settled.version === 0) {
    const head = yield* life.eventStore.streamHead(life.stream)
    // Most actors that wake for the first time have no past, and most others a short one.
    if (head !== null && head.version >= WorthSaving) yield* wake(life)
    if (head === null) return believe(life)
  }
  yield* life.eventStore.read(life.stream, life.settled.version).pipe(
    Stream.takeWhile(() => life.broken === null),
    Stream.runForEach((recorded) => take(life, recorded))
  )
  if (life.broken === null) life.quarantine.leave(life.stream)
  believe(life)
})

/** What the log has is all there is. An actor that stands still looks again each time it is asked: it may have been mended. */
const believe = (life: Life): void => {
  const { state, version } = life.settled
  Object.assign(life, { state, version, current: life.broken === null })
}

/** Lays the state down, if enough has happened since the last time. */
export const save = (life: Life): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { settled } = life
    if (life.broken !== null || settled.version - life.saved < WorthSaving) return Effect.void
    life.saved = settled.version
    return life.sleep.save(life.stream, life.actor.owner(settled.state, "" as never), settled)
  })
