/** Siblings on one PostgreSQL: work that only one process may do is held by a lock of its session, which ends with the process. */
import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { Siblings } from "./Siblings.ts"

/** Of the database's advisory locks, those of this file. */
const LockSpace = 7305

/** How often who waits looks again: soon at first, for much is soon done, and then seldom, for some is held as long as a process lives. */
const again = Schedule.jittered(Schedule.union(Schedule.exponential("100 millis"), Schedule.spaced("2 seconds")))

/** One session for all locks of this process: it takes no connection from the pool per lock, and a lost one is opened anew. */
const session = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const outer = yield* Effect.scope
  const turn = Effect.unsafeMakeSemaphore(1)
  let open: { readonly connection: Connection; readonly scope: Scope.CloseableScope } | null = null
  const opened = Effect.gen(function*() {
    if (open !== null) return open.connection
    const scope = yield* Scope.fork(outer, ExecutionStrategy.sequential)
    const connection = yield* Scope.extend(sql.reserve, scope)
    open = { connection, scope }
    return connection
  })
  const broken = Effect.suspend(() => {
    const last = open
    open = null
    return last === null ? Effect.void : Scope.close(last.scope, Exit.void)
  })
  return (text: string, params: ReadonlyArray<unknown>): Effect.Effect<ReadonlyArray<any>, SqlError> =>
    turn.withPermits(1)(
      Effect.uninterruptible(
        opened.pipe(
          Effect.flatMap((connection) => connection.executeUnprepared(text, params, undefined)),
          Effect.tapError(() => broken)
        )
      )
    )
})

export const layer: Layer.Layer<never, never, SqlClient.SqlClient> = Layer.scoped(
  Siblings,
  Effect.map(session, (ask) => ({
    present: true,
    oneAtATime: (name, work) => {
      const take = ask("SELECT pg_try_advisory_lock($1, hashtext($2)) AS mine", [LockSpace, name]).pipe(
        Effect.orElseSucceed(() => []),
        Effect.map(([row]) => row?.mine === true),
        Effect.repeat({ until: (mine) => mine, schedule: again })
      )
      const release = ask("SELECT pg_advisory_unlock($1, hashtext($2))", [LockSpace, name]).pipe(Effect.ignore)
      return Effect.acquireUseRelease(Effect.interruptible(take), () => work, () => release)
    }
  }))
) as Layer.Layer<never, never, SqlClient.SqlClient>
