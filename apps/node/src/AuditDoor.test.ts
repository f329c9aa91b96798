/** The audit's calls, as an operator makes them: each proof is verified with nothing but what it brings along. */
import * as RpcTest from "@effect/rpc/RpcTest"
import * as AuditLog from "@vivim/audit/AuditLog"
import { AuditStore } from "@vivim/audit/AuditStore"
import * as Checkpoint from "@vivim/audit/Checkpoint"
import { leafHash, verifyConsistency, verifyInclusion } from "@vivim/audit/MerkleTree"
import { readKey } from "@vivim/audit/SignedNote"
import { AuditViews, type SignedTreeHead } from "@vivim/contract/Audit"
import { CurrentSession, Session, SessionGuard } from "@vivim/contract/Session"
import { fromSeed } from "@vivim/crypto/SigningKey"
import { type Did, type Handle } from "@vivim/event-schemas/ids"
import { EventStore, type NewEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Stream from "effect/Stream"
import { randomUUID } from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, assert, beforeEach, describe, it } from "vitest"
import * as AuditDoor from "./AuditDoor.ts"

let folder = ""
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-audit-"))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

const session = new Session({ userId: "did:key:zAda" as Did, handle: "ada" as Handle, device: null, operator: true })
const guard = Layer.succeed(SessionGuard, SessionGuard.of(() => Effect.succeed(session)))

const pour = (count: number) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    const event = (): NewEvent => ({
      ...{ id: randomUUID(), type: "tea.Poured", schemaVersion: 1, owner: session.userId, at: 1_790_000_000_000 },
      ...{ meta: Buffer.from("meta"), routing: Buffer.from("routing"), private: Buffer.from("private") }
    })
    for (let n = 0; n < count; n++) yield* store.append(`tea/${n % 3}`, "any", [event()])
  })

const asked = <A, E>(
  work: (
    calls: Effect.Effect.Success<ReturnType<typeof client>>
  ) => Effect.Effect<A, E, EventStore | AuditLog.AuditLog>
) => {
  const log = AuditLog.layer({
    key: fromSeed(Buffer.alloc(32, 4)),
    headFile: path.join(folder, "audit.head"),
    headEvery: "1 day"
  }).pipe(
    Layer.provideMerge(Layer.mergeAll(
      EventStore.layerMemory,
      AuditStore.layerMemory,
      Logger.minimumLogLevel(LogLevel.None)
    ))
  )
  const ground = AuditDoor.handlers.pipe(Layer.provideMerge(Layer.merge(guard, log)))
  return Effect.runPromise(
    Effect.scoped(Effect.flatMap(client(), work)).pipe(
      Effect.provide(ground),
      Effect.provideService(CurrentSession, session)
    ) as Effect.Effect<A, E>
  )
}
const client = () => RpcTest.makeClient(AuditViews.middleware(SessionGuard))

const opened = (head: SignedTreeHead) =>
  Checkpoint.opened(head.note, readKey(head.key)!) ?? assert.fail("not signed by the key it names")
const bytes = (text: string) => Buffer.from(text, "base64")

describe("the audit's calls", () => {
  it("V1 prove any event, by its id or its position, to the head that comes along", () =>
    asked((calls) =>
      Effect.gen(function*() {
        yield* pour(20)
        const first = yield* calls.SignTreeHead({})
        yield* pour(13)
        for (const event of yield* Stream.runCollect((yield* EventStore).readAll(0))) {
          for (const which of [{ event: event.id }, { position: event.position }]) {
            const proof = yield* calls.ProveInclusion(which)
            const { root, size } = opened(proof.head)
            assert.strictEqual(proof.head.number > first.number, event.position > 20, "a newer event, a newer head")
            assert.strictEqual(proof.hash, Buffer.from(event.hash).toString("hex"))
            const leaf = leafHash(Buffer.from(proof.hash, "hex"))
            assert.isTrue(verifyInclusion(leaf, proof.position - 1, size, proof.path.map(bytes), root))
          }
        }
        const early = yield* calls.ProveInclusion({ position: 3, head: first.number })
        assert.strictEqual(early.head.note, first.note)
      })
    ))

  it("V1 prove each head to continue each other one, and answer heads in order", () =>
    asked((calls) =>
      Effect.gen(function*() {
        for (const count of [1, 4, 9]) {
          yield* pour(count)
          yield* calls.SignTreeHead({})
        }
        const heads = yield* calls.ListTreeHeads({ after: 0 })
        const [newest] = yield* calls.ListTreeHeads({})
        assert.deepStrictEqual(newest, heads.at(-1))
        assert.lengthOf(yield* calls.ListTreeHeads({ after: 1, limit: 1 }), 1)
        for (const { number: from } of heads) {
          for (const to of [...heads.map(({ number }) => number), undefined]) {
            const proof = yield* calls.ProveConsistency(to === undefined ? { from } : { from, to })
            assert.isTrue(verifyConsistency(opened(proof.from), opened(proof.to), proof.path.map(bytes)))
          }
        }
      })
    ))

  it("V2 refuse by name what is not there", () =>
    asked((calls) =>
      Effect.gen(function*() {
        yield* pour(2)
        const head = yield* calls.SignTreeHead({})
        yield* pour(1)
        const tags = yield* Effect.forEach([
          calls.ProveInclusion({}),
          calls.ProveInclusion({ position: 1, event: randomUUID() }),
          calls.ProveInclusion({ position: 4 }),
          calls.ProveInclusion({ event: randomUUID() }),
          calls.ProveInclusion({ position: 3, head: head.number }),
          calls.ProveInclusion({ position: 1, head: 99 }),
          calls.ProveConsistency({ from: 99 }),
          calls.ProveConsistency({ from: head.number, to: 99 })
        ], (call) => Effect.map(Effect.flip(call as Effect.Effect<unknown, any>), ({ _tag }) => _tag as string))
        assert.deepStrictEqual(tags, [
          ...Array.from({ length: 5 }, () => "NoSuchEntry"),
          ...Array.from({ length: 3 }, () => "NoSuchHead")
        ])
      })
    ))

  it("V2 refuse to sign and to prove while log, tree and heads do not agree", () =>
    asked((calls) =>
      Effect.gen(function*() {
        yield* pour(2)
        yield* calls.SignTreeHead({})
        fs.writeFileSync(path.join(folder, "audit.head"), "head 77\nnobody's\n")
        yield* pour(1)
        for (const call of [calls.SignTreeHead({}), calls.ProveInclusion({ position: 3 })]) {
          const refused = yield* Effect.flip(call as Effect.Effect<unknown, any>)
          assert.strictEqual(refused._tag, "LogDisagrees")
          assert.include(refused.message, "head 77")
        }
      })
    ))
})
