/** A world for views: a log of tea, views of it in PostgreSQL and in users' files, and a node that can be started and killed. */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Event from "@vivim/event-schemas/Event"
import { UserEvents } from "@vivim/event-schemas/user/index"
import { EventStore } from "@vivim/event-store/EventStore"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as SqlCheckpoints from "@vivim/projection/SqlCheckpoints"
import type { View } from "@vivim/projection/View"
import * as Views from "@vivim/projection/Views"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { event, type Store } from "./Events.ts"
import { Filled, Poured, TeaEvents } from "./Tea.ts"

const cipher = fromMasterKey(new Uint8Array(32).fill(7))

/** All of tea, and who drinks it. */
export const Everything = Event.vocabulary(...TeaEvents.events, ...UserEvents.events)
type Anything = Event.Type<(typeof Everything.events)[number]>

export type Needs = SqlClient.SqlClient | EventStore | PayloadCipher | Reactivity.Reactivity

/** A node's views: what can be asked of them, and how to kill it. */
export interface Node {
  readonly views: Context.Tag.Service<Views.Views>
  readonly reactivity: Context.Tag.Service<Reactivity.Reactivity>
  readonly kill: Effect.Effect<void>
}

/** How an event lies in the log, where that is not as this build would write it. */
interface Parts {
  readonly schemaVersion?: number
  readonly routing?: Uint8Array
  readonly sealed?: Uint8Array
}

export interface ViewWorld {
  readonly log: Store
  readonly sql: SqlClient.SqlClient
  /** States something in a stream, and answers its position. */
  readonly state: (stream: string, owner: string, fact: Anything, parts?: Parts) => Effect.Effect<number>
  readonly fill: (pot: string) => Effect.Effect<number>
  readonly pour: (pot: string) => Effect.Effect<number>
  /** `seen`: the log as this node sees it. */
  readonly start: <E>(
    views: ReadonlyArray<Effect.Effect<View, E, Needs | Scope.Scope>>,
    seen?: Store
  ) => Effect.Effect<Node, E>
}

const ada = "did:key:zAda"

/** On a new, empty database. */
export const world = (url: Redacted.Redacted<string>): Effect.Effect<ViewWorld, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const ground = yield* Layer.build(Layer.merge(EventStore.layerMemory, PgClient.layer({ url, maxConnections: 6 })))
    const log = Context.get(ground, EventStore)
    const sql = Context.get(ground, SqlClient.SqlClient)
    yield* Effect.provide(SqlCheckpoints.migrate, ground)
    const state: ViewWorld["state"] = (stream, owner, fact, parts) =>
      Effect.gen(function*() {
        const { private: plain, ...written } = Everything.encode(fact as never)
        const header = event({ ...written, owner, ...parts })
        const sealed = yield* EventSeal.seal(cipher, { ...header, stream }, plain)
        const { lastPosition } = yield* log.append(stream, "any", [{ ...header, private: parts?.sealed ?? sealed }])
        return lastPosition
      }).pipe(Effect.orDie)
    return {
      log,
      sql,
      state,
      fill: (pot) => state(`tea/${pot}`, ada, Filled({ owner: ada as never, leaf: "sencha" })),
      pour: (pot) => state(`tea/${pot}`, ada, Poured({ note: "a cup" })),
      start: (views, seen = log) =>
        Effect.gen(function*() {
          const scope = yield* Scope.make()
          const node = Views.layer(views).pipe(
            Layer.provideMerge(Reactivity.layer),
            Layer.provide(Layer.succeed(PayloadCipher, cipher)),
            Layer.provide(Layer.succeed(EventStore, seen)),
            Layer.provide(Layer.succeed(SqlClient.SqlClient, sql))
          )
          const built = yield* Scope.extend(Layer.build(node), scope)
          return {
            views: Context.get(built, Views.Views),
            reactivity: Context.get(built, Reactivity.Reactivity),
            kill: Scope.close(scope, Exit.void)
          }
        }) as never
    }
  })

interface Pots {
  readonly version?: number
  /** Called with the position of every event. */
  readonly meet?: (position: number) => void
}

const { drop, patch, put } = RegistryView

/** Pots and the cups poured from them since they were last filled: what is done twice, or in another order, shows. */
export const potsView = ({ meet = () => undefined, version = 1 }: Pots = {}) =>
  RegistryView.make({
    name: "pots",
    version,
    reads: TeaEvents,
    tables: {
      pot: { key: ["pot"], columns: { pot: "text", filled_at: "bigint", last_at: "bigint", made_by: "integer" } },
      cup: { key: ["pot", "at"], columns: { pot: "text", at: "bigint" }, indexes: [["pot"]] }
    },
    on: {
      "tea.Filled": (_, { position, stream }) => {
        meet(position)
        return [
          put("pot", { pot: stream, filled_at: position, last_at: position, made_by: version }),
          drop("cup", { pot: stream })
        ]
      },
      "tea.Poured": (_, { position, stream }) => {
        meet(position)
        return [put("cup", { pot: stream, at: position }), patch("pot", { pot: stream }, { last_at: position })]
      }
    },
    touches: (_, { stream }) => [stream]
  })

/** What the view must hold, read off the log. */
export const expectedPots = (
  log: ReadonlyArray<{ readonly type: string; readonly stream: string; readonly position: number }>
) => {
  const pots = new Map<string, { filled: number; last: number; cups: Array<number> }>()
  for (const { position, stream, type } of log) {
    if (type === "tea.Filled") pots.set(stream, { filled: position, last: position, cups: [] })
    const pot = pots.get(stream) ?? { filled: 0, last: 0, cups: [] }
    if (type !== "tea.Poured") continue
    pot.last = position
    pot.cups.push(position)
  }
  return [...pots].toSorted(([a], [b]) => a < b ? -1 : 1).map(([pot, { cups, filled, last }]) => ({
    pot,
    filled,
    last,
    cups
  }))
}

/** What readers of the view find. */
export const readPots = (sql: SqlClient.SqlClient) =>
  Effect.map(
    sql<{ readonly pot: string; readonly filled: string; readonly last: string; readonly cups: ReadonlyArray<string> }>`
      SELECT p.pot, p.filled_at AS filled, p.last_at AS last, array(SELECT c.at FROM registry.cup c WHERE c.pot = p.pot ORDER BY c.at) AS cups
      FROM registry.pot p ORDER BY p.pot COLLATE "C"`,
    (rows) =>
      rows.map(({ cups, filled, last, pot }) => ({
        pot,
        filled: Number(filled),
        last: Number(last),
        cups: cups.map(Number)
      }))
  )
