/** A process killed at every step of its way, in a process of its own on real PostgreSQL: each command has effect once, none is lost. */
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type ChildProcess, spawn } from "node:child_process"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { atExit } from "../e2e/AtExit.ts"
import { all, event, newId, type Store } from "./Events.ts"
import { metaOf } from "./Kettles.ts"
import { noServer } from "./ServerPostgres.ts"
import { onServer, operator } from "./StoresOnServer.ts"
import { Filled, TeaEvents } from "./Tea.ts"

const cipher = fromMasterKey(new Uint8Array(32).fill(7))
const ada = "did:key:zAda"

/** Starts a process and answers when it came to a place. */
const run = (url: Redacted.Redacted<string>, halt: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const file = path.join(import.meta.dirname, "ProcessChild.ts")
      const child = spawn(process.execPath, ["--import", "tsx", file, Redacted.value(url), halt], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      child.once("exit", atExit(() => child.kill("SIGKILL")))
      const said: Array<string> = []
      child.stdout.on("data", (chunk) => said.push(...String(chunk).split("\n").filter((line) => line !== "")))
      return { child, said }
    }),
    ({ child }) => killed(child)
  )

const killed = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

const until = (what: () => Effect.Effect<boolean, unknown>, said: () => ReadonlyArray<string>) =>
  Effect.repeat(Effect.delay(Effect.suspend(what), 10), { until: (yes) => yes }).pipe(
    Effect.timeoutFail({
      duration: "90 seconds",
      onTimeout: () => new Error(`it came no further than ${said().join()}`)
    })
  )

const fill = (log: Store, pot: string) =>
  Effect.gen(function*() {
    const { private: plain, ...written } = TeaEvents.encode(Filled({ owner: ada as never, leaf: "sencha" }))
    const id = newId()
    const meta = metaOf(id as never)
    const header = event({ ...written, id, meta, owner: ada, at: yield* Clock.currentTimeMillis })
    const sealed = yield* EventSeal.seal(cipher, { ...header, stream: `tea/${pot}` }, plain)
    yield* log.append(`tea/${pot}`, 0, [{ ...header, private: sealed }])
  })

/** How many cups each pot has given. */
const cups = (log: Store, pots: ReadonlyArray<string>) =>
  Effect.forEach(
    pots,
    (pot) =>
      Effect.map(all(log.read(`tea/${pot}`)), (events) => events.filter(({ type }) => type === "tea.Poured").length)
  )

/** Before and after each of the three things that are kept: the decision, what the command left, the end of the step. */
const places = ["before decision", "after decision", "accepted first", "claimed timer", "accepted second"]

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("a process killed with SIGKILL", () => {
  const test = onServer()

  test("at every step of its way in turn asks everything once, and nothing is left", (url) =>
    Effect.gen(function*() {
      const log = Context.get(yield* Layer.build(PostgresEventStore.layer({ url })), EventStore)
      const database = yield* operator(url)
      const pots: Array<string> = []
      for (const place of places) {
        const pot = `p${pots.length}`
        yield* fill(log, pot)
        pots.push(pot)
        yield* Effect.scoped(Effect.gen(function*() {
          const { said } = yield* run(url, place)
          yield* until(() => Effect.sync(() => said.includes(place)), () => [place, ...said])
        }))
      }
      yield* Effect.scoped(Effect.gen(function*() {
        const { said } = yield* run(url, "nowhere")
        yield* until(() => Effect.map(cups(log, pots), (all) => all.every((count) => count === 2)), () => said)
        // A step that has not ended is asked once more by who comes next, and rightly: what is looked at here is that none is left.
        const left = Effect.map(database.ask({ text: "select count(*) from process_step" }), ([row]) => row![0])
        yield* until(() => Effect.map(left, (steps) => steps === 0), () => said)
      }))
      assert.deepStrictEqual(yield* cups(log, pots), pots.map(() => 2))
      yield* Effect.scoped(Effect.gen(function*() {
        const { said } = yield* run(url, "nowhere")
        const next = "last"
        yield* fill(log, next)
        const accepted = () => said.filter((line) => line.startsWith("accepted")).length
        yield* until(() => Effect.map(cups(log, [next]), ([count]) => count === 2), () => said)
        // The log may be read before the process has said what it did.
        yield* until(() => Effect.sync(() => accepted() >= 2), () => said)
        yield* Effect.sleep(300)
        assert.strictEqual(accepted(), 2, "nothing of before is asked again")
      }))
    }), 300_000)
})
