/** A bench for processes: kettles that are filled, a process that minds them, and a stove that does what it is told. */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import * as Address from "@vivim/contract/Address"
import { command } from "@vivim/contract/Call"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as Event from "@vivim/event-schemas/Event"
import { type CommandId, Did, DocumentId, Millis } from "@vivim/event-schemas/ids"
import * as Meta from "@vivim/event-schemas/Meta"
import { EventStore } from "@vivim/event-store/EventStore"
import type * as Delivery from "@vivim/process/Delivery"
import * as Process from "@vivim/process/Process"
import * as Processes from "@vivim/process/Processes"
import { ProcessStore } from "@vivim/process/ProcessStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"

export const ada = Did.make("did:key:zAda")

/** Who acted, as a store keeps it. */
export const metaOf = (commandId: CommandId, causes?: Meta.Causes): Uint8Array =>
  Meta.encode({
    commandId,
    ...causes ?? { causationId: null, correlationId: null },
    by: ada,
    device: null,
    hlc: "0.0",
    trace: null
  })

export const Filled = Event.make("kettle.Filled", { routing: { kettle: DocumentId, boilsAt: Millis }, private: {} })
export const Emptied = Event.make("kettle.Emptied", { routing: { kettle: DocumentId }, private: {} })
export const KettleEvents = Event.vocabulary(Filled, Emptied)

/** The stove is too cold to whistle; it says when it will not be. */
export class TooCold extends Schema.TaggedError<TooCold>()("TooCold", { until: Millis }) {}

const kettle = { kettle: DocumentId }
export const StoveAddress = Address.make({
  kind: "stove",
  commands: RpcGroup.make(
    command("Heat", "POST /kettles/:kettle/heat", "Heat a kettle", {
      payload: { ...kettle, times: Schema.Int },
      refusals: TooCold
    }),
    command("Whistle", "POST /kettles/:kettle/whistle", "Whistle", { payload: kettle, refusals: TooCold }),
    command("Cool", "POST /kettles/:kettle/cool", "Let a kettle cool", { payload: kettle, refusals: TooCold })
  ),
  id: ({ kettle }) => kettle
})

/** Heats what is filled, counts how often, whistles when it boils, and later when the stove says it is too cold. */
export const minder: Process.Any = Process.make({
  name: "minder",
  version: 1,
  reads: KettleEvents,
  asks: [StoveAddress],
  key: ({ kettle }) => kettle,
  memory: Schema.Struct({ fills: Schema.Int }),
  react: {
    "kettle.Filled": ({ boilsAt, kettle }, { owner }, memory) => {
      if (kettle === "cracked" as DocumentId) throw new Error("it leaks")
      const fills = (memory?.fills ?? 0) + 1
      return [
        Process.remember({ fills }),
        Process.ask(StoveAddress, "Heat", { kettle, times: fills }, owner),
        Process.setTimer("whistle", boilsAt, { kettle })
      ]
    },
    "kettle.Emptied": ({ kettle }, { owner }) => [
      Process.cancelTimer("whistle"),
      Process.ask(StoveAddress, "Cool", { kettle }, owner)
    ]
  },
  onTimer: ({ payload }) => [Process.ask(StoveAddress, "Whistle", payload, ada)],
  onRefused: ({ payload, refusal, tag }) =>
    tag === "Whistle" && refusal instanceof TooCold
      ? [Process.setTimer("whistle", refusal.until, { kettle: payload.kettle })]
      : []
})

export interface Asked {
  readonly tag: string
  readonly kettle: string
  readonly commandId: string
  readonly by: Did
  readonly times?: number
}

export const limits: Delivery.Limits = { inFlightMax: 8, attemptsMax: 3, askMax: "10 seconds", retryMax: "1 minute" }

/** Lets everything that can happen now happen. */
export const settled = Effect.zipRight(Effect.repeatN(Effect.yieldNow(), 400), TestClock.adjust(0))

/** A log, a store, a stove that keeps what it was asked, and a node that can be started and killed. */
export const bench = Effect.gen(function*() {
  const ground = yield* Layer.build(Layer.merge(EventStore.layerMemory, ProcessStore.layerMemory))
  const [log, store] = [Context.get(ground, EventStore), Context.get(ground, ProcessStore)]
  const asked: Array<Asked> = []
  const stove = { answers: (_: Asked): Effect.Effect<unknown, unknown> => Effect.void }
  const ask: Delivery.Ask = (tag, payload, { by }) =>
    Effect.suspend(() => {
      const one: Asked = { tag, by, ...payload }
      asked.push(one)
      return stove.answers(one)
    })
  const state = (event: Event.Type<typeof Filled> | Event.Type<typeof Emptied>, schemaVersion?: number) =>
    Effect.gen(function*() {
      const id = yield* CommandIds.next
      const stored = KettleEvents.encode(event)
      const meta = metaOf(id as CommandId)
      const given = { ...stored, schemaVersion: schemaVersion ?? stored.schemaVersion, id, meta, owner: ada, at: 0 }
      const { lastPosition } = yield* log.append(`kettle/${event.kettle}`, "any", [given])
      return { id: id as CommandId, position: lastPosition }
    }).pipe(Effect.orDie)
  const start = (options: Partial<Processes.Options> & { readonly seen?: ProcessStore["Type"] } = {}) =>
    Effect.gen(function*() {
      const { seen = store, ...rest } = options
      const scope = yield* Scope.make()
      const layer = Processes.layer([minder], { ask: { stove: ask }, limits, alone: true, ...rest })
      const processes = yield* Layer.build(layer).pipe(
        Effect.map(Context.get(Processes.Processes)),
        Effect.provideService(EventStore, log),
        Effect.provideService(ProcessStore, seen),
        Scope.extend(scope)
      )
      yield* settled
      return { processes, kill: Scope.close(scope, Exit.void) }
    })
  return {
    log,
    store,
    stove,
    start,
    asked,
    fill: (name: string, boilsAt = 1_000_000) => state(Filled({ kettle: DocumentId.make(name), boilsAt })),
    empty: (name: string) => state(Emptied({ kettle: DocumentId.make(name) })),
    newer: (name: string) => state(Emptied({ kettle: DocumentId.make(name) }), 9),
    /** What was asked since the last time, as `Heat a`. */
    heard: () => asked.splice(0).map(({ kettle, tag }) => `${tag} ${kettle}`)
  }
})
