/** Takes decisions about accounts to the one actor that knows how all of them stand: in the name of who decides, or of the node for who runs it. */
import type * as Sharding from "@effect/cluster/Sharding"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as ActorHost from "@vivim/actor/ActorHost"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import { StandingAddress, StandingCommands } from "@vivim/contract/Standing"
import { nodeItself } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

const Doors = StandingCommands.middleware(SessionGuard)

export const handlers: Layer.Layer<Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>, never, Sharding.Sharding> = Doors
  .toLayer(
    Effect.map(
      ActorHost.client(StandingAddress),
      (ask: any) =>
        Object.fromEntries([...StandingCommands.requests.keys()].map((tag) => [
          tag,
          (payload: any) =>
            Effect.flatMap(
              CurrentSession,
              ({ device, runsNode, userId }) => ask(tag, payload, { by: runsNode ? nodeItself : userId, device })
            )
        ])) as any
    )
  ) as any
