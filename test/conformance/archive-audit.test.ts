/** What the audit says for, and of, an archived log. */
import { AuditLog } from "@vivim/audit/AuditLog"
import * as PostgresArchive from "@vivim/event-store/PostgresArchive"
import { witness } from "@vivim/node/ArchiveWitness"
import { audit } from "@vivim/node/Audit"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { archiving, groundIn } from "./ArchivedStores.ts"
import { type Audited, fill, liftGuards, reportOf, rewrite, start } from "./AuditWorld.ts"
import { all, type Store } from "./Events.ts"
import { noServer, temporaryFolder } from "./ServerPostgres.ts"
import { onServer, open, operator, type Url } from "./StoresOnServer.ts"

const vouched = ({ log }: Audited, ground: PostgresArchive.Ground) =>
  Effect.flatMap(
    Effect.provideService(witness, AuditLog, log),
    ({ number, vouch }) =>
      Effect.map(PostgresArchive.archive(ground, archiving({ vouch })), (made) => ({ made, number }))
  )

const world = (url: Url) =>
  Effect.gen(function*() {
    const folder = yield* temporaryFolder
    const segments = path.join(folder, "segments")
    const ground = yield* groundIn(url, segments)
    const { log } = yield* start(url, folder)
    const store: Store = yield* open(url, { segments: ground.segments })
    const audited: Audited = { log, store }
    yield* fill(audited)
    return { audited, folder: segments, ground, session: yield* operator(url) }
  })

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the audit of an archived log", () => {
  const test = onServer()

  test("Y1 every range is vouched for by the head over the whole log, and the log is sound then", (url) =>
    Effect.gen(function*() {
      const { audited, ground } = yield* world(url)
      const { made, number } = yield* vouched(audited, ground)
      assert.deepStrictEqual(made.map(({ first }) => first), [1, 5, 9])
      assert.strictEqual(number, (yield* audited.log.store.newestHead)!.number)
      assert.deepInclude(yield* reportOf(audited, audit), { sound: true, events: 12 })
    }))

  test("Y1 a range at the end of a tree of any size is vouched for, and none other passes for it", (url) =>
    Effect.gen(function*() {
      const { audited } = yield* world(url)
      const { vouch } = yield* Effect.provideService(witness, AuditLog, audited.log)
      const hashes = (yield* all(audited.store.readAll(0))).map(({ hash }) => hash)
      for (const size of [1, 2, 4, 8]) {
        for (let first = 1; first + size - 1 <= 12; first += size) {
          const range = hashes.slice(first - 1, first - 1 + size)
          yield* vouch(first, range)
          const others = [range.toReversed(), range.with(0, range[0]!.map((byte) => byte ^ 1))]
          for (const other of size === 1 ? others.slice(1) : others) {
            assert.match(
              (yield* Effect.flip(vouch(first, other))).message,
              /are not those that head \d was signed over/
            )
          }
          const elsewhere = first === 1 ? first + size : first - size
          if (elsewhere + size - 1 <= 12) yield* Effect.flip(vouch(elsewhere, range))
        }
      }
    }))

  test("Y2 what was rewritten together with its leaf does not leave the table, nor what no head covers", (url) =>
    Effect.gen(function*() {
      const { audited, ground, session } = yield* world(url)
      yield* liftGuards(session)
      yield* rewrite(audited.store, session, 6, (event) => ({ ...event, routing: Buffer.from("other") }))
      assert.match(
        (yield* Effect.flip(vouched(audited, ground))).message,
        /the events 5 to 8 are not those|cannot prove/
      )
      const segments = yield* session.ask({ text: "select first from event_segment order by first" })
      assert.deepStrictEqual(segments, [[1]])
      const { vouch } = yield* Effect.provideService(witness, AuditLog, audited.log)
      const hashes = Array.from({ length: 4 }, () => Buffer.alloc(32))
      assert.match((yield* Effect.flip(vouch(13, hashes))).message, /says nothing of 13 to 16/)
      assert.match((yield* Effect.flip(vouch(3, hashes))).message, /says nothing of 3 to 6/)
    }))

  test("U6 a segment that cannot be read is the first bad event, by its name", (url) =>
    Effect.gen(function*() {
      const { audited, folder, ground } = yield* world(url)
      const { made } = yield* vouched(audited, ground)
      fs.truncateSync(path.join(folder, made[1]!.name), 50)
      const report = yield* reportOf(audited, audit)
      assert.isFalse(report.sound)
      assert.deepInclude(report.firstBad, { what: "event", position: 5 })
      assert.include(report.firstBad!.problem, made[1]!.name)
    }))
})
