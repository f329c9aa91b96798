/** The event stores that are measured, behind one face: ours, and Emmett's on PostgreSQL. */
import { EventStore, type NewEvent } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"
import { peer } from "./Peers.ts"

export interface Contestant {
  /** Answers the stream's new version, or where it stands instead: somebody else was faster. */
  readonly append: (
    stream: string,
    expected: number,
    count: number
  ) => Promise<{ readonly version: number; readonly kept: boolean }>
  readonly readStream: (stream: string) => Promise<number>
  /** So many events of the log after a mark (null: from the beginning), and the mark to go on from. */
  readonly readAll: (after: unknown, count: number) => Promise<{ readonly events: number; readonly after: unknown }>
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
  const store = Context.get(built, EventStore)
  return {
    append: (stream, expected, count) =>
      Effect.runPromise(Effect.matchEffect(store.append(stream, expected, events(count)), {
        onSuccess: ({ lastVersion }) => Effect.succeed({ version: lastVersion, kept: true }),
        onFailure: (error) =>
          error._tag === "StreamMoved" ? Effect.succeed({ version: error.actual, kept: false }) : Effect.die(error)
      })),
    readStream: (stream) => Effect.runPromise(Stream.runCount(store.read(stream))),
    readAll: async (after, count) => {
      const from = (after as number | null) ?? 0
      const read = await Effect.runPromise(Stream.runCount(store.readAll(from, { upTo: from + count })))
      return { events: read, after: from + read }
    },
    close: () => Effect.runPromise(Scope.close(scope, Exit.void))
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
  return {
    append: async (stream, expected, count) => {
      try {
        const answer = await store.appendToStream(stream, Array.from({ length: count }, message), {
          expectedStreamVersion: expected === 0 ? "STREAM_DOES_NOT_EXIST" : BigInt(expected)
        })
        return { version: Number(answer.nextExpectedStreamVersion), kept: true }
      } catch (error) {
        if (!(error instanceof Error) || !error.message.includes("Expected version")) throw error
        // Its refusal does not say where the stream stands: what is new is read.
        const { currentStreamVersion, events } = await store.readStream(stream, { from: BigInt(expected + 1) })
        return { version: events.length > 0 ? Number(currentStreamVersion) : expected, kept: false }
      }
    },
    readStream: async (stream) => (await store.readStream(stream)).events.length,
    readAll: async (after, count) => {
      const { currentGlobalPosition, messages } = await readMessagesBatch(reader.execute, {
        after: after ?? 0n,
        batchSize: count
      })
      return { events: messages.length, after: currentGlobalPosition }
    },
    close: async () => {
      await reader.close()
      await store.close()
      await pool.end().catch(() => {})
    }
  }
}
