/** Answers users who link what they are at a provider. Unlinking is removing a means, as any other (`packages/session`). */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import { ProviderCalls } from "@vivim/contract/Provider"
import { SessionGuard } from "@vivim/contract/Session"
import * as Doorway from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { notShown } from "./Providers.ts"
import { ProviderSignIn } from "./ProviderSignIn.ts"

const Doors = ProviderCalls.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  ProviderSignIn | Reactivity.Reactivity
> = Doors.toLayer(Effect.gen(function*() {
  const { depart, link } = yield* ProviderSignIn
  const { query } = yield* Doorway.open<never>()
  return {
    BeginLink: (visit) =>
      query(({ sessionId }) =>
        sessionId === null
          ? Effect.fail(notShown())
          : Effect.map(depart(visit, { purpose: "link", bound: sessionId }), (url) => ({ url: url.href }))
      ),
    FinishLink: (returned) => query((session) => link(returned, session))
  }
}))
