/** The event stores that are measured, behind one face: ours, and Emmett's on PostgreSQL. */
import { EventStore, type NewEvent, type RecordedEvent } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import type * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"
import { peer } from "./Peers.ts"
import type { Watch } from "./ServerCost.ts"

/** What is asked of a store. A mark says how far the log was read; null is its beginning. */
export type Ask =
  | { readonly do: "append"; readonly stream: string; readonly expected: number; readonly count: number }
  | { readonly do: "readStream"; readonly stream: string }
  | { readonly do: "readAll"; readonly after: unknown; readonly count: number }

export interface Answer {
  /** Kept, or read; none when somebody else was faster. */
  readonly events: number
  /** Where the stream stands now, or the mark to go on from. */
  readonly at: unknown
}

/** What one writer does, turn by turn: it asks, is told, and answers how many events that made; none means that it asks again. */
export interface Work {
  readonly ask: () => Ask
  readonly heard: (answer: Answer) => number
}

export interface Contestant {
  readonly ask: (ask: Ask) => Promise<Answer>
  /** All at their work side by side, each in the way of whoever calls this store: ours in fibers, theirs in promises. */
  readonly work: (writers: ReadonlyArray<Work>, watch: Watch) => Promise<void>
  readonly close: () => Promise<void>
}

export type Open = (url: Redacted.Redacted<string>) => Promise<Contestant>

let serial = 0
const noise = randomBytes(4_096)
/** Letters, so that they weigh the same in JSON. */
const letters = randomBytes(4_096).toString("hex")

/** A UUIDv7 is time and chance; here the chance is a counter, which costs nothing to make. */
const eventId = (): string => {
  const time = Date.now().toString(16).padStart(12, "0")
  const count = (++serial).toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${count}`
}

/** About 700 bytes: what a message of a conversation weighs. */
const event = (): NewEvent => ({
  id: eventId(),
  type: "document.MessageAppended",
  schemaVersion: 1,
  owner: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
  at: Date.now(),
  meta: noise.subarray(serial % 1_000, serial % 1_000 + 150),
  routing: noise.subarray(serial % 1_000, serial % 1_000 + 60),
  private: noise.subarray(serial % 2_000, serial % 2_000 + 500)
})
export const events = (count: number) => Array.from({ length: count }, event) as [NewEvent, ...Array<NewEvent>]

/** The same weight as one JSON value: what Emmett keeps. */
const message = () => ({
  type: "MessageAppended",
  data: { at: Date.now(), id: eventId(), text: letters.slice(serial % 4_000, serial % 4_000 + 640) }
})

export const vivim: Open = async (url) => {
  const scope = Effect.runSync(Scope.make())
  const built = await Effect.runPromise(Scope.extend(Layer.build(PostgresEventStore.layer({ url })), scope))
  const answer = answerOf(Context.get(built, EventStore), scope)
  const work = ({ ask, heard }: Work, watch: Watch) =>
    Effect.gen(function*() {
      while (watch.isOpen()) {
        const from = performance.now()
        let events = 0
        while (events === 0) events = heard(yield* answer(ask()))
        watch.done(from, events)
      }
    })
  return {
    ask: (ask) => Effect.runPromise(answer(ask)),
    work: (writers, watch) =>
      Effect.runPromise(
        Effect.forEach(writers, (one) => work(one, watch), { concurrency: "unbounded", discard: true })
      ),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

const answerOf = (store: Context.Tag.Service<EventStore>, scope: Scope.Scope) => {
  /** A reader of the whole log, as it goes on from page to page. */
  let reading: Effect.Effect<Chunk.Chunk<RecordedEvent>, Option.Option<EventStoreError>> = Effect.fail(Option.none())
  let at = 0
  const nextPage = Effect.map(Effect.suspend(() => reading), (page) => {
    at += page.length
    return { events: page.length, at }
  })
  const fromTheStart = Effect.zipRight(
    Effect.map(Scope.extend(Stream.toPull(store.readAll(0)), scope), (pull) => void ([reading, at] = [pull, 0])),
    nextPage
  )
  return (ask: Ask): Effect.Effect<Answer> => {
    switch (ask.do) {
      case "append":
        return Effect.matchEffect(store.append(ask.stream, ask.expected, events(ask.count)), {
          onSuccess: ({ lastVersion }) => Effect.succeed({ events: ask.count, at: lastVersion }),
          onFailure: (error) =>
            error._tag === "StreamMoved" ? Effect.succeed({ events: 0, at: error.actual }) : Effect.die(error)
        })
      case "readStream":
        return Effect.orDie(Effect.map(Stream.runCount(store.read(ask.stream)), (events) => ({ events, at: events })))
      case "readAll":
        return Effect.orDie(ask.after === null ? fromTheStart : Effect.catchAll(nextPage, () => fromTheStart))
    }
  }
}

/** Emmett as its manual sets it up, with a pool of as many connections as there are writers, 64 at most. */
export const emmett = (writers: number): Open => async (url) => {
  const { getPostgreSQLEventStore, readMessagesBatch } = await peer("emmett", "@event-driven-io/emmett-postgresql")
  const { dumbo } = await peer("emmett", "@event-driven-io/dumbo")
  const { default: pg } = await peer("emmett", "pg")
  const address = Redacted.value(url)
  const pool = new pg.Pool({ connectionString: address, max: Math.min(writers, 64) })
  pool.on("error", () => {})
  const store = getPostgreSQLEventStore(address, { connectionOptions: { pooled: true, pool } })
  await store.schema.migrate()
  const reader = dumbo({ connectionString: address })
  const answer = async (ask: Ask): Promise<Answer> => {
    if (ask.do === "readStream") return { events: (await store.readStream(ask.stream)).events.length, at: null }
    if (ask.do === "readAll") {
      const page = await readMessagesBatch(reader.execute, { after: ask.after ?? 0n, batchSize: ask.count })
      return { events: page.messages.length, at: page.currentGlobalPosition }
    }
    const { count, expected, stream } = ask
    try {
      const appended = await store.appendToStream(stream, Array.from({ length: count }, message), {
        expectedStreamVersion: expected === 0 ? "STREAM_DOES_NOT_EXIST" : BigInt(expected)
      })
      return { events: count, at: Number(appended.nextExpectedStreamVersion) }
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("Expected version")) throw error
      // Its refusal does not say where the stream stands: what is new is read.
      const { currentStreamVersion, events } = await store.readStream(stream, { from: BigInt(expected + 1) })
      return { events: 0, at: events.length > 0 ? Number(currentStreamVersion) : expected }
    }
  }
  const work = async ({ ask, heard }: Work, watch: Watch) => {
    while (watch.isOpen()) {
      const from = performance.now()
      let events = 0
      while (events === 0) events = heard(await answer(ask()))
      watch.done(from, events)
    }
  }
  return {
    ask: answer,
    work: async (writers, watch) => {
      await Promise.all(writers.map((one) => work(one, watch)))
    },
    close: async () => {
      await reader.close()
      await store.close()
      await pool.end().catch(() => {})
    }
  }
}
