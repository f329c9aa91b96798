/**
 * Which process of a node this is: an id in its data folder, for whatever belongs to one process (its users' files, its uploads).
 *
 * Z1  A data folder gives the same id at every start.
 * Z2  Two processes never work in one data folder; the second is told to take another.
 */
import { Siblings } from "@vivim/event-store/Siblings"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomUUID } from "node:crypto"
import * as fs from "node:fs"
import type { Folders } from "./Folders.ts"

export class ProcessPlace extends Context.Tag("@vivim/node/ProcessPlace")<ProcessPlace, {
  /** Null for a node of one process: nothing needs to be told apart. */
  readonly id: string | null
}>() {}

/** The folder is another process's; `message` is one sentence that says what to do. */
export class PlaceTaken extends Data.TaggedError("PlaceTaken")<{ readonly message: string }> {}

const idOf = ({ processId }: Pick<Folders, "processId">): Effect.Effect<string> =>
  Effect.sync(() => {
    if (!fs.existsSync(processId)) {
      const fresh = `${processId}.${randomUUID()}.new`
      fs.writeFileSync(fresh, `${randomUUID()}\n`, { mode: 0o600, flag: "wx", flush: true })
      fs.renameSync(fresh, processId)
    }
    return fs.readFileSync(processId, "utf8").trim()
  })

/** Long enough for the database to notice that an earlier process of this folder was killed. */
const Patience = "15 seconds"

/** Takes the place for as long as the scope; a copy of a folder is the same place. */
const take = Effect.fn("ProcessPlace.take")(function*(at: Pick<Folders, "processId" | "root">) {
  const id = yield* idOf(at)
  const siblings = yield* Siblings
  const mine = yield* Deferred.make<void>()
  yield* Effect.forkScoped(
    siblings.oneAtATime(`process ${id}`, Effect.zipRight(Deferred.succeed(mine, undefined), Effect.never))
  )
  yield* Deferred.await(mine).pipe(Effect.timeoutFail({
    duration: Patience,
    onTimeout: () =>
      new PlaceTaken({
        message: `Another process of this node works in ${at.root}, or in a copy of it: ` +
          "give each process a VIVIM_DATA_DIR of its own (and all of them one VIVIM_KEYS_DIR)."
      })
  }))
  return id
})

export const layer = (
  at: Pick<Folders, "processId" | "root">,
  isAlone: boolean
): Layer.Layer<ProcessPlace, PlaceTaken> =>
  Layer.scoped(ProcessPlace, isAlone ? Effect.succeed({ id: null }) : Effect.map(take(at), (id) => ({ id })))
