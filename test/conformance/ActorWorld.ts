/** A world for actors: a store whose faults are in hand, snapshots, a key, and commands to give. */
import type * as Actor from "@vivim/actor/Actor"
import * as HybridClock from "@vivim/actor/HybridClock"
import * as Incarnation from "@vivim/actor/Incarnation"
import { Snapshots } from "@vivim/actor/Snapshots"
import type { Cipher } from "@vivim/crypto/Cipher"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { EventStore } from "@vivim/event-store/EventStore"
import { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Store } from "./Events.ts"

/** What can be done to a store between an actor and its log. */
export interface Faults {
  /** The next so many appends are kept, and nobody hears of it. */
  readonly lose: (appends: number) => void
  /** The next so many appends are not kept. */
  readonly refuse: (appends: number) => void
  /** Appends wait here until it is opened. */
  readonly hold: Effect.Effect<Effect.Effect<void>>
  /** Appends that wait there. */
  readonly appendsHeld: () => number
  /** Events read of streams since the last time it was asked. */
  readonly eventsRead: () => number
}

export interface World {
  /** The log itself. */
  readonly log: Store
  readonly faults: Faults
  readonly snapshots: Snapshots["Type"]
  readonly cipher: Cipher
  /** What a host stands on: the log with its faults. */
  readonly ground: <A, E, R>(
    work: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, Exclude<R, EventStore | PayloadCipher | Snapshots>>
  /** Another life of an actor. */
  readonly wake: (
    actor: Actor.Any,
    id: string,
    options?: Partial<Incarnation.Options>
  ) => Effect.Effect<Incarnation.Incarnation>
}

const lost = (doing: string) => new EventStoreError({ doing, cause: "the line went dead" })

const faulty = (log: Store): { readonly store: Store; readonly faults: Faults } => {
  const left = { lose: 0, refuse: 0, read: 0 }
  let waiting = 0
  let gate: Deferred.Deferred<void> | null = null
  const take = (what: "lose" | "refuse") => left[what] > 0 && left[what]-- > 0
  const waitAt = (gate: Deferred.Deferred<void>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => waiting++),
      () => Deferred.await(gate),
      () => Effect.sync(() => waiting--)
    )
  const append: Store["append"] = (stream, expected, events) =>
    Effect.suspend(() => {
      if (take("refuse")) return lost("append")
      const kept = log.append(stream, expected, events)
      const held = gate === null ? kept : Effect.zipRight(waitAt(gate), kept)
      return take("lose") ? Effect.zipRight(held, lost("append")) : held
    })
  return {
    store: {
      ...log,
      append,
      read: (stream, after) => Stream.tap(log.read(stream, after), () => Effect.sync(() => left.read++))
    },
    faults: {
      lose: (appends) => void (left.lose = appends),
      refuse: (appends) => void (left.refuse = appends),
      hold: Effect.map(Deferred.make<void>(), (closed) => {
        gate = closed
        return Effect.zipRight(Effect.sync(() => gate = null), Effect.asVoid(Deferred.succeed(closed, undefined)))
      }),
      appendsHeld: () => waiting,
      eventsRead: () => {
        const { read } = left
        left.read = 0
        return read
      }
    }
  }
}

/** A corner of a log that others use too: streams are called as in a log of one's own, and nobody else's are met. */
export const cornerOf = (corner: string, log: Store, snapshots: Snapshots["Type"]) => {
  const into = (stream: string) => `${stream} ${corner}`
  const out = <A extends { readonly stream: string }>(one: A): A => ({
    ...one,
    stream: one.stream.replace(` ${corner}`, "")
  })
  const outOf = <A extends { readonly stream: string }>(one: A | null) => one === null ? null : out(one)
  const inside: Store = {
    ...log,
    append: (stream, expected, events) => Effect.map(log.append(into(stream), expected, events), out),
    read: (stream, after) => Stream.map(log.read(into(stream), after), out),
    find: (id) => Effect.map(log.find(id), outOf),
    streamHead: (stream) => log.streamHead(into(stream))
  }
  const kept: Snapshots["Type"] = {
    load: (stream) => Effect.map(snapshots.load(into(stream)), outOf),
    save: (snapshot) => snapshots.save({ ...snapshot, stream: into(snapshot.stream) }),
    forget: (stream) => snapshots.forget(into(stream))
  }
  return { log: inside, snapshots: kept }
}

/** `seen`: how the log looks to actors, where it is to look otherwise than it is. */
export const worldOf = (
  log: Store,
  snapshots: Snapshots["Type"],
  cipher = fromMasterKey(new Uint8Array(32).fill(7)),
  seen: (store: Store) => Store = (store) => store
): World => {
  const { faults, store } = faulty(log)
  const context = Context.make(EventStore, seen(store)).pipe(
    Context.add(PayloadCipher, cipher),
    Context.add(Snapshots, snapshots)
  )
  const ground: World["ground"] = (work) => Effect.provide(work, context)
  return {
    log,
    faults,
    snapshots,
    cipher,
    ground,
    wake: (actor, id, options) =>
      ground(
        Effect.flatMap(
          HybridClock.make,
          (clock) => Incarnation.make(actor, id, { snapshotEvery: 1_000, clock, ...options })
        )
      )
  }
}
