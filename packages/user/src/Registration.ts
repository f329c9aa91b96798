/**
 * How an account comes to be: its handle is claimed first, then the account is opened. Both are actors, so that of all who want one
 * handle at the same time, in whatever process, one gets it; a crash between the two leaves a claim that lapses, never two holders.
 *
 * R1  Of accounts that are opened at once with handles that look alike, one is.
 * R2  A claim that nobody made an account of is taken over after its time; one whose account is open never is.
 * R3  Who has an account, or is refused one, holds no other handle for having asked.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as ActorHost from "@vivim/actor/ActorHost"
import type * as Caller from "@vivim/actor/Caller"
import { HandleAddress } from "@vivim/contract/Handle"
import { Unavailable } from "@vivim/contract/Refusal"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import { UserAddress, UserCommands } from "@vivim/contract/User"
import * as CommandIds from "@vivim/crypto/CommandIds"
import type { Did, Handle } from "@vivim/event-schemas/ids"
import type { Receipt } from "@vivim/event-schemas/Receipt"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

type RegisterUser = Extract<RpcGroup.Rpcs<typeof UserCommands>, { readonly _tag: "RegisterUser" }>
type Payload = Rpc.Payload<RegisterUser>

type Registered = Effect.Effect<Receipt, Rpc.Error<RegisterUser> | Unavailable>

export class Registration extends Context.Tag("@vivim/user/Registration")<Registration, {
  readonly register: (payload: Payload, identity: Caller.Identity) => Registered
}>() {}

const make = (claimMax: Duration.DurationInput) =>
  Effect.gen(function*() {
    const askHandle = yield* ActorHost.client(HandleAddress)
    const askUser = yield* ActorHost.client(UserAddress)
    const eventStore = yield* EventStore

    const claim = (handle: Handle, userId: Did, instead: Did | null, lastsMs = Duration.toMillis(claimMax)) =>
      Effect.gen(function*() {
        const commandId = yield* CommandIds.next
        const until = (yield* Clock.currentTimeMillis) + lastsMs
        yield* askHandle("ClaimHandle", { commandId, handle, userId, until, instead }, { by: userId, device: null })
      }).pipe(Effect.catchTag("NothingToChange", () => Effect.void))

    /** Whose time has passed may have opened the account all the same, with nobody there to keep the handle. */
    const takeOver = (handle: Handle, userId: Did, late: Did) =>
      Effect.gen(function*() {
        if ((yield* eventStore.streamHead(`user/${late}`)) === null) return yield* claim(handle, userId, late)
        const commandId = yield* CommandIds.next
        yield* askHandle("KeepHandle", { commandId, handle, userId: late }, { by: late, device: null }).pipe(
          Effect.catchTag("NothingToChange", () => Effect.void)
        )
        yield* claim(handle, userId, null)
      })

    const held = (handle: Handle, userId: Did) =>
      claim(handle, userId, null).pipe(
        Effect.catchTag("HandleLapsed", (lapsed) => takeOver(handle, userId, lapsed.userId)),
        // Twice in a row somebody was faster: the handle is wanted, and whoever asks may ask again.
        Effect.catchTags({ HandleLapsed: () => busy, EventStoreError: () => busy })
      )

    return Registration.of({
      register: Effect.fn("Registration.register")(function*(payload: Payload, identity: Caller.Identity) {
        const { handle, userId } = payload
        const open = askUser("RegisterUser", payload, identity)
        // Its actor says that it is there, or what it answered to this very command.
        if ((yield* Effect.catchAll(eventStore.streamHead(`user/${userId}`), () => busy)) !== null) return yield* open
        yield* held(handle, userId)
        // Over a moment ago: a claim is taken over when its time is behind it.
        const letGo = Effect.ignore(claim(handle, userId, null, -1))
        return yield* Effect.tapErrorTag(open, "OperationRefused", () => letGo)
      })
    })
  })

const busy = Effect.fail(
  new Unavailable({ message: "the handle could not be looked at just now", retryAfterMs: 1_000 })
)

/** How long a handle is held for an account that is about to be opened. */
export const layer = (
  claimMax: Duration.DurationInput
): Layer.Layer<Registration, never, Sharding.Sharding | EventStore> => Layer.effect(Registration, make(claimMax))

/** The public door of `RegisterUser`: the actor's own does not know of handles. */
export const handler: Layer.Layer<
  Rpc.Handler<"RegisterUser">,
  never,
  Registration
> = UserCommands.middleware(SessionGuard).toLayerHandler(
  "RegisterUser",
  Effect.map(
    Registration,
    ({ register }) => (payload: Payload) =>
      Effect.flatMap(CurrentSession, ({ device, userId }) => register(payload, { by: userId, device }))
  )
) as never
