/**
 * The three kinds of call a node answers, and how each is declared: a command (answered by a receipt or a refusal),
 * a query (answered once) and a watch (answered now, and again whenever the answer changes).
 * Each names its REST address; the REST face and its OpenAPI page are derived from these declarations alone.
 */
import * as Rpc from "@effect/rpc/Rpc"
import { CommandId } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import { LimitExceeded, NotAllowed, Unavailable, VaultLocked } from "./Refusal.ts"
import { type Needed, Needs } from "./Session.ts"

/** Where a call stands in REST: `:name` parts of the path are fields of the payload. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
  readonly path: `/${string}`
  readonly summary: string
}

/** The annotation that carries a call's REST address. */
export class RestRoute extends Context.Tag("@vivim/contract/Call/RestRoute")<RestRoute, Route>() {}

/**
 * How a watch goes on when its line broke: what is still to be asked after an answer (null: nothing), and whether it ends by itself.
 * One that says nothing is asked as it was, for each of its answers is a whole one; it ends by itself when it is work, not a GET.
 */
export class Course extends Context.Tag("@vivim/contract/Call/Course")<Course, {
  readonly after: (asked: any, answer: any) => unknown
  readonly ends: (asked: any) => boolean
}>() {}

type Fields = Schema.Struct.Fields
const route = (address: string, summary: string): Route => {
  const [method, path] = address.split(" ") as [Route["method"], Route["path"]]
  return { method, path, summary }
}

/** What every call says of itself, whatever kind it is. */
const call = <
  const Tag extends string,
  F extends Fields,
  Success extends Schema.Schema.Any,
  Refusals extends Schema.Schema.All,
  const Stream extends boolean
>(
  tag: Tag,
  address: string,
  summary: string,
  options: {
    readonly payload: F
    readonly success: Success
    readonly error: Refusals
    readonly stream: Stream
    readonly needs: Needed | undefined
  }
) =>
  Rpc.make(tag, options)
    .annotate(RestRoute, route(address, summary)).annotate(Needs, options.needs ?? "session")

/** A change asked for. `commandId` makes it safe to repeat: the same id always gets the first receipt. */
export const command = <
  const Tag extends string,
  F extends Fields,
  Refusals extends Schema.Schema.All = typeof Schema.Never,
  Success extends Schema.Schema.Any = typeof Receipt
>(
  tag: Tag,
  address: string,
  summary: string,
  options: { readonly payload: F; readonly refusals: Refusals; readonly success?: Success; readonly needs?: Needed }
) =>
  call(tag, address, summary, {
    payload: { commandId: CommandId, ...options.payload },
    success: (options.success ?? Receipt) as Success,
    error: Schema.Union(options.refusals, NotAllowed, VaultLocked, LimitExceeded, Unavailable),
    stream: false,
    needs: options.needs
  })

const question = <const Stream extends boolean>(stream: Stream) =>
<
  const Tag extends string,
  F extends Fields,
  Success extends Schema.Schema.Any,
  Refusals extends Schema.Schema.All
>(
  tag: Tag,
  address: string,
  summary: string,
  options: { readonly payload: F; readonly success: Success; readonly refusals: Refusals; readonly needs?: Needed }
) =>
  call(tag, address, summary, {
    payload: options.payload,
    success: options.success,
    error: Schema.Union(options.refusals, VaultLocked, Unavailable),
    stream,
    needs: options.needs
  })

/** A question answered once. */
export const query = question(false)

/** A question that stays open: the present answer, then each new one. REST answers the present one. */
export const watch = question(true)
