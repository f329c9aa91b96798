/** Answers what owners search for, out of their own SQLite file. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import { type SearchResults, SearchViews } from "@vivim/contract/Search"
import { SessionGuard } from "@vivim/contract/Session"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import type { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { inLibrary } from "./LibraryDoor.ts"
import * as LibrarySealed from "./LibrarySealed.ts"
import { keys } from "./LibraryView.ts"
import * as Search from "./Search.ts"

const find = (did: string, question: Search.Question) =>
  weatherproof(
    "search",
    inLibrary(
      did,
      (db) => ({ ...Search.messages(db, question), sealed: LibrarySealed.count(db) }) as SearchResults
    )
  )

const Doors = SearchViews.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  UserDatabases | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<UserDatabases>(), ({ query, watch }) => ({
  Search: (question) => query(({ userId }) => find(userId, question)),
  WatchSearch: (question) => watch(({ userId }) => ({ keys: [keys.library(userId)], ask: find(userId, question) }))
})))
