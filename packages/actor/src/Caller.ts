/**
 * One call to one actor, made safe: bounded in time, repeated with the same command id while only the weather is bad.
 * The guards are those that Effect 3's cluster needs: an interrupted entity, a full mailbox or a lost reply is not an answer.
 *
 * G1  A refusal is passed on at once; only failures are repeated.
 * G2  A call that gets no answer in time ends as `Unavailable`, never hangs.
 */
import type * as Rpc from "@effect/rpc/Rpc"
import type { Address } from "@vivim/contract/Address"
import { Unavailable } from "@vivim/contract/Refusal"
import { DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Actor from "./Actor.ts"
import * as Deadline from "./Deadline.ts"
import * as Trace from "./Trace.ts"

/** Who speaks. */
export type Identity = Omit<Actor.Circumstance, "at" | "id" | "version">

/** Who speaks, and in which trace: what an actor is told beside the command. */
export type Heard = Identity & { readonly trace?: string | null }

/** Sends a command by its tag; typed by the contract. */
export type Client<Commands extends Rpc.Any> = <const Tag extends Commands["_tag"]>(
  tag: Tag,
  payload: Rpc.Payload<Extract<Commands, { readonly _tag: Tag }>>,
  identity: Identity
) => Effect.Effect<
  Rpc.Success<Extract<Commands, { readonly _tag: Tag }>>,
  Rpc.Error<Extract<Commands, { readonly _tag: Tag }>> | Unavailable
>

/** How long one attempt may take, and how long attempts are made. */
export class Times extends Context.Reference<Times>()("@vivim/actor/Caller/Times", {
  defaultValue: (): { readonly attemptMax: Duration.DurationInput; readonly patience: Duration.DurationInput } => ({
    attemptMax: "10 seconds",
    patience: "30 seconds"
  })
}) {}

const By = "vivim-by"
const Device = "vivim-device"
const Causation = "vivim-causation"
const Correlation = "vivim-correlation"

const CallerHeaders = Schema.Struct({
  [By]: Did,
  [Device]: Schema.optional(DeviceId),
  [Causation]: Schema.optional(Schema.String),
  [Correlation]: Schema.optional(Schema.String),
  [Trace.header]: Schema.optional(Schema.String)
})

const readHeaders = Schema.decodeUnknown(CallerHeaders)

const headersOf = ({ by, causes, device, trace }: Heard): Readonly<Record<string, string>> => ({
  [By]: by,
  ...device === null ? {} : { [Device]: device },
  ...causes === undefined ? {} : { [Causation]: causes.causationId, [Correlation]: causes.correlationId },
  ...typeof trace === "string" ? { [Trace.header]: trace } : {}
})

/** Reads back what `make` wrote. A message without it is a bug of the sender. */
export const fromHeaders = (headers: unknown): Effect.Effect<Heard> =>
  readHeaders(headers).pipe(
    Effect.map((read) => {
      const { [By]: by, [Causation]: causationId, [Correlation]: correlationId, [Device]: device = null } = read
      const trace = read[Trace.header]
      const heard = { by, device, ...trace === undefined ? {} : { trace } }
      return causationId === undefined || correlationId === undefined
        ? heard
        : { ...heard, causes: { causationId, correlationId } }
    }),
    Effect.orDie
  )

const weather = new Set([
  "MailboxFull",
  "PersistenceError",
  "AlreadyProcessingMessage",
  "TimeoutException",
  "EntityNotAssignedToRunner"
])

/** Whether an exit is no answer at all: the entity went away under the call, or never took it. */
const isWeather = (cause: Cause.Cause<any>): boolean =>
  Cause.isInterruptedOnly(cause) ||
  [...Cause.failures(cause)].some((error) => weather.has(error?._tag)) ||
  [...Cause.defects(cause)].some((defect: any) => defect?._tag === "SocketError")

/** Speaks to an actor that is awake beside the caller. */
type Near = (id: string) => ((tag: string, payload: any, heard: Heard) => Effect.Effect<any, any>) | undefined

export const make = <Commands extends Rpc.Any>(
  address: Address<Commands>,
  to: (entityId: string) => Record<string, (payload: any, options: any) => Effect.Effect<any, any>>,
  { attemptMax, patience }: Context.Tag.Service<typeof Times>,
  near: Near = () => undefined
): Client<Commands> => {
  const within = Deadline.make(attemptMax)
  const again = Schedule.exponential("50 millis").pipe(
    Schedule.union(Schedule.spaced("1 second")),
    Schedule.intersect(Schedule.elapsed.pipe(Schedule.whileOutput((spent) => Duration.lessThan(spent, patience))))
  )
  return (tag: string, payload: any, identity: Identity) => {
    const id = address.id(payload)
    const attempt = within(Effect.flatMap(Trace.current, (trace) => {
      const ask = near(id)
      const heard = trace === null ? identity : { ...identity, trace }
      return ask === undefined ? to(id)[tag]!(payload, { headers: headersOf(heard) }) : ask(tag, payload, heard)
    }))
    return Effect.catchAllCause(
      attempt,
      (cause) => isWeather(cause) ? repeat(id, attempt, cause) : Effect.failCause(cause)
    )
  }

  /** The first attempt met bad weather. */
  function repeat(id: string, attempt: Effect.Effect<any, any>, first: Cause.Cause<any>): Effect.Effect<any, any> {
    let isFirst = true
    return Effect.suspend(() => {
      if (!isFirst) return attempt
      isFirst = false
      return Effect.failCause(first)
    }).pipe(
      Effect.sandbox,
      Effect.retry({ while: isWeather, schedule: again }),
      Effect.catchAll((cause) =>
        isWeather(cause)
          ? Effect.fail(new Unavailable({ message: `${address.kind} ${id} did not answer`, retryAfterMs: 1_000 }))
          : Effect.failCause(cause)
      )
    )
  }
}
