/**
 * Archives and restores a log all the time, until it is killed: `tsx ArchiveChild.ts <database> <folder>`. It says when
 * each segment is done.
 */
import * as PostgresArchive from "@vivim/event-store/PostgresArchive"
import * as SegmentFolder from "@vivim/event-store/SegmentFolder"
import { SegmentStore } from "@vivim/event-store/SegmentStore"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"

const [url = "", folder = ""] = process.argv.slice(2)
const quiet = () => Effect.void
const say = () => Effect.sync(() => void process.stdout.write("done\n"))

const work = Effect.gen(function*() {
  const ground = { url: Redacted.make(url), segments: yield* SegmentStore }
  const round = Effect.gen(function*() {
    const bound = { position: Infinity }
    yield* PostgresArchive.archive(ground, {
      bound,
      limits: { eventsMax: 4, bytesMax: 1 << 20 },
      vouch: quiet,
      report: say
    })
    for (const { first } of yield* PostgresArchive.list(ground)) {
      if (first % 3 === 0) yield* PostgresArchive.restore(ground, first, quiet)
    }
  })
  // The one before may just have been killed: the server lets go of its lock when it notices.
  return yield* Effect.forever(Effect.retry(round, Schedule.spaced("5 millis")))
})

await Effect.runPromise(Effect.provide(work, SegmentFolder.layer(folder)))
