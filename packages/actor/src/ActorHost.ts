/**
 * Gives declared actors their life on the cluster: an address, a mailbox, an incarnation; and opens their public doors.
 * Messages are volatile: durability is the append, and callers repeat a command with its id until it is answered. To an actor that
 * is awake beside them they speak without a message (`Residents`).
 */
import * as ClusterSchema from "@effect/cluster/ClusterSchema"
import * as Entity from "@effect/cluster/Entity"
import * as Sharding from "@effect/cluster/Sharding"
import type * as Rpc from "@effect/rpc/Rpc"
import type { Address } from "@vivim/contract/Address"
import { Unavailable } from "@vivim/contract/Refusal"
import type { Quarantined } from "@vivim/contract/Repair"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import type { KeysUnavailable, Locked } from "@vivim/crypto/Cipher"
import type { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type { Did } from "@vivim/event-schemas/ids"
import type { EventStore } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Actor from "./Actor.ts"
import * as Caller from "./Caller.ts"
import * as HybridClock from "./HybridClock.ts"
import * as Incarnation from "./Incarnation.ts"
import * as Life from "./Life.ts"
import type { NotTaken } from "./Mailbox.ts"
import { Quarantine } from "./Quarantine.ts"
import * as Residents from "./Residents.ts"
import type { Snapshots } from "./Snapshots.ts"

export interface HostOptions {
  /** An actor that hears nothing for so long goes to sleep. */
  readonly idleMax: Duration.DurationInput
  /** Commands one actor may hold before it says it is full. */
  readonly mailboxMax: number
  /** Commands of one actor that may be on their way into the log at the same time. */
  readonly underWayMax: number
  /** Events between two snapshots of a living actor. */
  readonly snapshotEvery: number
}

/** What every actor leans on. */
export type Ground = EventStore | PayloadCipher | Snapshots | Sharding.Sharding

const entityOf = (address: Address<any>) =>
  Entity.fromRpcGroup(address.kind, address.commands).annotateRpcs(ClusterSchema.Persisted, false)

/** Registers the actor on this node. */
const layer = (actor: Actor.Any, options: HostOptions): Layer.Layer<never, never, Ground> =>
  Layer.unwrapEffect(Effect.gen(function*() {
    const incarnate = yield* Incarnation.prepare(actor)
    const sharding = yield* Sharding.Sharding
    const { attemptMax } = yield* Caller.Times
    const max = {
      idle: options.idleMax,
      held: options.mailboxMax,
      running: options.underWayMax,
      closing: attemptMax
    }
    const life = Effect.gen(function*() {
      const address = yield* Entity.CurrentAddress
      const clock = yield* HybridClock.make
      const incarnation = incarnate(address.entityId, { snapshotEvery: options.snapshotEvery, clock })
      yield* Effect.addFinalizer(() => incarnation.save)
      const ask = yield* Residents.enter(sharding, address, max, incarnation.handle)
      const answer = (tag: string) => ({ headers, payload }: { readonly payload: any; readonly headers: any }) =>
        // Without a span of its own: the cluster makes one for each message, with the actor's kind and id.
        Caller.fromHeaders(headers).pipe(
          Effect.flatMap((caller) => ask(tag, payload, caller)),
          Effect.catchTags({ MailboxFull: notTaken, EntityNotAssignedToRunner: notTaken })
        )
      return Object.fromEntries([...actor.address.commands.requests.keys()].map((tag) => [tag, answer(tag)])) as any
    })
    return entityOf(actor.address).toLayer(life, {
      maxIdleTime: Residents.idleOf(options.idleMax),
      mailboxCapacity: options.mailboxMax,
      // How many run at a time is for the actor's own mailbox to say, which also holds what did not come as a message.
      concurrency: "unbounded",
      // A bug met by one command is told to its caller. Else the cluster would run that command again and again, and hold all others.
      disableFatalDefects: true
    })
  })) as any

/** In words that can travel: whoever sent the message may be in another process. */
const notTaken = ({ _tag }: NotTaken) =>
  new Unavailable({
    message: _tag === "MailboxFull" ? "the actor has more to do than it can hold" : "the actor is moving",
    retryAfterMs: 500
  })

/** Registers several. */
export const layers = (actors: ReadonlyArray<Actor.Any>, options: HostOptions): Layer.Layer<never, never, Ground> =>
  actors.map((actor) => layer(actor, options)).reduce(
    (all, one) => Layer.merge(all, one),
    Layer.empty as Layer.Layer<never, never, Ground>
  )

/**
 * Runs a few commands on an actor without giving it an address: for bulk work on many actors nobody else talks to.
 * The incarnation is gone when the visit ends. Beside a living one it is safe: the expected version fences the two.
 */
export const visit = <Commands extends Rpc.Any>(
  actor: Actor.Actor<Commands, any, any>
): Effect.Effect<Visit<Commands>, never, EventStore | PayloadCipher | Snapshots> =>
  Effect.gen(function*() {
    const incarnate = yield* Incarnation.prepare(actor)
    const clock = yield* HybridClock.make
    return ((id, by, presumeNew) => {
      const { handle } = incarnate(id, { snapshotEvery: Infinity, clock, presumeNew })
      return (tag: string, payload: unknown) => handle(tag, payload, { by, device: null })
    }) as Visit<Commands>
  })

/** Folds an actor's stream to its end, beside whoever lives: where it stands still, or null. */
export const check = (
  actors: ReadonlyArray<Actor.Any>
): Effect.Effect<Check, never, EventStore | PayloadCipher | Snapshots> =>
  Effect.gen(function*() {
    const quarantine = yield* Quarantine
    const clock = yield* HybridClock.make
    const grounds = yield* Effect.forEach(actors, Life.ground)
    const byKind = new Map(grounds.map((ground) => [ground.actor.address.kind, ground]))
    return (stream) => {
      const cut = stream.indexOf("/")
      const ground = byKind.get(stream.slice(0, cut))
      if (ground === undefined) return Effect.succeed(null)
      return Effect.map(
        Life.ready(Life.make(ground, stream.slice(cut + 1), clock)),
        () => quarantine.list().find((stop) => stop.stream === stream) ?? null
      )
    }
  })

/** Streams asked after at the same time. */
const AskedAtOnce = 4

/**
 * Every actor that stands still in any process of the node, folded anew to see: it may have been mended since. What cannot be looked
 * at just now is told as it was last met here.
 */
export const standing = (check: Check): Effect.Effect<ReadonlyArray<Quarantined>> =>
  Effect.gen(function*() {
    const quarantine = yield* Quarantine
    const stops = yield* Effect.forEach(yield* quarantine.streams, (stream) =>
      check(stream).pipe(
        Effect.tap((stop) => stop === null ? Effect.sync(() => quarantine.strike(stream)) : Effect.void),
        Effect.catchAll(() => Effect.sync(() => quarantine.list().find((stop) => stop.stream === stream) ?? null))
      ), { concurrency: AskedAtOnce })
    return stops.filter((stop) => stop !== null)
  })

export type Check = (stream: string) => Effect.Effect<Quarantined | null, EventStoreError | Locked | KeysUnavailable>

/** Opens a visit to one actor in someone's name. */
export type Visit<Commands extends Rpc.Any> = (id: string, by: Did, presumeNew: boolean) => <
  const Tag extends Commands["_tag"]
>(
  tag: Tag,
  payload: Rpc.Payload<Extract<Commands, { readonly _tag: Tag }>>
) => Effect.Effect<
  Rpc.Success<Extract<Commands, { readonly _tag: Tag }>>,
  Rpc.Error<Extract<Commands, { readonly _tag: Tag }>>
>

/** Speaks to actors of one kind in someone's name: for other rooms of this node. */
export const client = <Commands extends Rpc.Any>(
  address: Address<Commands>
): Effect.Effect<Caller.Client<Commands>, never, Sharding.Sharding> =>
  Effect.gen(function*() {
    const to = yield* entityOf(address).client
    const near = Residents.near(yield* Sharding.Sharding, address.kind)
    return Caller.make(address, to as any, yield* Caller.Times, near)
  })

/** The public doors: each command goes to the actor its payload names, in the name of the session. */
export const handlers = <Commands extends Rpc.Any>(
  address: Address<Commands>
): Layer.Layer<Rpc.ToHandler<Rpc.AddMiddleware<Commands, typeof SessionGuard>>, never, Sharding.Sharding> =>
  address.commands.middleware(SessionGuard).toLayer(
    Effect.map(client(address), (ask: any) =>
      Object.fromEntries([...address.commands.requests.keys()].map((tag) => [
        tag,
        (payload: any) =>
          Effect.flatMap(CurrentSession, (session) => ask(tag, payload, { by: session.userId, device: session.device }))
      ])) as any)
  ) as any
