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
import * as Stream from "effect/Stream"
import * as Actor from "./Actor.ts"
import * as Sleep from "./Sleep.ts"

/** Commands whose receipts a living actor remembers; older ones are looked up in the log. */
const RememberedMax = 256
/** Fewer new events than this are not worth a snapshot when the actor goes to sleep. */
const WorthSaving = 20

export interface Life {
  readonly actor: Actor.Any
  readonly stream: string
  readonly eventStore: Context.Tag.Service<EventStore>
  readonly cipher: Cipher
  readonly sleep: Effect.Effect.Success<ReturnType<typeof Sleep.make>>
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
}

export const make = Effect.fnUntraced(function*(actor: Actor.Any, id: string) {
  const life: Life = {
    actor,
    stream: `${actor.address.kind}/${id}`,
    eventStore: yield* EventStore,
    cipher: yield* PayloadCipher,
    sleep: yield* Sleep.make(actor),
    receipts: new Map(),
    state: actor.initial,
    version: 0,
    position: 0,
    hash: new Uint8Array(32),
    saved: 0,
    broken: null,
    current: false
  }
  return life
})

export const receipt = (life: Life) =>
  new Receipt({ stream: life.stream, version: life.version, position: life.position })

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

const take = (life: Life, recorded: RecordedEvent, event: any) => {
  if (Event.isUnknown(event)) {
    life.broken =
      `${life.stream} holds ${event.type} v${event.schemaVersion} at version ${recorded.version}: ${event.reason}`
    return
  }
  life.state = Actor.fold(life.actor, life.state, [event])
  life.version = recorded.version
  life.position = recorded.position
  life.hash = recorded.hash
  remember(life, Meta.decode(recorded.meta).commandId)
}

/** Wakes, or folds what the log holds beyond what this life has seen; then the life is current. */
export const ready = (life: Life): Effect.Effect<void, EventStoreError | PayloadUnreadable> =>
  Effect.gen(function*() {
    if (life.current) return
    if (life.version === 0) {
      const head = yield* life.eventStore.streamHead(life.stream)
      // Most actors that wake for the first time have no past, and most others a short one.
      if (head === null) return void (life.current = true)
      if (head.version >= WorthSaving) Object.assign(life, yield* life.sleep.wake(life.stream))
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
