/** Backups of a real database: what is in them, what is not, and that they are made as they are taken. */
import { ContentStore } from "@vivim/content-store/ContentStore"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as Backup from "./Backup.ts"
import { BackupCheck, checked } from "./BackupCheck.ts"
import type { BackupRecord } from "./BackupFormat.ts"
import { BackupReader } from "./BackupReader.ts"
import { keyBytes, noise } from "./BackupSample.ts"
import * as Bench from "./BackupTestBench.ts"

const scope = Effect.runSync(Scope.make())
let url: Redacted.Redacted<string>
let at: { readonly accounts: string }

/** In the name of a node that stands on the database. */
const onNode = <A, E>(work: Effect.Effect<A, E, any>): Promise<A> =>
  Effect.runPromise(Effect.provide(work, Bench.ground(url)) as Effect.Effect<A, E>)

beforeAll(async () => {
  url = await Effect.runPromise(Scope.extend(Effect.flatten(Bench.newDatabases), scope))
  at = { accounts: await Effect.runPromise(Scope.extend(Bench.temporaryFolder, scope)) }
  for (const handle of ["ada-of-the-lanterns", "bo"]) Bench.putAccount(at.accounts, handle)
  // What a crash may leave is no account.
  fs.writeFileSync(path.join(at.accounts, "half.key.123.new"), "half")
  await onNode(Bench.fill())
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const taken = Effect.gen(function*() {
  const bytes = yield* Backup.make(at)
  return Buffer.concat(Chunk.toReadonlyArray(yield* Stream.runCollect(bytes)))
})

const check = (bytes: Uint8Array) => {
  const check = new BackupCheck()
  const records = Effect.runSync(Stream.runCollect(checked(Stream.make(bytes), check, new BackupReader())))
  return { ...check.summary, records: Chunk.toReadonlyArray(records) }
}

const kinds = (records: ReadonlyArray<BackupRecord>, kind: BackupRecord["kind"]) =>
  records.filter((record) => record.kind === kind).length

describe("a backup", () => {
  it("A1 holds every event, account and content of a node", async () => {
    const found = check(await onNode(taken))
    assert.deepInclude(found, {
      position: 200,
      events: 200,
      streams: 6,
      accounts: 2,
      contents: Bench.contentSizes.length + 230
    })
    assert.strictEqual(kinds(found.records, "part"), found.parts)
  })

  it("A1 holds the log up to where it began, and every content it speaks of, while the node goes on", async () => {
    const [first, bytes, head, hash] = await onNode(Effect.gen(function*() {
      const first = yield* Effect.flatMap(EventStore, ({ head }) => head)
      const contents = yield* ContentStore
      // As an import does it: the content first, then the events that speak of it.
      const { hash } = yield* contents.put("did:key:z0", Buffer.from("just before"), "text/plain")
      yield* Bench.append(5, first)
      const backup = yield* Backup.make(at)
      const pieces: Array<Uint8Array> = []
      yield* Stream.runForEach(backup, (piece) => {
        pieces.push(piece)
        return Effect.zipRight(
          Effect.flatMap(
            ContentStore,
            (contents) => contents.put("did:key:z0", noise(`during ${pieces.length}`, 500), "text/plain")
          ),
          Bench.append(5, 10_000 + pieces.length * 5)
        )
      })
      return [first, Buffer.concat(pieces), yield* Effect.flatMap(EventStore, ({ head }) => head), hash] as const
    }))
    const found = check(bytes)
    assert.strictEqual(found.position, first + 5)
    assert.isAbove(head, first + 20)
    const again = check(await onNode(taken))
    assert.strictEqual(again.position, head)
    const addresses = (records: ReadonlyArray<BackupRecord>) =>
      records.flatMap((record) => record.kind === "content" ? [Buffer.from(record.address).toString("hex")] : [])
    const [address] = await onNode(
      Effect.flatMap(PayloadCipher, (cipher) => cipher.addresses("did:key:z0", Buffer.from(hash, "hex")))
    )
    assert.include(addresses(found.records), Buffer.from(address).toString("hex"))
    assert.includeMembers(addresses(again.records), addresses(found.records))
  })

  it("A2 says nothing of what is private, and not the key", async () => {
    const bytes = await onNode(taken)
    const words = [Bench.canary, "tea tea", "ada-of-the-lanterns", "half.key"]
    const forms = words.flatMap((
      word
    ) => [Buffer.from(word), Buffer.from(word, "utf16le"), Buffer.from(Buffer.from(word).toString("hex"))])
    for (const form of [...forms, keyBytes, keyBytes.subarray(0, 8)]) {
      assert.isFalse(bytes.includes(form), form.toString("latin1"))
    }
    // The scan finds what is there: ids and types are routing, and lie open.
    for (const open of ["document.MessageAppended", "did:key:z1"]) assert.isTrue(bytes.includes(open))
  })

  it("A3 comes in pieces that do not grow with it, and none is made before it is asked for", async () => {
    const sizes: Array<number> = []
    let reads = 0
    const counting = Effect.map(
      EventStore,
      (store) =>
        EventStore.of({
          ...store,
          readAll: (after, options) => Stream.tap(store.readAll(after, options), () => Effect.sync(() => reads++))
        })
    )
    await onNode(Effect.gen(function*() {
      yield* Bench.append(4_000, 50_000, 500)
      yield* Effect.flatMap(
        ContentStore,
        (contents) =>
          contents.putStream(
            "did:key:z2",
            Stream.range(1, 16).pipe(Stream.map((i) => noise(`large ${i}`, 1 << 20))),
            "image/png"
          )
      )
      const backup = yield* Effect.provideServiceEffect(Backup.make(at), EventStore, counting)
      yield* Stream.runForEach(Stream.take(backup, 4), () => Effect.void)
      assert.isBelow(reads, 2_001)
      yield* Stream.runForEach(backup, (piece) => Effect.sync(() => sizes.push(piece.length)))
    }))
    assert.isAbove(sizes.reduce((sum, size) => sum + size, 0), 20_000_000)
    assert.isBelow(Math.max(...sizes), 6_000_000)
  })
})
