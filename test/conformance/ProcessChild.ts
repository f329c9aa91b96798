/**
 * A node's process in a process of its own, to be killed: pots of tea in PostgreSQL, and who minds them. It says on stdout what it
 * is about to do, and does not do it where it is told to stop.
 *
 *   node --import tsx ProcessChild.ts <database> <where to stop>
 */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as ActorHost from "@vivim/actor/ActorHost"
import { Snapshots } from "@vivim/actor/Snapshots"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Processes from "@vivim/process/Processes"
import { ProcessStore } from "@vivim/process/ProcessStore"
import * as SqlProcessStore from "@vivim/process/SqlProcessStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import { Tea } from "./Tea.ts"
import { waiter } from "./Waiter.ts"

const [database = "", halt = "nowhere"] = process.argv.slice(2)

/** Says where it is; where it is to stop it stays for ever. */
const at = (place: string) =>
  Effect.zipRight(
    Effect.sync(() => process.stdout.write(`${place}\n`)),
    place === halt ? Effect.never : Effect.void
  )

type Store = ProcessStore["Type"]

/** A store that stops before or after what it keeps. */
const halting = (store: Store): Store => ({
  ...store,
  claim: (name, now, until, max) =>
    Effect.tap(
      store.claim(name, now, until, max),
      (steps) => Effect.forEach(steps, ({ kind }) => at(`claimed ${kind}`))
    ),
  decide: (decision) => {
    const what = decision.moves === null ? "end" : "decision"
    return Effect.zipRight(at(`before ${what}`), Effect.zipLeft(store.decide(decision), at(`after ${what}`)))
  }
})

const ask = Effect.map(
  ActorHost.visit(Tea),
  (visit) => (tag: string, payload: any, { by }: any) =>
    Effect.tap((visit(payload.pot, by, false) as any)(tag, payload), () => at(`accepted ${payload.note}`))
)

const url = Redacted.make(database)
const ground = Layer.mergeAll(
  PostgresEventStore.layer({ url }),
  Snapshots.layerMemory,
  Layer.succeed(PayloadCipher, fromMasterKey(new Uint8Array(32).fill(7))),
  Layer.effect(ProcessStore, Effect.map(ProcessStore, halting)).pipe(
    Layer.provide(SqlProcessStore.layer),
    Layer.provide(PgClient.layer({ url, maxConnections: 4 }))
  )
)
const limits = { inFlightMax: 16, attemptsMax: 5, askMax: "5 seconds", retryMax: "1 second" } as const
const minding = Layer.unwrapEffect(
  Effect.map(ask, (tea) => Processes.layer([waiter], { ask: { tea: tea as never }, limits, alone: true }))
)

Effect.runFork(Layer.launch(Layer.provide(minding, ground)).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))))
