/** Nodes made again from backups, on real databases; and backups that must not become nodes. */
import * as SqlClient from "@effect/sql/SqlClient"
import { ContentStore } from "@vivim/content-store/ContentStore"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import type * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as Backup from "./Backup.ts"
import * as BackupFile from "./BackupFile.ts"
import { keyBytes, noise, sampleRecords, written } from "./BackupSample.ts"
import * as Bench from "./BackupTestBench.ts"
import { type Folders, folders } from "./Folders.ts"
import { NodeDatabase } from "./NodeDatabase.ts"
import * as Restore from "./Restore.ts"
import * as RestoreKey from "./RestoreKey.ts"

const scope = Effect.runSync(Scope.make())
let newDatabase: Effect.Effect<Redacted.Redacted<string>>
let parent: string
/** The node that is backed up, and its backup. */
let source: Redacted.Redacted<string>
let file: string
let keyFile: string

const onNode = <A, E>(url: Redacted.Redacted<string>, work: Effect.Effect<A, E, any>): Promise<A> =>
  Effect.runPromise(Effect.provide(work, Bench.ground(url)) as Effect.Effect<A, E>)

beforeAll(async () => {
  newDatabase = await Effect.runPromise(Scope.extend(Bench.newDatabases, scope))
  parent = await Effect.runPromise(Scope.extend(Bench.temporaryFolder, scope))
  source = await Effect.runPromise(newDatabase)
  file = path.join(parent, "node.backup")
  keyFile = path.join(parent, "node.key")
  fs.writeFileSync(keyFile, keyBytes, { mode: 0o600 })
  const accounts = path.join(parent, "accounts")
  for (const handle of ["ada", "bo"]) Bench.putAccount(accounts, handle)
  await onNode(
    source,
    Effect.zipRight(
      Bench.fill(),
      Effect.flatMap(Backup.make({ accounts }), (bytes) => BackupFile.write(file, bytes, () => Effect.void))
    )
  )
})
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

let made = 0
interface Target {
  readonly url: Redacted.Redacted<string>
  readonly at: Folders
}
const newTarget = async (): Promise<Target> => ({
  url: await Effect.runPromise(newDatabase),
  at: folders(path.join(parent, `target${++made}`))
})

const unwatched = () => Effect.void
const key = () => Effect.runSync(RestoreKey.find(folders(path.join(parent, "none")), keyFile))!

/** How a restore ends: "restored", or the tag and the sentence of what was in the way. */
const restore = ({ at, url }: Target, from: string, watch: Restore.Watch = unwatched): Promise<string> =>
  Effect.runPromise(
    Restore.run(from, key(), at, watch).pipe(
      Effect.provideService(NodeDatabase, { kind: "server", url }),
      Effect.match({ onFailure: (error) => `${error._tag}: ${error.message}`, onSuccess: () => "restored" })
    )
  )
const verify = (from: string, with_: RestoreKey.RestoreKey | null = key()): Promise<string> =>
  Effect.runPromise(
    Effect.match(Restore.verify(from, with_, unwatched), {
      onFailure: ({ message }) => message,
      onSuccess: () => "sound"
    })
  )

const isUntouched = async ({ at, url }: Target): Promise<boolean> =>
  (await Effect.runPromise(Bench.isEmpty(url))) && !fs.existsSync(at.nodeKey) &&
  (!fs.existsSync(at.accounts) || fs.readdirSync(at.accounts).length === 0)

const altered = (name: string, bytes: Uint8Array): string => {
  const at = path.join(parent, name)
  fs.writeFileSync(at, bytes)
  return at
}

interface Mutation {
  readonly at: number
  readonly change?: number
  readonly cut?: boolean
  readonly drop?: number
  readonly add?: number
}

describe("a restore", () => {
  it("R1 brings back every row, the accounts and the key; the log goes on where it ended", async () => {
    const target = await newTarget()
    assert.strictEqual(await verify(file), "sound")
    assert.strictEqual(await restore(target, file), "restored")
    assert.deepStrictEqual(await Effect.runPromise(Bench.dump(target.url)), await Effect.runPromise(Bench.dump(source)))
    assert.isTrue(fs.readFileSync(target.at.nodeKey).equals(keyBytes))
    for (const name of ["ada.key", "bo.key"]) {
      assert.strictEqual(
        fs.readFileSync(path.join(target.at.accounts, name), "utf8"),
        fs.readFileSync(path.join(parent, "accounts", name), "utf8")
      )
    }
    await onNode(
      target.url,
      Effect.gen(function*() {
        const store = yield* EventStore
        assert.strictEqual(yield* store.head, 200)
        yield* Bench.append(5, 900)
        assert.strictEqual(yield* store.head, 205)
        const contents = yield* ContentStore
        const [one] = Chunk.toReadonlyArray(yield* Stream.runCollect(store.readAll(200)))
        assert.strictEqual(one!.position, 201)
        const kept = yield* contents.put("did:key:z1", Buffer.from("more"), "text/plain")
        assert.isNotNull(yield* contents.get("did:key:z1", kept.hash))
      })
    )
  })

  it("R2 refuses a damaged backup and says where, before anything is touched", async () => {
    const bytes = fs.readFileSync(file)
    const regions = [0, 0.0005, 0.02, 0.1, 0.5, 0.9, 0.99999].map((share) => Math.floor(share * (bytes.length - 1)))
    const places = FastCheck.oneof(
      FastCheck.constantFrom(...regions),
      FastCheck.nat(bytes.length - 1),
      FastCheck.nat(400_000)
    )
    const mutations = FastCheck.oneof(
      FastCheck.record({ at: places, change: FastCheck.integer({ min: 1, max: 255 }) }),
      FastCheck.record({ at: places, cut: FastCheck.constant(true) }),
      FastCheck.record({ at: places, drop: FastCheck.integer({ min: 1, max: 3_000 }) }),
      FastCheck.record({ at: places, add: FastCheck.integer({ min: 1, max: 3_000 }) })
    )
    await FastCheck.assert(
      FastCheck.asyncProperty(mutations, async (mutation) => {
        const { add, at, change, cut, drop }: Mutation = mutation
        const damaged = cut === true
          ? bytes.subarray(0, at)
          : Buffer.concat([
            bytes.subarray(0, at),
            ...change === undefined ? [] : [Buffer.of(bytes[at]! ^ change)],
            ...add === undefined ? [] : [noise(`${at}`, add)],
            bytes.subarray(at + (change === undefined ? drop ?? 0 : 1))
          ])
        const said = await verify(altered("damaged", damaged))
        assert.match(
          said,
          /record \d+, at byte \d+|at byte \d+|first line|not a backup|of form/,
          JSON.stringify(mutation)
        )
      }),
      { numRuns: 120 }
    )
  })

  it("R2 refuses another key, and a backup somebody made or changed without it", async () => {
    const other = path.join(parent, "other.key")
    fs.writeFileSync(other, noise("another key", 32), { mode: 0o600 })
    // The folder has the right key: the one that was given is not asked.
    assert.strictEqual(await verify(file, Effect.runSync(RestoreKey.find(folders(parent), other))), "sound")
    const wrong = Effect.runSync(RestoreKey.find(folders(path.join(parent, "none")), other))
    assert.match(await verify(file, wrong), /made under another node key than .*other\.key/)
    // Sound in itself and with the right mark, as anybody can make it who has seen a backup of this node.
    const forged = written(sampleRecords(), { end: (end) => [{ ...end, seal: noise("a guess", 32) } as never] })
    assert.match(await verify(altered("forged", forged)), /no node with this key vouched/)
    assert.strictEqual(await verify(altered("forged", forged), null), "sound")
    const target = await newTarget()
    assert.match(await restore(target, path.join(parent, "forged")), /vouched/)
    assert.isTrue(await isUntouched(target))
  })

  it("R3 leaves nothing when the file turns out damaged after all", async () => {
    const bytes = fs.readFileSync(file)
    for (const share of [0.001, 0.3, 0.7, 0.9999]) {
      const target = await newTarget()
      const damaged = Buffer.from(bytes)
      damaged[Math.floor(share * bytes.length)]! ^= 4
      assert.match(await restore(target, altered("damaged", damaged)), /^BackupRefused.*record \d+, at byte/)
      assert.isTrue(await isUntouched(target), String(share))
    }
  })

  it("R3 leaves nothing when it is cut off, and can be begun again", async () => {
    const target = await newTarget()
    let pages = 0
    const cut = await Effect.runPromiseExit(
      Restore.run(file, key(), target.at, () => ++pages === 3 ? Effect.interrupt : Effect.void).pipe(
        Effect.provideService(NodeDatabase, { kind: "server", url: target.url })
      )
    )
    assert.isTrue(Exit.isInterrupted(cut))
    assert.strictEqual(pages, 3)
    assert.isTrue(await isUntouched(target))
    assert.strictEqual(await restore(target, file), "restored")
    assert.deepStrictEqual(await Effect.runPromise(Bench.dump(target.url)), await Effect.runPromise(Bench.dump(source)))
  })

  it("R4 refuses a database that has events, or anything else of a node", async () => {
    const full = await newTarget()
    await onNode(full.url, Bench.append(5))
    const before = await Effect.runPromise(Bench.dump(full.url))
    assert.match(await restore(full, file), /^LogNotEmpty/)
    assert.deepStrictEqual(await Effect.runPromise(Bench.dump(full.url)), before)
    const kept = await newTarget()
    await onNode(
      kept.url,
      Effect.flatMap(ContentStore, (contents) => contents.put("did:key:z1", noise("x", 9), "text/plain"))
    )
    assert.match(await restore(kept, file), /^TargetNotEmpty.*"content"/)
    assert.isFalse(fs.existsSync(kept.at.nodeKey))
    const noted = await newTarget()
    await onNode(
      noted.url,
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO session_spent VALUES ('a proof', 5)`)
    )
    assert.match(await restore(noted, file), /^TargetNotEmpty.*"session_spent"/)
  })

  it("R4 refuses a folder with another node's views or accounts, and leaves the database empty", async () => {
    const views = await newTarget()
    fs.mkdirSync(views.at.users, { recursive: true })
    fs.writeFileSync(path.join(views.at.users, "a.sqlite"), "")
    assert.match(await restore(views, file), /^TargetNotEmpty.*users/)
    const account = await newTarget()
    Bench.putAccount(account.at.accounts, "bo")
    fs.appendFileSync(path.join(account.at.accounts, "bo.key"), " ")
    assert.match(await restore(account, file), /^TargetNotEmpty.*bo\.key/)
    assert.isTrue(await Effect.runPromise(Bench.isEmpty(account.url)))
    assert.isFalse(fs.existsSync(account.at.nodeKey))
  })
})
