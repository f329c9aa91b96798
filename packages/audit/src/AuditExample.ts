/** An audited log in memory, for tests: events by the number, a key that is always the same, a file of its own for the newest head. */
import { fromSeed } from "@vivim/crypto/SigningKey"
import { EventStore, type NewEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomUUID } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as AuditLog from "./AuditLog.ts"
import { AuditStore } from "./AuditStore.ts"

export const exampleKey = fromSeed(Buffer.alloc(32, 3))

const eventAt = (n: number): NewEvent => ({
  id: randomUUID(),
  type: "tea.Poured",
  schemaVersion: 1 + n % 300,
  owner: "did:key:zAda",
  at: 1_790_000_000_000 + n,
  meta: Buffer.from(`meta ${n}`),
  routing: Buffer.from("routing ".repeat(n % 50)),
  private: Buffer.from(`private ${n}`)
})

/** So many more events, in streams that take turns. */
export const pour = (count: number, streams = 3) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const from = yield* store.head
    for (let n = from; n < from + count; n++) yield* store.append(`tea/${n % streams}`, "any", [eventAt(n)])
  })

const headFile = Effect.acquireRelease(
  Effect.sync(() => path.join(fs.mkdtempSync(path.join(os.tmpdir(), "vivim-audit-")), "audit.head")),
  (file) => Effect.sync(() => fs.rmSync(path.dirname(file), { recursive: true, force: true }))
)

/** Heads are signed when they are asked for, and once at the start. */
export const layerMemory = Layer.unwrapScoped(
  Effect.map(headFile, (headFile) => AuditLog.layer({ key: exampleKey, headFile, headEvery: "1 day" }))
).pipe(
  Layer.provideMerge(Layer.mergeAll(EventStore.layerMemory, AuditStore.layerMemory))
)
