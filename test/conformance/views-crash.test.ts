/** Views killed with SIGKILL while they follow the log and are built anew: every event is in them once, and nothing is left behind. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { UserRegistered } from "@vivim/event-schemas/user/index"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Views from "@vivim/projection/Views"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { cups, cupsView } from "./Cups.ts"
import { all, event, type Store } from "./Events.ts"
import { expectedPots, readPots } from "./Pots.ts"
import { noServer, temporaryFolder } from "./ServerPostgres.ts"
import { onServer } from "./StoresOnServer.ts"
import { Filled, Poured } from "./Tea.ts"
import { cipher, node } from "./ViewChild.ts"
import { Everything } from "./ViewWorld.ts"

const people = ["did:key:zAda", "did:key:zBo", "did:key:zCy"] as const
/** When each one dies, in milliseconds after it began: at once, in its first rebuild, in a later one. */
const lives = [0, 15, 40, 90, 200, 350, 600, 900]

const state = (log: Store, stream: string, owner: string, facts: ReadonlyArray<object>) =>
  Effect.gen(function*() {
    const events = yield* Effect.forEach(facts, (fact) => {
      const { private: plain, ...written } = Everything.encode(fact as never)
      const header = event({ ...written, owner })
      return Effect.map(
        EventSeal.seal(cipher, { ...header, stream }, plain),
        (sealed) => ({ ...header, private: sealed })
      )
    })
    yield* log.append(stream, "any", events as never)
  })

/** A few cups for everybody. */
const pour = (log: Store, round: number) =>
  Effect.forEach(people, (did, n) =>
    state(log, `tea/${did}`, did, [
      ...round % 4 === n ? [Filled({ owner: did as never, leaf: "sencha" })] : [],
      ...Array.from({ length: 5 }, (_, cup) => Poured({ note: `cup ${cup}` }))
    ]), { discard: true })

const started = (url: Redacted.Redacted<string>, folder: string) =>
  Effect.acquireRelease(
    Effect.async<ChildProcess>((resume) => {
      const child = spawn(process.execPath, [
        "--import",
        "tsx",
        path.join(import.meta.dirname, "ViewChild.ts"),
        Redacted.value(url),
        folder
      ], { stdio: ["ignore", "pipe", "inherit"] })
      child.stdout.once("data", () => resume(Effect.succeed(child)))
      child.once("exit", (code) => resume(Effect.dieMessage(`it ended by itself: ${code}`)))
    }),
    (child) =>
      Effect.async<void>((resume) => {
        if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.kill("SIGKILL")
      })
  )

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("views killed with SIGKILL", () => {
  const test = onServer()

  test("W1 V2 R1 at any moment hold every event once", (url) =>
    Effect.gen(function*() {
      const log = Context.get(yield* Layer.build(PostgresEventStore.layer({ url })), EventStore)
      const folder = yield* temporaryFolder
      for (const did of people) {
        yield* state(log, `user/${did}`, did, [
          UserRegistered({ userId: did, handle: "ada", displayName: "A" } as never)
        ])
      }
      let rounds = 0
      for (const life of lives) {
        yield* Effect.scoped(Effect.gen(function*() {
          const child = yield* started(url, folder)
          const feeding = yield* Effect.forkScoped(Effect.forever(Effect.suspend(() => pour(log, rounds++))))
          yield* Effect.sleep(life)
          yield* feeding.interruptAsFork(feeding.id())
          assert.isNull(
            child.exitCode,
            "it ended by itself: what was killed before it left something it cannot go on from"
          )
        }))
      }
      const ground = yield* Layer.build(node(url, folder))
      const [views, files, sql] = [
        Context.get(ground, Views.Views),
        Context.get(ground, UserDatabases),
        Context.get(ground, SqlClient.SqlClient)
      ]
      const events = yield* all(log.readAll(0))
      assert.isAbove(events.length, 50)
      yield* views.waitFor(events.length)
      assert.deepStrictEqual(yield* readPots(sql), expectedPots(events))
      for (const did of people) {
        const poured = events.filter(({ stream, type }) => type === "tea.Poured" && stream === `tea/${did}`).length / 5
        const rows = yield* files.read(did, cupsView(), cups)
        assert.deepStrictEqual(rows, Object.fromEntries([0, 1, 2, 3, 4].map((cup) => [`cup ${cup}`, poured])))
      }
      for (const view of views.names) yield* views.rebuild(view, () => Effect.void)!
      for (const { differences } of yield* views.compare(() => Effect.void)) assert.deepStrictEqual(differences, [])
      const left = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
        file.includes(".next.")
      )
      assert.deepStrictEqual(left, [], "nothing half built is left")
      const schemas = yield* sql`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'registry_pots_%'`
      assert.lengthOf(schemas, 1)
    }), 240_000)
})
