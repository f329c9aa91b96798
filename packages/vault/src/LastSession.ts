/**
 * A vault is open for who is signed in: when the last session of an account is over its vault is locked, in every process of the node.
 * Every live session of the account counts, by whatever means and from whichever device it was opened; nothing else does: neither a
 * capability, nor the node's own token, nor a file that is being taken in.
 *
 * K1  The last session that is ended locks, whoever ended it; while there is another one, none does.
 * K2  A session that expires tells nobody: it is looked for, and who is found without any twice in a row is locked. So is one that went with
 *     its device: who removes the last signed-in one has brought the key to do so, from the kit, and is about to sign in. An account that
 *     never had a session, as local ones, lives by its vault's idle time alone.
 * K3  An account that may not act is locked at once, whatever sessions it has.
 */
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import * as Event from "@vivim/event-schemas/Event"
import type { Did } from "@vivim/event-schemas/ids"
import { SessionEvents } from "@vivim/event-schemas/session/index"
import { StandingEvents } from "@vivim/event-schemas/standing/index"
import { EventStore, type RecordedEvent } from "@vivim/event-store/EventStore"
import { Sessions } from "@vivim/session/Sessions"
import { Standings } from "@vivim/standing/Standings"
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

const heard = Event.vocabulary(...SessionEvents.events, ...StandingEvents.events)
const types = ["session.SessionEnded", "standing.AccountSuspended", "standing.AccountBanned"]

/** The stream in which a user's sessions are noted. */
const sessionsOf = (userId: string) => `session/${userId}`

const make = Effect.gen(function*() {
  const vault = yield* KeyVault
  const eventStore = yield* EventStore
  const sessions = yield* Sessions
  const standings = yield* Standings

  const lock = (userId: string) =>
    Effect.catchAll(vault.lock(userId), (cause) => Effect.logWarning(`the vault of ${userId} is not locked yet`, cause))

  const hear = (recorded: RecordedEvent) =>
    Effect.gen(function*() {
      const event = heard.decodeRouting(recorded)
      if (Event.isUnknown(event) || vault.state(event.userId) !== "unlocked") return
      const isOver = event._tag !== "session.SessionEnded"
        || (event.why !== "device-revoked" && !(yield* sessions.signedIn([event.userId])).has(event.userId))
      if (isOver) yield* lock(event.userId)
    })

  /** Who was found without a session at the last look. */
  let alone: ReadonlySet<string> = new Set()
  const look = Effect.gen(function*() {
    const open = vault.unlocked() as ReadonlyArray<Did>
    const now = yield* Clock.currentTimeMillis
    const resting = open.filter((userId) => standings.of(userId, now).rests !== null)
    const signedIn = open.length === 0 ? new Set<string>() : yield* sessions.signedIn(open)
    // Whoever has just handed over their key may be about to sign in.
    const without = yield* Effect.filter(
      open.filter((userId) => !signedIn.has(userId)),
      (userId) => Effect.map(eventStore.streamHead(sessionsOf(userId)), (head) => head !== null)
    )
    yield* Effect.forEach(new Set([...resting, ...without.filter((userId) => alone.has(userId))]), lock, {
      discard: true,
      concurrency: "unbounded"
    })
    alone = new Set(without)
  })

  return { hear, look, head: eventStore.head, follow: eventStore.follow }
})

/** `every`: how often it is looked whether who is unlocked is signed in. */
export const layer = (
  every: Duration.DurationInput
): Layer.Layer<never, never, KeyVault | EventStore | Sessions | Standings> =>
  Layer.scopedDiscard(Effect.gen(function*() {
    const { follow, head, hear, look } = yield* make
    const listening = Effect.flatMap(
      head,
      (head) =>
        Stream.runForEach(
          follow(head, { filter: { types } }),
          (events) =>
            Effect.forEach(events, (event) => Effect.ignoreLogged(hear(event)), {
              discard: true,
              concurrency: "unbounded"
            })
        )
    )
    // What was missed meanwhile is found at the next look.
    yield* Effect.forkScoped(Effect.repeat(Effect.ignoreLogged(listening), Schedule.spaced("1 second")))
    yield* Effect.forkScoped(Effect.schedule(Effect.ignoreLogged(look), Schedule.spaced(every)))
  }))
