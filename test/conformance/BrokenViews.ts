/** Views and users' files that each break one promise, to see that the laws notice: a law that cannot fail is no law. */
import { UserDatabaseError } from "@vivim/user-database/UserDatabaseError"
import type { UserDatabases } from "@vivim/user-database/UserDatabases"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Store } from "./Events.ts"
import type { Node, ViewWorld } from "./ViewWorld.ts"

type Databases = Context.Tag.Service<UserDatabases>

export interface BrokenFiles {
  /** How the title of the law begins that must notice. */
  readonly law: string
  readonly how: string
  readonly break: (files: Databases) => Databases
}

export const brokenFiles: ReadonlyArray<BrokenFiles> = [
  {
    law: "V3 one user's bad event",
    how: "one file's trouble is everybody's",
    break: (files) => ({
      ...files,
      apply: (did, ...rest) =>
        Effect.catchTag(
          files.apply(did, ...rest),
          "EventNotApplied",
          (cause) => new UserDatabaseError({ doing: "apply", cause })
        )
    })
  },
  {
    law: "V2 a rebuild in which the last events",
    how: "a file has seen no more than it holds",
    break: (files) => ({ ...files, swap: (did, view) => files.swap(did, view) })
  },
  {
    law: "N1 a file that is cut short",
    how: "a damaged file is thrown away",
    break: (files) => ({
      ...files,
      setAside: (did, view) =>
        Effect.zipRight(files.setAside(did, view), Effect.zipRight(files.delete(did), Effect.orDie(files.create(did))))
    })
  },
  {
    law: "N1 a file that is emptied",
    how: "a damaged file is taken for an empty one",
    break: (files) => ({
      ...files,
      apply: (did, view, facts, into) =>
        Effect.catchTag(files.apply(did, view, facts, into), "FileDamaged", () =>
          files.delete(did).pipe(
            Effect.zipRight(files.create(did)),
            Effect.zipRight(files.apply(did, view, facts, into))
          ))
    })
  },
  {
    law: "V4 who only reads",
    how: "nobody hears what readers meet",
    break: (files) => ({ ...files, damaged: Stream.never })
  }
]

export interface BrokenNode {
  readonly law: string
  readonly how: string
  readonly break: (world: ViewWorld) => ViewWorld
}

const seeing = (world: ViewWorld, blind: (log: Store) => Store): ViewWorld => ({
  ...world,
  start: (views, seen = world.log) => world.start(views, blind(seen))
})

const with_ = (world: ViewWorld, change: (views: Node["views"]) => Partial<Node["views"]>): ViewWorld => ({
  ...world,
  start: (views, seen) =>
    Effect.map(world.start(views, seen), (node) => ({ ...node, views: { ...node.views, ...change(node.views) } }))
})

export const brokenNodes: ReadonlyArray<BrokenNode> = [
  {
    law: "K1 what is passed over is passed over by whoever",
    how: "a restart forgets what is passed over",
    break: (world) =>
      seeing(world, (log) => ({
        ...log,
        read: (stream, after) => stream.startsWith("view/") ? Stream.empty : log.read(stream, after)
      }))
  },
  {
    law: "K2 a skip that was withdrawn",
    how: "a withdrawal is not heard",
    break: (world) =>
      seeing(world, (log) => ({
        ...log,
        follow: (after, options) =>
          Stream.map(log.follow(after, options), (events) => events.filter(({ type }) => type !== "view.SkipWithdrawn"))
      }))
  },
  {
    law: "S2 only the event",
    how: "whatever is named is recorded as skipped",
    break: (world) => with_(world, () => ({ skip: (_view, _position, record) => record }))
  },
  {
    law: "S1 what does not stand still",
    how: "whoever is told to go on is said to do so",
    break: (world) => with_(world, () => ({ resume: () => Effect.succeed(1) }))
  },
  {
    law: "W2 an event that cannot be lifted",
    how: "what cannot be lifted is left out",
    break: (world) =>
      seeing(world, (log) => ({
        ...log,
        readAll: (after, options) => Stream.filter(log.readAll(after, options), ({ type }) => type !== "tea.Poured"),
        follow: (after, options) =>
          Stream.map(log.follow(after, options), (events) => events.filter(({ type }) => type !== "tea.Poured"))
      }))
  }
]
