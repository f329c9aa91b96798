/** Answers users about passkeys they want to have. What they have is told, and removed, with their other means. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import { PasskeyDoors } from "@vivim/contract/Passkeys"
import { SessionGuard } from "@vivim/contract/Session"
import * as Doorway from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { Passkeys } from "./Passkeys.ts"

const Doors = PasskeyDoors.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  Passkeys | Reactivity.Reactivity
> = Doors.toLayer(Effect.gen(function*() {
  const { add, begin } = yield* Passkeys
  const { query } = yield* Doorway.open<never>()
  return {
    BeginPasskey: (asked) => query(({ userId }) => begin(userId, asked)),
    AddPasskey: (asked) => query(({ userId }) => add(userId, asked))
  }
}))
