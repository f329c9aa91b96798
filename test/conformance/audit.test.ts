/** The audit against whoever can write to the database: every kind of tampering with a real log is found, and the first place named. */
import { EventStore } from "@vivim/event-store/EventStore"
import { audit } from "@vivim/node/Audit"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assert, describe } from "vitest"
import { events } from "./Events.ts"
import { noServer } from "./ServerPostgres.ts"
import { onServer, open, operator } from "./StoresOnServer.ts"

/** Twelve events in three streams that take turns. */
const fill = (store: EventStore["Type"]) =>
  Effect.forEach(
    [0, 1, 2, 3],
    (round) => Effect.forEach(["tea/1", "tea/2", "tea/3"], (stream) => store.append(stream, round, events(1)))
  )

const reportOf = (store: EventStore["Type"]) =>
  Stream.runLast(audit).pipe(
    Effect.map((last) => last._tag === "Some" && "sound" in last.value ? last.value : assert.fail("no report")),
    Effect.provideService(EventStore, store)
  )

const move = (from: number, to: number) => [
  `update event set position = -1 where position = ${from}`,
  `update event set position = ${from} where position = ${to}`,
  `update event set position = ${to} where position = -1`
]

/** What is done to the rows, and the position the audit must name. */
const tampering: Readonly<Record<string, readonly [ReadonlyArray<string>, number]>> = {
  "a private part altered": [["update event set private = private || '\\x00' where position = 5"], 5],
  "a routing part altered": [["update event set routing = '\\x01' where position = 7"], 7],
  "another owner": [["update event set owner = 'did:key:zEve' where position = 2"], 2],
  "another time": [["update event set at = at + 1 where position = 9"], 9],
  "a hash made to fit": [["update event set private = '\\x', hash = sha256('x') where position = 4"], 4],
  "a row removed": [["delete from event where position = 6"], 6],
  "the last row removed": [["delete from event where position = 12"], 12],
  "two rows of one stream exchanged": [move(1, 4), 1],
  "two rows of two streams exchanged": [move(1, 5), 1],
  "a row put in at the end": [[
    `insert into event select 13, 9, at, seq, gen_random_uuid(), schema_version, stream, type, owner, hash, sha256('y'), meta, routing,
       private, log from event where position = 12`,
    "update log set last_position = 13"
  ], 13]
}

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the audit", () => {
  const test = onServer()

  test("U1 a sound log is found sound, and its digest is that of the log alone", (url) =>
    Effect.gen(function*() {
      const store = yield* open(url)
      assert.isTrue((yield* reportOf(store)).sound, "an empty log")
      yield* fill(store)
      const report = yield* reportOf(store)
      assert.deepInclude({ ...report }, { sound: true, events: 12, streams: 3, firstBad: null })
      assert.strictEqual((yield* reportOf(yield* open(url))).head.digest, report.head.digest)
    }))

  for (const [what, [statements, position]] of Object.entries(tampering)) {
    test(`U2 ${what} is found`, (url) =>
      Effect.gen(function*() {
        const store = yield* open(url)
        yield* fill(store)
        const session = yield* operator(url)
        yield* session.ask({ text: "alter table event disable trigger event_guard" })
        yield* session.ask({ text: "alter table event drop constraint event_place" })
        for (const text of statements) yield* session.ask({ text })
        const report = yield* reportOf(store)
        assert.isFalse(report.sound)
        assert.strictEqual(report.firstBad?.position, position, report.firstBad?.problem)
      }))
  }
})
