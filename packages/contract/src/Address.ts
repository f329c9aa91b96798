/** Where an actor is reached: its kind, the commands it hears, and which of a command's fields names it. */
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"

export interface Address<Commands extends Rpc.Any> {
  /** The kind of actor; its stream is `<kind>/<id>`. */
  readonly kind: string
  readonly commands: RpcGroup.RpcGroup<Commands>
  readonly id: (command: Rpc.Payload<Commands>) => string
}

export const make = <Commands extends Rpc.Any>(address: Address<Commands>): Address<Commands> => address
