/** The lives of actors: on a log in memory, on PostgreSQL, and on the real cluster. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { Snapshots } from "@vivim/actor/Snapshots"
import * as SqlSnapshots from "@vivim/actor/SqlSnapshots"
import type { Cipher } from "@vivim/crypto/Cipher"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { actorHostLaws } from "./ActorHostLaws.ts"
import { actorPipeLaws } from "./ActorPipeLaws.ts"
import { actorSleepLaws } from "./ActorSleepLaws.ts"
import { cornerOf, type World, worldOf } from "./ActorWorld.ts"
import type { Store } from "./Events.ts"
import type { Law } from "./Law.ts"
import { noServer, serverPostgres, type TestServer } from "./ServerPostgres.ts"

const laws = [...actorHostLaws, ...actorPipeLaws, ...actorSleepLaws]

/** Actors say in the log what they pass over; here that is the point. */
const quiet = Logger.minimumLogLevel(LogLevel.None)

const hold = (law: Law<World>, world: Effect.Effect<World, unknown, Scope.Scope>) =>
  Effect.flatMap(world, law.holds).pipe(Effect.scoped, Effect.provide(quiet), Effect.runPromise)

const inMemory = Layer.build(Layer.merge(EventStore.layerMemory, Snapshots.layerMemory))

describe("laws of actors' lives in memory", () => {
  for (const law of laws) {
    it(
      law.title,
      () =>
        hold(
          law,
          Effect.map(inMemory, (ground) => worldOf(Context.get(ground, EventStore), Context.get(ground, Snapshots)))
        )
    )
  }
})

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("laws of actors' lives on PostgreSQL", () => {
  const scope = Effect.runSync(Scope.make())
  let ground: Context.Context<EventStore | Snapshots>
  beforeAll(() =>
    Effect.gen(function*() {
      const server: TestServer = yield* serverPostgres
      const url = yield* server.newDatabase
      ground = yield* Layer.build(Layer.merge(
        PostgresEventStore.layer({ url, readersMax: 2 }),
        Layer.provide(SqlSnapshots.layer, PgClient.layer({ url, maxConnections: 1 }))
      ))
    }).pipe(Scope.extend(scope), Effect.runPromise)
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  for (const [n, law] of laws.entries()) {
    it(law.title, () =>
      hold(
        law,
        Effect.sync(() => {
          const corner = cornerOf(`w${n}`, Context.get(ground, EventStore), Context.get(ground, Snapshots))
          return worldOf(corner.log, corner.snapshots)
        })
      ))
  }
})

/** Seals nothing. */
const open: Cipher = {
  seal: (_subject, _context, plain) => Effect.succeed(plain),
  open: (_subject, _context, sealed) => Effect.succeed(sealed),
  addresses: (_owner, hash) => Effect.succeed([hash]),
  keys: () => Effect.succeed([new Uint8Array(32)]),
  isOpen: () => true,
  moves: Stream.never
}

/** Worlds in which something is broken, and the law that must notice. */
const broken: Readonly<
  Record<string, { readonly law: RegExp; readonly store?: (log: Store) => Store; readonly cipher?: Cipher }>
> = {
  "appends wherever the stream stands": {
    law: /never leave two histories/,
    store: (log) => ({ ...log, append: (stream, _, events) => log.append(stream, "any", events) })
  },
  "finds no earlier event": {
    law: /three hundred other commands/,
    store: (log) => ({ ...log, find: () => Effect.succeed(null) })
  },
  "answers before it has kept": {
    law: /nothing is answered before/,
    store: (log) => ({
      ...log,
      append: (stream, expected, events) =>
        Effect.as(Effect.forkDaemon(log.append(stream, expected, events)), {
          stream,
          firstVersion: 1,
          lastVersion: 1,
          firstPosition: 1,
          lastPosition: 1,
          hash: new Uint8Array(32),
          duplicate: false
        })
    })
  },
  "forgets what a lost append left": {
    law: /log is read before anything else/,
    store: (log) => ({ ...log, read: (stream, after = 0) => after === 0 ? log.read(stream) : Stream.empty })
  },
  "seals nothing": { law: /nowhere to be read/, cipher: open }
}

describe("a witness breaks each law", () => {
  it.each(Object.entries(broken))("a world that %s is found out", async (_, { cipher, law, store = (log) => log }) => {
    const [one, ...others] = laws.filter(({ title }) => law.test(title))
    assert.lengthOf(others, 0)
    const world = Effect.map(
      inMemory,
      (ground) => worldOf(Context.get(ground, EventStore), Context.get(ground, Snapshots), cipher, store)
    )
    const found = await Effect.runPromiseExit(
      Effect.flatMap(world, one!.holds).pipe(Effect.scoped, Effect.provide(quiet), Effect.timeout("3 seconds"))
    )
    assert.isTrue(Exit.isFailure(found))
  })
})
