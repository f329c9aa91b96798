/** A process that says when its store is open, then makes one large append, and says what it was told: `tsx StoppedChild.ts <database> <event id>`. */
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { answer, event } from "../conformance/Events.ts"

const [url = "", id = ""] = process.argv.slice(2)
const say = (line: string) => Effect.sync(() => void process.stdout.write(`${line}\n`))

const work = Effect.gen(function*() {
  const store = yield* EventStore
  yield* store.append("tea/child", 0, [event()])
  yield* say("open")
  yield* Effect.async<void>((resume) => {
    process.stdin.once("data", () => resume(Effect.void))
  })
  yield* say(yield* answer(store.append("tea/child", 1, [event({ id, private: new Uint8Array(1_000_000) })])))
})

await Effect.runPromise(Effect.provide(work, PostgresEventStore.layer({ url: Redacted.make(url) })))
process.exit(0)
