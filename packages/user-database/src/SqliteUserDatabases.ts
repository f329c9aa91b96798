/** Users' databases as files in a directory. The options are switches of the node: see effect.config.ts. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import type { FileKeys } from "./FileKeys.ts"
import * as FileShelf from "./FileShelf.ts"
import * as SealedSqlite from "./SealedSqlite.ts"
import * as Upkeep from "./Upkeep.ts"
import { UserDatabaseError } from "./UserDatabaseError.ts"
import { UserDatabases } from "./UserDatabases.ts"
import type { UserView } from "./UserView.ts"

export interface Options {
  /** Holds nothing but users' files. Made when it is not there. */
  readonly directory: string
  readonly views: ReadonlyArray<UserView>
  /** What the files are sealed with; without it they lie open. */
  readonly keys?: FileKeys
  /** Files kept open at a time; each takes three descriptors and some hundred KiB. */
  readonly openMax?: number
  /** A file unused for so long is closed. */
  readonly idleMax?: Duration.DurationInput
}

export const layer = (options: Options): Layer.Layer<UserDatabases, UserDatabaseError> =>
  Layer.scoped(
    UserDatabases,
    Effect.gen(function*() {
      const shelf = yield* FileShelf.make(options.directory, options.openMax ?? 64)
      if (options.keys !== undefined) yield* sealAll(options.directory, options.keys)
      const idleMax = Duration.toMillis(options.idleMax ?? "1 minute")
      yield* Clock.currentTimeMillis.pipe(
        Effect.flatMap((now) => Effect.sync(() => shelf.closeIdle(now - idleMax))),
        Effect.catchAllCause((cause) => Effect.logWarning("an idle user database could not be closed", cause)),
        Effect.schedule(Schedule.spaced(Duration.millis(Math.max(10, idleMax / 4)))),
        Effect.forkScoped
      )
      return yield* Upkeep.make(Effect.succeed(shelf), options.views, options.keys)
    })
  )

/**
 * What an older build left lying open is sealed before anybody is served. What was set aside or half built goes, and so does a file
 * whose owner's keys are not here: it is built anew from the log when they come.
 */
const sealAll = (directory: string, keys: FileKeys): Effect.Effect<void, UserDatabaseError> =>
  Effect.forEach(FileShelf.lyingOpen(directory), ({ did, file, view }) =>
    keys.of(did, view).pipe(
      Effect.map(([key]) => file.endsWith(".sqlite") && !file.endsWith(".next.sqlite") ? key : null),
      Effect.catchTag("UserLocked", () => Effect.succeed(null)),
      Effect.flatMap((key) =>
        Effect.try({
          try: () => key === null ? FileShelf.remove(file) : SealedSqlite.seal(file, key),
          catch: (cause) => new UserDatabaseError({ doing: `seal ${file}`, cause })
        })
      )
    ), { discard: true })
