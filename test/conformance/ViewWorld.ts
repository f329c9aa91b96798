/** A world for views: a log of tea, views of it in PostgreSQL and in users' files, and a node that can be started and killed. */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Cipher } from "@vivim/crypto/Cipher"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Event from "@vivim/event-schemas/Event"
import { UserEvents } from "@vivim/event-schemas/user/index"
import { EventSkipped, SkipWithdrawn, ViewEvents } from "@vivim/event-schemas/view/index"
import { EventStore } from "@vivim/event-store/EventStore"
import * as SqlCheckpoints from "@vivim/projection/SqlCheckpoints"
import type { View } from "@vivim/projection/View"
import * as Views from "@vivim/projection/Views"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { event, type Store } from "./Events.ts"
import { Filled, Poured, TeaEvents } from "./Tea.ts"

const nodeCipher = fromMasterKey(new Uint8Array(32).fill(7))

/** All of tea, and who drinks it. */
export const Everything = Event.vocabulary(...TeaEvents.events, ...UserEvents.events)
/** And what is decided about the views of it. */
const Stated = Event.vocabulary(...Everything.events, ...ViewEvents.events)
type Anything = Event.Type<(typeof Stated.events)[number]>

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

/** What views keep in a database, gone. */
const clear = (sql: SqlClient.SqlClient) =>
  Effect.gen(function*() {
    const schemas = yield* sql<{ readonly name: string }>`
      SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'registry%' OR nspname = 'model'`
    for (const { name } of schemas) yield* sql`DROP SCHEMA ${sql(name)} CASCADE`
    yield* sql`DROP TABLE IF EXISTS projection, projection_part`
  })

/** A new log, and a database without views. */
export const world = (
  sql: SqlClient.SqlClient,
  cipher: Cipher = nodeCipher
): Effect.Effect<ViewWorld, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const log = Context.get(yield* Layer.build(EventStore.layerMemory), EventStore)
    yield* clear(sql)
    yield* Effect.provideService(SqlCheckpoints.migrate, SqlClient.SqlClient, sql)
    const state: ViewWorld["state"] = (stream, owner, fact, parts) =>
      Effect.gen(function*() {
        const { private: plain, ...written } = Stated.encode(fact as never)
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

/** A log whose reading of the past stops at a position until it is let go on. */
export const halting = ({ log }: ViewWorld, at: number) =>
  Effect.gen(function*() {
    const [reached, open] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
    const halt = Effect.zipRight(Deferred.succeed(reached, undefined), Deferred.await(open))
    const seen: Store = {
      ...log,
      readAll: (after, options) =>
        Stream.tap(log.readAll(after, options), ({ position }) => position === at ? halt : Effect.void)
    }
    return { seen, reached: Deferred.await(reached), open: Deferred.succeed(open, undefined) }
  })

/** Records, as the actor of the view does, that it passes over an event, or that it no longer does. */
export const skipping = ({ state }: ViewWorld, view: string, position: number, event = EventSkipped) =>
  state(`view/${view}`, "did:web:node", event({ view, position, reason: "no root" } as never))
export const withdrawing = (world: ViewWorld, view: string, position: number) =>
  skipping(world, view, position, SkipWithdrawn as never)

/** Asks again until the answer is as wanted. */
export const eventually = <A>(ask: Effect.Effect<A, unknown>, isWanted: (answer: A) => boolean) =>
  Effect.repeat(Effect.delay(ask, 5), { until: isWanted })
