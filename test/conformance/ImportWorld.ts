/** A world for imports: a spool on disk, an archive in memory, and the plug of all of it in hand. */
import * as ActorHost from "@vivim/actor/ActorHost"
import { Snapshots } from "@vivim/actor/Snapshots"
import { ContentStore, ContentStoreError } from "@vivim/content-store/ContentStore"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import { Document } from "@vivim/document/Document"
import { DocumentEvents } from "@vivim/event-schemas/document/index"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import { Did, ImportId } from "@vivim/event-schemas/ids"
import { ImportEvents } from "@vivim/event-schemas/import/index"
import { EventStore } from "@vivim/event-store/EventStore"
import { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as ImportJob from "@vivim/import/ImportJob"
import { defaultImportLimits } from "@vivim/import/ImportLimits"
import * as Spool from "@vivim/import/Spool"
import { TestBench } from "@vivim/import/TestBench"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { all, newId, type Store } from "./Events.ts"
import { temporaryFolder } from "./ServerPostgres.ts"

export const ada = Did.make("did:key:zAda")
export const chunk = { messagesMax: 3, bytesMax: 64 * 1_024 }

/** What becomes of a step when the power is out. */
type Outage = Effect.Effect<void>

/** Everything that reaches a disk is a step; `left` says how many are taken before the power goes. */
class Plug {
  left = Infinity
  steps = 0
  outage: Outage = Effect.die("the power went")
  readonly step = Effect.suspend(() => {
    this.steps++
    return this.left-- > 0 ? Effect.void : this.outage
  })
  /** The power may go before a thing is done, and after it and before anyone hears of it. */
  readonly around = <A, E>(work: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    this.step.pipe(Effect.zipRight(work), Effect.tap(() => this.step))
}

/** How many times each of the stores is still away. */
interface Weather {
  log: number
  content: number
}

const contentIn = (kept: Map<string, Uint8Array>, plug: Plug, weather: Weather): ContentStore["Type"] => {
  const put = (owner: string, bytes: Uint8Array, mime: string) =>
    plug.around(Effect.suspend(() => {
      if (weather.content > 0 && weather.content-- > 0) return new ContentStoreError({ doing: "keep", cause: "away" })
      const hash = createHash("sha256").update(bytes).digest("hex")
      kept.set(`${owner} ${hash}`, new Uint8Array(bytes))
      return Effect.succeed({ hash, bytes: bytes.length, mime } as ContentRef)
    }))
  return {
    put,
    putStream: (owner, bytes, mime) =>
      Effect.flatMap(Stream.runCollect(bytes), (parts) => put(owner, Buffer.concat([...parts]), mime)),
    forget: () => Effect.void,
    get: (owner, hash) =>
      Effect.sync(() => {
        const bytes = kept.get(`${owner} ${hash}`)
        const ref = { hash, bytes: bytes?.length, mime: "" } as ContentRef
        return bytes === undefined ? null : { ref, bytes: Stream.make(bytes) }
      })
  }
}

const logBehind = (log: Store, plug: Plug, weather: Weather): Store => ({
  ...log,
  append: (stream, expected, events) =>
    plug.around(Effect.suspend(() =>
      weather.log > 0 && weather.log-- > 0
        ? new EventStoreError({ doing: "append", cause: "away" })
        : log.append(stream, expected, events)
    ))
})

/** A note may be cut in the middle of its line. */
const spoolBehind = (spool: Spool.Spool, plug: Plug): Spool.Spool => ({
  ...spool,
  note: (importId, lines) =>
    plug.step.pipe(
      Effect.tapDefect(() =>
        Effect.sync(() => fs.appendFileSync(path.join(spool.file(importId), "../done.jsonl"), "{\"outcome\":{\"id"))
      ),
      Effect.zipRight(spool.note(importId, lines)),
      Effect.zipRight(plug.step)
    )
})

/** A file in the spool, as its job says. */
const handOver = (spool: Spool.Spool, bytes: Uint8Array, importId = ImportId.make(newId())) =>
  spool.take({ importId, owner: ada, name: "export", startedAt: 1 }, Stream.make(bytes), Infinity)

export const importWorld = Effect.gen(function*() {
  const folder = yield* temporaryFolder
  const plug = new Plug()
  const weather: Weather = { log: 0, content: 0 }
  const kept = new Map<string, Uint8Array>()
  const cipher = fromMasterKey(new Uint8Array(32).fill(7))
  const memory = yield* Layer.build(Layer.mergeAll(EventStore.layerMemory, Snapshots.layerMemory, KeyVault.layerMemory))
  const log = Context.get(memory, EventStore)
  const ground = Context.add(memory, EventStore, logBehind(log, plug, weather)).pipe(
    Context.add(PayloadCipher, cipher),
    Context.add(ContentStore, contentIn(kept, plug, weather))
  )
  const visit = yield* Effect.provide(ActorHost.visit(Document), ground)
  const spool = Spool.make(folder)
  const content = Context.get(ground, ContentStore)

  const work = (job: Spool.Job, more: Partial<ImportJob.Work> = {}): ImportJob.Work => ({
    job,
    spool: spoolBehind(spool, plug),
    limits: defaultImportLimits,
    chunk,
    parallel: 4,
    visit,
    presumeNew: () => true,
    keep: (bytes, { mime }) => Effect.orDie(content.putStream(ada, bytes, mime)) as never,
    keepRaw: (raw) => content.put(ada, raw, "application/json"),
    progress: () => Effect.void,
    ...more
  })
  const events = Effect.flatMap(
    all(log.readAll(0)),
    (recorded) =>
      Effect.forEach(recorded, (event) =>
        Effect.map(EventSeal.open(cipher, event), (plain) => ({
          stream: event.stream,
          event: (event.stream.startsWith("import/") ? ImportEvents : DocumentEvents).decode(
            { ...event, private: plain } as never
          ) as any
        })))
  )
  return {
    folder,
    plug,
    weather,
    kept,
    ground,
    visit,
    spool,
    work,
    handOver: (bytes: Uint8Array, importId?: ImportId) => handOver(spool, bytes, importId),
    /** Runs a file through, as one import of its own. */
    take: (bytes: Uint8Array, more?: Partial<ImportJob.Work>) =>
      Effect.flatMap(handOver(spool, bytes), (job) => ImportJob.run(work(job, more))),
    /** What the log says, opened, in its order. */
    events,
    /** The same, stream by stream: in what order the streams were written does not matter. */
    archive: Effect.map(events, (told) => {
      const byStream = new Map<string, Array<unknown>>()
      for (const { event, stream } of told) byStream.set(stream, [...byStream.get(stream) ?? [], event])
      return Object.fromEntries([...byStream].toSorted(([a], [b]) => a < b ? -1 : 1))
    })
  }
})

export type ImportWorld = Effect.Effect.Success<typeof importWorld>

const { chat, node } = TestBench

/** An export of ChatGPT's with these records. */
export const bytesOf = (...records: ReadonlyArray<unknown>) => Buffer.from(JSON.stringify(records))

/** A conversation whose turns are these words, one behind the other. */
export const thread = (id: string, turns: ReadonlyArray<string>, more: { readonly [key: string]: unknown } = {}) =>
  chat(
    id,
    turns.map((text, i) =>
      node(`${id}-${i}`, i === 0 ? null : `${id}-${i - 1}`, i % 2 === 0 ? "user" : "assistant", text)
    ),
    more
  )

/** A conversation as it stood after so many turns. */
export const grown = (id: string, turns: number, at: number) =>
  thread(id, Array.from({ length: turns }, (_, i) => `Turn ${i} of ${id}`), { update_time: at })
