/** Waiting for one's own write: a receipt names a position, and views can be asked to have seen it. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import * as Schema from "effect/Schema"
import { query } from "./Call.ts"

export class AwaitViews extends RpcGroup.make(
  query("AwaitPosition", "GET /positions/:position", "Answers when every view has seen the log up to a position", {
    payload: { position: Schema.Int.pipe(Schema.nonNegative()) },
    success: Schema.Struct({ position: Schema.Int }),
    refusals: Schema.Never
  })
) {}
