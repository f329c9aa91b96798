/**
 * Puts each fact into its owner's own file, and keeps one owner's trouble from the others: whoever cannot go on is left behind,
 * at an event that is named.
 */
import * as FileFault from "@vivim/user-database/FileFault"
import type { EventNotApplied, FileDamaged, NoSuchUser } from "@vivim/user-database/UserDatabaseError"
import { UserDatabaseError, UserLocked } from "@vivim/user-database/UserDatabaseError"
import type { Applied, UserDatabases } from "@vivim/user-database/UserDatabases"
import type { UserView } from "@vivim/user-database/UserView"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Fact } from "./Fact.ts"
import type { Politeness } from "./Politeness.ts"
import { ViewFailure } from "./View.ts"

export type Files = Context.Tag.Service<UserDatabases>

/** What keeps one file from going on. */
export interface Trouble {
  readonly fact: Fact<any>
  readonly cause: EventNotApplied | FileDamaged | UserLocked | UserDatabaseError
}

/** Where facts go, and what becomes of those that cannot go there. */
export interface Way {
  readonly files: Files
  readonly view: UserView
  readonly into: "next" | "serving"
  /** True where accounts open and close as the facts say so; else somebody else sees to that. */
  readonly isLive: (fact: Fact<any>) => boolean
  /** Called before a file is first written to. */
  readonly ready: (did: string) => Effect.Effect<void, ViewFailure>
  /** Files that are left behind take nothing. */
  readonly isBehind: (did: string) => Effect.Effect<boolean>
  readonly stumble: (did: string, trouble: Trouble) => Effect.Effect<void, ViewFailure>
  /** The account has closed. */
  readonly gone: (did: string) => Effect.Effect<void, ViewFailure>
  /** How much is put in at once, and who is let in between. */
  readonly politeness: Politeness
}

/** A fact that could not be read stops whoever needs it. */
export const reading = (view: UserView): UserView => ({
  ...view,
  apply: (db, fact) => {
    const { broken } = fact as Fact<any>
    if (broken !== undefined) throw broken.cause
    view.apply(db, fact)
  },
  touches: (fact) => (fact as Fact<any>).broken === undefined ? view.touches(fact) : []
})

/** Each owner's facts in order, cut where the account opens or closes. Answers the touched keys. */
export const apply = (way: Way, facts: ReadonlyArray<Fact<any>>): Effect.Effect<ReadonlyArray<string>, ViewFailure> => {
  const byOwner = new Map<string, Array<Fact<any>>>()
  for (const fact of facts) {
    const own = byOwner.get(fact.owner)
    if (own === undefined) byOwner.set(fact.owner, [fact])
    else own.push(fact)
  }
  return Effect.map(
    Effect.forEach(byOwner, ([did, own]) => applyTo(way, did, own)),
    (touched) => touched.flat()
  )
}

const weather = ({ view }: Way, position: number) =>
  Effect.mapError((cause: unknown) => new ViewFailure({ view: view.name, position, cause }))

const applyTo = Effect.fnUntraced(function*(way: Way, did: string, facts: ReadonlyArray<Fact<any>>) {
  const touched: Array<string> = []
  let behind = yield* way.isBehind(did)
  yield* way.ready(did)
  let pending: Array<Fact<any>> = []
  const flush = Effect.suspend(() => {
    const batch = pending
    pending = []
    return batch.length === 0 || behind ? Effect.void : Effect.map(put(way, did, batch), (applied) => {
      touched.push(...applied.touched)
      behind = applied.behind
    })
  })
  const wait = (fact: Fact<any>, cause: UserLocked) =>
    behind ? Effect.void : Effect.map(way.stumble(did, { fact, cause }), () => void (behind = true))
  for (const fact of facts) {
    // What is sealed waits for its owner; that the account closes needs no key.
    if (fact.locked === true && fact.event._tag !== "user.UserDeleted") {
      yield* flush
      yield* wait(fact, new UserLocked({ did }))
      continue
    }
    if (fact.event._tag === "user.UserRegistered" && way.isLive(fact)) {
      yield* flush
      if (!behind) {
        yield* way.files.create(did).pipe(
          Effect.catchTag("UserLocked", (cause) => wait(fact, cause)),
          weather(way, fact.position)
        )
      }
    }
    pending.push(fact)
    if (fact.event._tag === "user.UserDeleted" && way.isLive(fact)) {
      touched.push(...way.view.touches(fact))
      pending = []
      yield* weather(way, fact.position)(way.files.delete(did))
      yield* way.gone(did)
      behind = false
    }
  }
  yield* flush
  return touched
})

interface Put {
  readonly touched: ReadonlyArray<string>
  readonly behind: boolean
}

/** Facts into one file, piece by piece: taking them in holds the process. */
const put = Effect.fnUntraced(function*(way: Way, did: string, facts: ReadonlyArray<Fact<any>>) {
  const { politeness } = way
  const touched: Array<string> = []
  for (let from = 0; from < facts.length;) {
    const piece = facts.slice(from, from + politeness.piece())
    from += piece.length
    const since = yield* Clock.currentTimeNanos
    const applied = yield* putPiece(way, did, piece)
    politeness.took(piece.length, Number((yield* Clock.currentTimeNanos) - since) / 1e6)
    touched.push(...applied.touched)
    yield* politeness.yield
    if (applied.behind) return { touched, behind: true } satisfies Put
  }
  return { touched, behind: false } satisfies Put
})

/** One piece, one transaction. What lies before an event that cannot be taken is taken. */
const putPiece = (way: Way, did: string, batch: ReadonlyArray<Fact<any>>): Effect.Effect<Put, ViewFailure> =>
  way.files.apply(did, way.view, batch, way.into).pipe(
    Effect.map(({ touched }: Applied): Put => ({ touched, behind: false })),
    Effect.catchAll((cause: NoSuchUser | Trouble["cause"]): Effect.Effect<Put, ViewFailure> => {
      // Events of someone who has no account here, or no longer: nobody can read them.
      if (cause._tag === "NoSuchUser") return Effect.succeed({ touched: [], behind: false })
      if (isEverybodys(cause)) return new ViewFailure({ view: way.view.name, position: batch[0]!.position, cause })
      const at = cause._tag === "EventNotApplied" ? batch.findIndex(({ position }) => position === cause.position) : 0
      const stumble = Effect.as(way.stumble(did, { fact: batch[at]!, cause }), { touched: [], behind: true })
      return at === 0
        ? stumble
        : Effect.flatMap(
          put(way, did, batch.slice(0, at)),
          (before) => before.behind ? Effect.succeed(before) : Effect.map(stumble, () => ({ ...before, behind: true }))
        )
    })
  )

/** A full disk, or a build whose tables are not those of its version, is no one file's trouble. */
export const isEverybodys = (cause: unknown): boolean =>
  cause instanceof UserDatabaseError && (FileFault.isScarce(cause.cause) || !FileFault.isWeather(cause.cause))
