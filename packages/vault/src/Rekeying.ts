/**
 * Exchanges of store keys, at work: noted for the user, carried to their end in the background, and gone on with at the next unlocking
 * when they were cut off, by a lock or a kill. One is noted before it is through, so that none is ever through and not noted.
 * Shown on real nodes: test/integration, rekey.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import * as ActorHost from "@vivim/actor/ActorHost"
import { UserAddress } from "@vivim/contract/User"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import type { Progress } from "@vivim/crypto/vault/StoreKeys"
import type { Did } from "@vivim/event-schemas/ids"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** Between two tries in bad weather. */
const patience = Schedule.spaced(Duration.seconds(1))

export interface Rekeying {
  /** How far the exchange of an owner is; null: there is none, or it waits for an unlocking. */
  readonly progress: (owner: string) => Progress | null
  /** Carries an exchange that has begun to its end, and does not wait for it. */
  readonly carry: (owner: Did) => Effect.Effect<void>
}

/** `told` hears of an owner whose exchange is further. */
export const make = (
  told: (owner: string) => Effect.Effect<void>
): Effect.Effect<Rekeying, never, KeyVault | Sharding.Sharding | Scope.Scope> =>
  Effect.gen(function*() {
    const vault = yield* KeyVault
    const askUser = yield* ActorHost.client(UserAddress)
    const scope = yield* Effect.scope
    const under = new Map<string, Progress>()

    const note = Effect.fnUntraced(function*(userId: Did, generation: number) {
      const commandId = yield* CommandIds.next
      yield* askUser("NoteStoreKey", { commandId, userId, generation }, { by: userId, device: null })
    })

    const through = (owner: Did) =>
      Effect.gen(function*() {
        const generation = vault.between(owner)
        if (generation === null) return
        yield* Effect.catchTag(note(owner, generation), "NothingToChange", () => Effect.void)
        yield* vault.rewrap(owner, (progress) => {
          under.set(owner, progress)
          return told(owner)
        })
      }).pipe(
        Effect.tapError((error) =>
          Effect.logDebug(`the keys of ${owner} are not all under the new store key yet`, error)
        ),
        // A locked vault is gone on with when it is unlocked; an account that is no more has no keys.
        Effect.retry({ schedule: patience, while: ({ _tag }) => _tag === "KeysUnavailable" || _tag === "Unavailable" }),
        Effect.ignore
      )

    const carry = (owner: Did) =>
      Effect.suspend(() => {
        if (under.has(owner) || vault.between(owner) === null) return Effect.void
        under.set(owner, { done: 0, total: 0 })
        const work = Effect.ensuring(
          through(owner),
          Effect.suspend(() => {
            under.delete(owner)
            return told(owner)
          })
        )
        return Effect.asVoid(Effect.forkIn(work, scope))
      })

    yield* Effect.forkScoped(
      Stream.runForEach(vault.moves, ({ here, owner }) => here ? carry(owner as Did) : Effect.void)
    )
    return { progress: (owner) => under.get(owner) ?? null, carry }
  })
