/**
 * The actors that are awake in this process, and the short way to them: a command of a caller beside one is handed to it, and
 * travels as a message of the cluster only to actors that sleep, move or live elsewhere.
 *
 * R1  Only an actor that is awake here, on a shard this process holds, is spoken to directly; in all other cases the cluster is asked.
 * R2  The short way keeps nobody out and nobody awake: an actor falls asleep when it has heard nothing for as long as it may,
 *     whichever way it was last spoken to, and not before.
 * R3  An actor that goes to sleep or moves finishes what it was told directly, and only then lays its state down.
 * R4  An actor works in surroundings of its own, as if it had got a message: never in its caller's transaction.
 */
import type { EntityAddress } from "@effect/cluster/EntityAddress"
import type * as Sharding from "@effect/cluster/Sharding"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Heard } from "./Caller.ts"
import * as Mailbox from "./Mailbox.ts"

/** Commands by their tag, as an incarnation hears them. */
type Handle = (tag: string, command: any, caller: Heard) => Effect.Effect<any, any>

/** An actor that is awake in this process. */
interface Resident {
  readonly ask: Handle
  /** Whether the next command may go the short way. */
  readonly isNear: () => boolean
}

type Sharding = Context.Tag.Service<typeof Sharding.Sharding>

/**
 * By kind and id, for each node of this process. The cluster's reaper only sees messages, so one command in so long goes that way:
 * it need be believed only so much longer than an actor may be idle.
 */
const nodes = new WeakMap<Sharding, Map<string, Map<string, Resident>>>()

const ofKind = (sharding: Sharding, kind: string): Map<string, Resident> => {
  const kinds = nodes.get(sharding) ?? new Map<string, Map<string, Resident>>()
  nodes.set(sharding, kinds)
  const residents = kinds.get(kind) ?? new Map<string, Resident>()
  kinds.set(kind, residents)
  return residents
}

/** How often the cluster is to hear of an actor that is spoken to directly, and when it may take one for idle: even if one message was lost. */
const heardEvery = (idleMax: Duration.DurationInput) => Duration.toMillis(idleMax) / 8
export const idleOf = (idleMax: Duration.DurationInput): Duration.Duration => Duration.times(idleMax, 1.25)

interface Max {
  readonly idle: Duration.DurationInput
  readonly held: number
  readonly running: number
  /** How long those who are still at work are waited for at the end. */
  readonly closing: Duration.DurationInput
}

/** Makes an actor known as awake until the scope ends; answers how messages of the cluster reach it. */
export const enter = Effect.fnUntraced(function*(
  sharding: Sharding,
  { entityId, entityType, shardId }: EntityAddress,
  max: Max,
  handle: Handle
) {
  const residents = ofKind(sharding, entityType)
  const clock = yield* Effect.clock
  const mailbox = Mailbox.make(max)
  const everyMs = heardEvery(max.idle)
  let due = clock.unsafeCurrentTimeMillis() + everyMs
  const surroundings = yield* Effect.context<never>()
  const ask: Handle = (tag, command, caller) =>
    mailbox.take(Effect.mapInputContext(handle(tag, command, caller), () => surroundings))
  const resident: Resident = {
    ask,
    isNear: () => {
      if (!sharding.hasShardId(shardId)) return false
      const now = clock.unsafeCurrentTimeMillis()
      if (now < due) return true
      due = now + everyMs
      return false
    }
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => residents.set(entityId, resident)),
    () => {
      // Another life may have begun meanwhile.
      if (residents.get(entityId) === resident) residents.delete(entityId)
      // What is done at the end cannot be interrupted, unless it says so: it would be waited for without end.
      return mailbox.close.pipe(Effect.timeout(max.closing), Effect.ignore, Effect.interruptible)
    }
  )
  return ask
})

/** The short way to actors of one kind; undefined where there is none just now. */
export const near = (sharding: Sharding, kind: string): (id: string) => Handle | undefined => {
  const residents = ofKind(sharding, kind)
  return (id) => {
    const resident = residents.get(id)
    return resident?.isNear() === true ? resident.ask : undefined
  }
}
