/** The registry of a node with its doors: every view of it, real actors to feed them, and callers to ask. */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as Headers from "@effect/platform/Headers"
import * as RpcClient from "@effect/rpc/RpcClient"
import * as RpcTest from "@effect/rpc/RpcTest"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as ActorHost from "@vivim/actor/ActorHost"
import { Snapshots } from "@vivim/actor/Snapshots"
import { Circle } from "@vivim/circle/Circle"
import * as CircleView from "@vivim/circle/CircleView"
import { CircleViews } from "@vivim/contract/Circle"
import { PeerViews } from "@vivim/contract/Peer"
import { Session, SessionGuard } from "@vivim/contract/Session"
import { UserViews } from "@vivim/contract/User"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as ContentView from "@vivim/document/ContentView"
import { Document } from "@vivim/document/Document"
import { CommandId, Did, Handle } from "@vivim/event-schemas/ids"
import { EventStore } from "@vivim/event-store/EventStore"
import { Import } from "@vivim/import/Import"
import * as ImportView from "@vivim/import/ImportView"
import { Peer } from "@vivim/peer/Peer"
import * as PeerView from "@vivim/peer/PeerView"
import * as SqlCheckpoints from "@vivim/projection/SqlCheckpoints"
import * as SqlRegistry from "@vivim/projection/SqlRegistry"
import * as Views from "@vivim/projection/Views"
import { User } from "@vivim/user/User"
import * as UserView from "@vivim/user/UserView"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { newId } from "./Events.ts"
import { ada } from "./Lanterns.ts"

export const views = [
  UserView.UserView,
  CircleView.CircleView,
  PeerView.PeerView,
  ContentView.ContentView,
  ImportView.ImportView
]

/** In whose name a call is made, as its headers say. */
const guard = Layer.succeed(
  SessionGuard,
  SessionGuard.of(({ headers }) =>
    Effect.succeed(
      new Session({ userId: Did.make(headers["by"] ?? ada), handle: Handle.make("ada"), device: null, operator: true })
    )
  )
)

class Doors extends UserViews.merge(CircleViews, PeerViews).middleware(SessionGuard) {}

/** All that the rooms lean on, with the log in memory and the registry in a database. */
export const ground = (url: Parameters<typeof PgClient.layer>[0]["url"]) =>
  Layer.mergeAll(UserView.handlers, CircleView.handlers, PeerView.handlers, guard).pipe(
    Layer.provideMerge(Views.layer(views.map((view) => SqlRegistry.make(view as never)))),
    Layer.provideMerge(Layer.effectDiscard(SqlCheckpoints.migrate)),
    Layer.provideMerge(Layer.mergeAll(
      EventStore.layerMemory,
      Snapshots.layerMemory,
      PayloadCipher.layerMemory,
      Reactivity.layer,
      PgClient.layer({ url: url!, maxConnections: 5 })
    ))
  )

export type Ground = Layer.Layer.Success<ReturnType<typeof ground>>

const actors: Readonly<Record<string, any>> = {
  user: User,
  circle: Circle,
  document: Document,
  peer: Peer,
  import: Import
}

/** Gives an actor a command in someone's name, and waits until every view has seen what came of it. */
export const tell = (kind: string, id: string, by: Did, tag: string, payload: object) =>
  Effect.gen(function*() {
    const visit: any = yield* ActorHost.visit(actors[kind])
    const ask = visit(id, by, false)
    const receipt = yield* ask(tag, { commandId: CommandId.make(newId()), ...payload })
    yield* Effect.flatMap(Views.Views, ({ waitFor }) => waitFor(receipt.position))
    return receipt
  }) as Effect.Effect<{ readonly position: number }, any, Ground>

export const user = (by: Did, tag: string, payload: object = {}) =>
  tell("user", by, by, tag, { userId: by, ...payload })
export const circle = (by: Did, tag: string, payload: object = {}) =>
  tell("circle", "c1", by, tag, { circleId: "c1", ...payload })
export const peer = (tag: string, payload: object = {}) => tell("peer", "p1", ada, tag, { peerId: "p1", ...payload })
export const document = (tag: string, payload: object = {}) =>
  tell("document", "d1", ada, tag, { documentId: "d1", ...payload })

/** What somebody sees now, through a door. */
export const sees = <A, E, R>(by: Did, watch: Stream.Stream<A, E, R>) =>
  Effect.map(
    RpcClient.withHeaders(Stream.runHead(watch) as any, Headers.fromInput({ by })) as Effect.Effect<
      Option.Option<A>,
      E
    >,
    Option.getOrThrow
  )

/** The doors, as their callers have them. */
export const doors = RpcTest.makeClient(Doors)
