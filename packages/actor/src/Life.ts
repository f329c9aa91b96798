/**
 * What a living actor knows: its state, where its stream stands, and the receipts it gave lately.
 * Here it wakes, folds what the log holds beyond it, and lays its state down.
 */
import type { Cipher, PayloadUnreadable } from "@vivim/crypto/Cipher"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Event from "@vivim/event-schemas/Event"
import * as Meta from "@vivim/event-schemas/Meta"
import { Receipt } from "@vivim/event-schemas/Receipt"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Stream from "effect/Stream"
import * as Actor from "./Actor.ts"
import type { HybridClock } from "./HybridClock.ts"
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
}

export interface Life extends Ground {
  readonly stream: string
  readonly clock: HybridClock
  readonly receipts: Map<string, Receipt>
  state: any
  version: number
  position: number
  hash: Uint8Array
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
  state: actor.initial,
  version: 0,
  position: 0,
  hash: new Uint8Array(32),
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
    sleep: yield* Sleep.make(actor)
  }
  return ground
})

export const make = (ground: Ground, id: string, clock: HybridClock): Life => ({
  ...ground,
  stream: `${ground.actor.address.kind}/${id}`,
  clock,
  receipts: new Map(),
  ...unborn(ground.actor)
})

/** After a defect nothing it believes is believed: the next command folds the stream anew. */
export const forget = (life: Life): Effect.Effect<void> =>
  Effect.sync(() => {
    life.receipts.clear()
    Object.assign(life, unborn(life.actor))
  })

const receipt = (life: Life) => new Receipt({ stream: life.stream, version: life.version, position: life.position })

export const remember = (life: Life, commandId: string) => {
  const given = receipt(life)
  life.receipts.delete(commandId)
  life.receipts.set(commandId, given)
  if (life.receipts.size > RememberedMax) life.receipts.delete(life.receipts.keys().next().value!)
  return given
}

/** An event as the actor's vocabulary reads it, both parts. */
export const open = (life: Life, recorded: RecordedEvent): Effect.Effect<any, PayloadUnreadable> =>
  Effect.map(
    EventSeal.open(life.cipher, recorded),
    (plain) => life.actor.events.decode({ ...recorded, private: plain })
  )

/** Why an event cannot be folded, or null. */
const fault = (event: any, meta: Either.Either<Meta.Meta, unknown>): string | null =>
  Event.isUnknown(event)
    ? event.reason
    : Either.isLeft(meta)
    ? "what it carries beside its parts cannot be read"
    : null

const take = (life: Life, recorded: RecordedEvent, event: any) => {
  const { schemaVersion, type, version } = recorded
  const meta = Either.try(() => Meta.decode(recorded.meta))
  const reason = fault(event, meta)
  if (reason !== null) {
    life.broken = `${life.stream} holds ${type} v${schemaVersion} at version ${version}: ${reason}`
    return
  }
  life.state = Actor.fold(life.actor, life.state, [event])
  life.version = version
  life.position = recorded.position
  life.hash = recorded.hash
  const { commandId, hlc } = Either.getOrThrow(meta)
  life.clock.see(hlc)
  remember(life, commandId)
}

const wake = (life: Life) =>
  Effect.map(life.sleep.wake(life.stream), (awake) => {
    if (awake === null) return
    const { hlc, ...asleep } = awake
    Object.assign(life, asleep)
    life.clock.see(hlc)
  })

/** Wakes, or folds what the log holds beyond what this life has seen; then the life is current. */
export const ready = (life: Life): Effect.Effect<void, EventStoreError | PayloadUnreadable> =>
  Effect.gen(function*() {
    if (life.current) return
    if (life.version === 0) {
      const head = yield* life.eventStore.streamHead(life.stream)
      // Most actors that wake for the first time have no past, and most others a short one.
      if (head === null) return void (life.current = true)
      if (head.version >= WorthSaving) yield* wake(life)
    }
    yield* life.eventStore.read(life.stream, life.version).pipe(
      Stream.takeWhile(() => life.broken === null),
      Stream.runForEach((recorded) => Effect.map(open(life, recorded), (event) => take(life, recorded, event)))
    )
    life.current = true
  })

/** Lays the state down, if enough has happened since the last time. */
export const save = (life: Life): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (life.broken !== null || life.version - life.saved < WorthSaving) return Effect.void
    const { hash, position, state, version } = life
    life.saved = version
    return life.sleep.save(life.stream, life.actor.owner(state, "" as never), { state, version, position, hash })
  })
