/** What happens to an archive: files that are gone, cut off or altered, markers that were, and archivists killed at work. */
import { SegmentDamaged } from "@vivim/event-store/EventStoreError"
import * as PostgresArchive from "@vivim/event-store/PostgresArchive"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { archiving, fill, groundIn, markers, plain, world } from "./ArchivedStores.ts"
import { all } from "./Events.ts"
import { run } from "./Law.ts"
import { noServer, temporaryFolder } from "./ServerPostgres.ts"
import { eventually, onServer, open, operator, type Url } from "./StoresOnServer.ts"

const quiet = () => Effect.void

const kill = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

/** A process that archives and restores all the time (ArchiveChild.ts), until the scope ends it by force. */
const archivist = (url: Url, folder: string) =>
  Effect.acquireRelease(
    Effect.async<ChildProcess>((resume) => {
      const file = path.join(import.meta.dirname, "ArchiveChild.ts")
      const child = spawn(process.execPath, ["--import", "tsx", file, Redacted.value(url), folder], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      child.stdout.once("data", () => resume(Effect.succeed(child)))
      child.once("exit", (code) => resume(Effect.dieMessage(`it ended by itself: ${code}`)))
    }),
    kill
  )

/** When each one dies, in milliseconds after its first segment. */
const lives = [0, 5, 15, 40, 100, 250]

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("an archive that is harmed", () => {
  const test = onServer()

  test("V2 a segment that is gone, cut off or altered is named; what lies before it is read", (url) =>
    Effect.gen(function*() {
      const { folder, ground, store } = yield* world(url)
      yield* fill(store, 24)
      const log = yield* all(store.readAll(0))
      const made = yield* PostgresArchive.archive(ground, archiving())
      const { first, name } = made[3]!
      const file = path.join(folder, name)
      const whole = fs.readFileSync(file)
      const flipped = (at: number) => whole.map((byte, n) => n === at ? byte ^ 1 : byte)
      const harm: ReadonlyArray<readonly [RegExp, () => void]> = [
        [/is missing/, () => fs.rmSync(file)],
        [/is cut off/, () => fs.writeFileSync(file, whole.subarray(0, -10))],
        [/was altered: its index/, () => fs.writeFileSync(file, flipped(whole.length - 5))],
        [/was altered in positions 13 to 16/, () => fs.writeFileSync(file, flipped(40))],
        [/was altered/, () => fs.copyFileSync(path.join(folder, made[2]!.name), file)],
        [/cannot be used/, () => (fs.rmSync(file), fs.mkdirSync(file))]
      ]
      for (const [said, harming] of harm) {
        harming()
        const fresh = yield* open(url, { segments: ground.segments })
        const read: Array<number> = []
        const error = yield* Effect.flip(
          Stream.runForEach(fresh.readAll(0), ({ position }) => Effect.sync(() => read.push(position)))
        )
        assert.deepStrictEqual(read, run(1, first - 1))
        assert.strictEqual(error._tag, "EventStoreError")
        assert.match(error.message, said)
        assert.include(error.message, name)
        assert.deepInclude(error.cause, { _tag: "SegmentDamaged", first: 13, last: 16, position: 13 })
        assert.instanceOf(
          yield* Effect.map(Effect.flip(all(fresh.read(log[12]!.stream))), ({ cause }) => cause),
          SegmentDamaged
        )
        assert.match((yield* Effect.flip(all(Stream.flattenIterables(fresh.follow(0))))).message, said)
        fs.rmSync(file, { recursive: true, force: true })
        fs.writeFileSync(file, whole)
      }
      assert.deepStrictEqual(plain(yield* all(store.readAll(0))), plain(log))
    }))

  test("W5 a damaged segment is told when it is looked at, and nothing is restored out of it", (url) =>
    Effect.gen(function*() {
      const { folder, ground, store } = yield* world(url)
      yield* fill(store, 24)
      const made = yield* PostgresArchive.archive(ground, archiving())
      const { first, name } = made[3]!
      const file = path.join(folder, name)
      const whole = fs.readFileSync(file)
      const session = yield* operator(url)
      for (const harmed of [null, whole.subarray(0, -1), whole.map((byte, n) => n === 40 ? byte ^ 1 : byte)]) {
        if (harmed === null) fs.rmSync(file)
        else fs.writeFileSync(file, harmed)
        const refused = yield* Effect.flip(PostgresArchive.restore(ground, first, quiet))
        assert.include(refused.message, name)
        assert.strictEqual((yield* session.ask({ text: markers }))[0]![0], 24)
      }
      fs.truncateSync(file, whole.length - 1)
      const troubles = (yield* PostgresArchive.list(ground)).map(({ trouble }) => trouble)
      assert.deepStrictEqual(troubles.filter((trouble) => trouble !== null), [
        `it has ${whole.length - 1} bytes, and had ${whole.length} when it was written`
      ])
      fs.writeFileSync(file, whole)
      yield* PostgresArchive.restore(ground, first, quiet)
      assert.strictEqual((yield* session.ask({ text: markers }))[0]![0], 20)
    }))

  test("V2 a marker that says something else than its segment, and one without a segment, are told", (url) =>
    Effect.gen(function*() {
      const { ground, store } = yield* world(url)
      yield* fill(store, 8)
      yield* PostgresArchive.archive(ground, archiving())
      const session = yield* operator(url)
      const alter = (text: string) => session.ask({ text: `begin; set local vivim.archive = 'on'; ${text}; commit` })
      yield* alter("update event set owner = 'did:key:zEve' where position = 6")
      const other = yield* Effect.flip(all(store.readAll(4)))
      assert.match(
        other.message,
        /position 6 cannot be read.*events-000000000005-000000000008.*holds another event than the table/
      )
      yield* session.ask({ text: "delete from event_segment where first = 1" })
      const fresh = yield* open(url, { segments: ground.segments })
      assert.match(
        (yield* Effect.flip(all(fresh.readAll(0)))).message,
        /position 1 cannot be read.*not in the catalogue/
      )
      const without = yield* open(url)
      assert.match((yield* Effect.flip(all(without.readAll(4)))).message, /this process has no place of segments/)
    }))

  test("W2 killed with SIGKILL at any moment, nothing is lost, and the work goes on", (url) =>
    Effect.gen(function*() {
      const folder = yield* temporaryFolder
      const ground = yield* groundIn(url, folder)
      const store = yield* open(url, { segments: ground.segments })
      yield* fill(store, 64)
      const log = plain(yield* all(store.readAll(0)))
      let found = 0
      for (const life of lives) {
        yield* Effect.scoped(Effect.zipRight(archivist(url, folder), Effect.sleep(life)))
        assert.deepStrictEqual(plain(yield* all(store.readAll(0))), log, `after ${life} ms`)
        const segments = yield* PostgresArchive.list(ground)
        assert.deepStrictEqual(segments.filter(({ trouble }) => trouble !== null), [], `after ${life} ms`)
        found += segments.length
      }
      assert.isAbove(found, 0)
      // The server notices that the last one is gone, and lets go of its lock.
      yield* eventually(
        Effect.map(Effect.either(PostgresArchive.plan(ground, archiving())), ({ _tag }) => _tag === "Right")
      )
      yield* PostgresArchive.archive(ground, archiving())
      const session = yield* operator(url)
      assert.strictEqual((yield* session.ask({ text: markers }))[0]![0], 64)
      assert.deepStrictEqual(fs.readdirSync(folder).filter((name) => !name.endsWith(".writing")).length, 16)
      assert.deepStrictEqual(plain(yield* all(store.readAll(0))), log)
    }), 120_000)
})
