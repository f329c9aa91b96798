/** A node's log and views for the bench of projections: many small events of many users, on a real server. */
import * as Reactivity from "@effect/experimental/Reactivity"
import * as PgClient from "@effect/sql-pg/PgClient"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as ContentView from "@vivim/document/ContentView"
import { LibraryView } from "@vivim/document/LibraryView"
import { DocumentEvents } from "@vivim/event-schemas/document/index"
import * as Event from "@vivim/event-schemas/Event"
import { UserEvents } from "@vivim/event-schemas/user/index"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as SqlCheckpoints from "@vivim/projection/SqlCheckpoints"
import * as SqlRegistry from "@vivim/projection/SqlRegistry"
import * as UserFiles from "@vivim/projection/UserFiles"
import * as Views from "@vivim/projection/Views"
import * as SqliteUserDatabases from "@vivim/user-database/SqliteUserDatabases"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import type { UserView as FileView } from "@vivim/user-database/UserView"
import * as UserView from "@vivim/user/UserView"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { createHash } from "node:crypto"
import { temporaryFolder } from "../conformance/ServerPostgres.ts"

const Everything = Event.vocabulary(...DocumentEvents.events, ...UserEvents.events)
type Anything = Event.Type<(typeof Everything.events)[number]>
type Store = EventStore["Type"]

export interface Size {
  readonly users: number
  readonly documents: number
  readonly messages: number
}

/** The smallest view of a user there is: one row per message. What it costs is what the machinery costs. */
const smallView: FileView = {
  name: "small",
  version: 1,
  tables: ["CREATE TABLE said (id TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID"],
  apply: (db, { event, stream }) => {
    if (event._tag === "document.MessageAppended") {
      db.run("INSERT OR REPLACE INTO said VALUES (?, ?)", event["message"].id, stream)
    }
  },
  touches: ({ owner }) => [`small/${owner}`]
}

const cipher = fromMasterKey(new Uint8Array(32).fill(7))
const words = "lanterns float down the river while somebody counts majorities in a ledger of tea and rice".split(" ")
let serial = 0

/** A UUIDv7 whose chance is a counter. */
const newId = () => {
  const count = (++serial).toString(16).padStart(12, "0")
  return `01990000-0000-7000-8000-${count}`
}

const message = (n: number): Anything["_tag"] extends never ? never : any => {
  const text = Array.from({ length: 12 }, (_, i) => words[(n * 7 + i * i) % words.length]).join(" ")
  return {
    id: `m${n}`,
    parent: n === 0 ? null : `m${n - 1}`,
    role: n % 2 === 0 ? "user" : "assistant",
    author: null,
    model: null,
    at: 1_790_000_000_000 + n,
    hidden: null,
    blocks: [{ _tag: "Text", text, citations: [] }],
    hash: createHash("sha256").update(text).digest("hex")
  }
}

const stated = (stream: string, owner: string, facts: ReadonlyArray<Anything>) =>
  Effect.forEach(facts, (fact) => {
    const { private: plain, ...written } = Everything.encode(fact as never)
    const header = { ...written, id: newId(), owner, at: 1_790_000_000_000 + serial, meta: new Uint8Array(150) }
    return Effect.map(
      EventSeal.seal(cipher, { ...header, stream }, plain),
      (sealed) => ({ ...header, private: sealed })
    )
  })

const append = (store: Store, stream: string, owner: string, facts: ReadonlyArray<Anything>) =>
  Effect.flatMap(stated(stream, owner, facts), (events) => store.append(stream, "any", events as never))

const didOf = (user: number) => `did:key:zUser${user}`
const documentOf = (user: number, document: number) => `u${user}d${document}`

/** One more message in somebody's conversation: what live traffic is made of. */
export const say = (store: Store, user: number, n: number) => {
  const documentId = documentOf(user, 0)
  return append(store, `document/${documentId}`, didOf(user), [
    { _tag: "document.MessageAppended", documentId, message: message(n) } as never
  ])
}

const fill = (store: Store, { documents, messages, users }: Size) =>
  Effect.forEach(Array.from({ length: users }, (_, user) => user), (user) =>
    Effect.gen(function*() {
      const userId = didOf(user)
      yield* append(store, `user/${userId}`, userId, [
        { _tag: "user.UserRegistered", userId, handle: `u${user}`, displayName: `User ${user}` } as never
      ])
      for (let document = 0; document < documents; document++) {
        const documentId = documentOf(user, document)
        yield* append(store, `document/${documentId}`, userId, [
          { _tag: "document.ConversationStarted", documentId, owner: userId, title: "On lanterns" },
          ...Array.from({ length: messages }, (_, n) => ({
            _tag: "document.MessageAppended",
            documentId,
            message: message(n)
          })),
          { _tag: "document.ConversationRenamed", documentId, title: "On rivers" }
        ] as never)
      }
    }), { concurrency: 16, discard: true })

const files = (views: ReadonlyArray<FileView>) =>
  Effect.gen(function*() {
    const directory = yield* temporaryFolder
    return Context.get(yield* Layer.build(SqliteUserDatabases.layer({ directory, views })), UserDatabases)
  })

const fileView = (view: FileView) =>
  Effect.flatMap(
    files([view]),
    (databases) =>
      UserFiles.make(view, { reads: Everything, scratch: files([view]), checkpointEvery: "5 seconds" }).pipe(
        Effect.provideService(UserDatabases, databases)
      )
  )

export interface BenchWorld {
  readonly store: Store
  readonly views: Context.Tag.Service<Views.Views>
  /** Events in the log before anything else is stated. */
  readonly events: number
}

/** The log filled, and the views caught up with it. */
export const world = (url: Redacted.Redacted<string>, size: Size): Effect.Effect<BenchWorld, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const store = Context.get(
      yield* Layer.build(PostgresEventStore.layer({ url, page: { eventsMax: 500 } })),
      EventStore
    )
    yield* fill(store, size)
    const node = Views.layer<any, SqlClient.SqlClient | PayloadCipher | Scope.Scope>([
      SqlRegistry.make(UserView.UserView),
      SqlRegistry.make(ContentView.ContentView),
      fileView(smallView),
      fileView(LibraryView)
    ]).pipe(
      Layer.provide(Layer.effectDiscard(SqlCheckpoints.migrate)),
      Layer.provide(PgClient.layer({ url, maxConnections: 8 })),
      Layer.provide(Reactivity.layer),
      Layer.provide(Layer.succeed(PayloadCipher, cipher)),
      Layer.provide(Layer.succeed(EventStore, store))
    )
    const views = Context.get(yield* Layer.build(node), Views.Views)
    const events = yield* store.head
    yield* views.waitFor(events)
    return { store, views, events }
  })
