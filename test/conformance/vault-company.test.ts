/** Vaults of several processes on one database of a real server: each a vault of its own, with what it knows of the others. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import * as SigningKey from "@vivim/crypto/SigningKey"
import { channel } from "@vivim/crypto/vault/CompanyTables"
import { checkOf } from "@vivim/crypto/vault/KeyRing"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import * as ProcessKey from "@vivim/crypto/vault/ProcessKey"
import * as SqlVaultCompany from "@vivim/crypto/vault/SqlVaultCompany"
import * as SqlVaultRows from "@vivim/crypto/vault/SqlVaultRows"
import * as VaultCipher from "@vivim/crypto/vault/VaultCipher"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { noServer, serverPostgres, type TestServer } from "./ServerPostgres.ts"
import { eventually } from "./ViewWorld.ts"

const [ada, bo] = ["did:key:zAda", "did:key:zBo"] as const
const storeKey = new Uint8Array(32).fill(5)
const given = Redacted.make(storeKey)
const subject = { owner: ada, stream: "document/d1" }
const nothing = new Uint8Array(0)
const bytes = (text: string) => new TextEncoder().encode(text)
const silenceMs = 6_000

/** What the node signs with, and what somebody else does. */
const keyOf = (byte: number) => SigningKey.fromSeed(new Uint8Array(32).fill(byte))

describe.skipIf(noServer !== null)("vaults of several processes", () => {
  const scope = Effect.runSync(Scope.make())
  let server: TestServer
  beforeAll(() =>
    serverPostgres.pipe(
      Effect.map((started) => void (server = started)),
      Scope.extend(scope),
      Effect.runPromise
    )
  )
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const run = <A, E>(work: Effect.Effect<A, E, Scope.Scope>) =>
    Effect.runPromise(work.pipe(Effect.scoped, Effect.provide(Logger.minimumLogLevel(LogLevel.None))))

  /** A database, and how a process of a node begins on it. */
  const world = Effect.gen(function*() {
    const url = yield* server.newDatabase
    const sql = Context.get(yield* Layer.build(PgClient.layer({ url, maxConnections: 4 })), SqlClient.SqlClient)
    const start = Effect.fnUntraced(function*({ idleMs = 600_000 }: { readonly idleMs?: number } = {}) {
      const own = yield* Scope.make()
      const database = yield* Layer.build(PgClient.layer({ url, maxConnections: 8 })).pipe(Scope.extend(own))
      const client = Context.get(database, PgClient.PgClient)
      const company = SqlVaultCompany.layer({
        key: keyOf(1),
        silenceMax: silenceMs,
        woken: client.listen(channel)
      })
      const vault = yield* Layer.build(
        KeyVault.layer({ idleMax: idleMs, vacuumEvery: "1 hour", rekeyPieceMax: 2 }).pipe(
          Layer.provide(SqlVaultRows.layer),
          Layer.provide(company),
          Layer.provide(NodeCryptoSuite.layer)
        )
      ).pipe(Effect.provide(database), Scope.extend(own), Effect.map(Context.get(KeyVault)))
      yield* Effect.addFinalizer((exit) => Scope.close(own, exit))
      return {
        ...vault,
        cipher: VaultCipher.make(fromMasterKey(new Uint8Array(32).fill(7)), vault),
        leave: Scope.close(own, Exit.void)
      }
    })
    return { sql, start }
  })
  type Process = Effect.Effect.Success<ReturnType<Effect.Effect.Success<typeof world>["start"]>>

  const becomes = (process: Process, state: string) =>
    eventually(Effect.sync(() => process.state(ada)), (now) => now === state)
  const opens = ({ cipher }: Process, sealed: Uint8Array) =>
    Effect.map(cipher.open(subject, nothing, sealed), (plain) => new TextDecoder().decode(plain))
  const tagOf = <A, E extends { readonly _tag: string }>(work: Effect.Effect<A, E>) =>
    Effect.map(Effect.flip(work), ({ _tag }) => _tag)

  it(
    "M1 unlocked in one is unlocked in all, and in one that joins when the first has gone",
    () =>
      run(Effect.gen(function*() {
        const { start } = yield* world
        const [a, b] = [yield* start(), yield* start()]
        yield* a.enroll(ada, Redacted.make(checkOf(storeKey)))
        assert.deepStrictEqual([a.state(ada), b.state(ada)], ["locked", "locked"])
        yield* a.unlock(ada, given)
        assert.deepStrictEqual([a.state(ada), b.state(ada)], ["unlocked", "unlocked"])
        const sealed = yield* a.cipher.seal(subject, nothing, bytes("tea"))
        assert.strictEqual(yield* opens(b, sealed), "tea")
        assert.deepStrictEqual(yield* a.cipher.addresses(ada, bytes("h")), yield* b.cipher.addresses(ada, bytes("h")))
        yield* a.leave
        const c = yield* start()
        yield* becomes(c, "unlocked")
        assert.strictEqual(yield* opens(c, sealed), "tea")
        assert.strictEqual(yield* opens(b, yield* c.cipher.seal(subject, nothing, bytes("milk"))), "milk")
      })),
    60_000
  )

  it("M1 two that need the first key of a stream at once have one", () =>
    run(Effect.gen(function*() {
      const { sql, start } = yield* world
      const [a, b] = [yield* start(), yield* start()]
      yield* a.enroll(ada, Redacted.make(checkOf(storeKey)))
      yield* b.unlock(ada, given)
      const [one, other] = yield* Effect.all([a, b].map(({ cipher }) => cipher.seal(subject, nothing, bytes("tea"))), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual([yield* opens(b, one!), yield* opens(a, other!)], ["tea", "tea"])
      assert.strictEqual((yield* sql`SELECT 1 FROM data_key WHERE stream = ${subject.stream}`).length, 1)
    })), 60_000)

  it(
    "M2 a store key is replaced: the others refuse the one before, and have the new one, when it is answered",
    () =>
      run(Effect.gen(function*() {
        const { start } = yield* world
        const [a, b] = [yield* start(), yield* start()]
        yield* a.enroll(ada, Redacted.make(checkOf(storeKey)))
        yield* a.unlock(ada, given)
        const sealed = yield* a.cipher.seal(subject, nothing, bytes("tea"))
        const next = Redacted.make(new Uint8Array(32).fill(6))
        assert.strictEqual(yield* b.replace(ada, given, next), 2)
        for (const one of [a, b]) {
          assert.strictEqual(yield* tagOf(one.unlock(ada, given)), "WrongStoreKey")
          assert.strictEqual(one.between(ada), 2)
          assert.strictEqual(yield* opens(one, sealed), "tea")
        }
        const other = { ...subject, stream: "document/d2" }
        const drawn = yield* a.cipher.seal(other, nothing, bytes("milk"))
        yield* b.rewrap(ada, () => Effect.void)
        assert.deepStrictEqual([a.between(ada), b.between(ada)], [null, null])
        assert.strictEqual(new TextDecoder().decode(yield* b.cipher.open(other, nothing, drawn)), "milk")
        yield* a.lock(ada)
        const c = yield* start()
        yield* c.unlock(ada, next)
        for (const one of [a, b, c]) assert.strictEqual(yield* opens(one, sealed), "tea")
      })),
    60_000
  )

  it("M2 enrolled, rotated, destroyed, left: the others know when it is answered", () =>
    run(Effect.gen(function*() {
      const { start } = yield* world
      const [a, b] = [yield* start(), yield* start()]
      yield* a.enroll(ada, Redacted.make(checkOf(storeKey)))
      assert.strictEqual(yield* tagOf(b.cipher.seal(subject, nothing, bytes("tea"))), "Locked")
      yield* a.unlock(ada, given)
      const first = yield* b.cipher.seal(subject, nothing, bytes("first"))
      const held = yield* b.sealing(subject)
      assert.strictEqual(yield* a.rotate(subject), 2)
      const second = yield* b.cipher.seal(subject, nothing, bytes("second"))
      yield* a.destroy(subject, 1)
      assert.isTrue(held.isWiped, "not in the other's memory any more")
      assert.strictEqual(yield* tagOf(opens(b, first)), "Shredded")
      assert.strictEqual(yield* opens(b, second), "second")
      yield* b.forget(ada)
      assert.deepStrictEqual([a.state(ada), b.state(ada)], ["gone", "gone"])
    })), 60_000)

  it(
    "M2 who cannot be reached holds nothing any more when it is answered, and comes back by itself",
    () =>
      run(Effect.gen(function*() {
        const { sql, start } = yield* world
        const [a, b] = [yield* start(), yield* start()]
        yield* a.enroll(ada, Redacted.make(checkOf(storeKey)))
        yield* a.unlock(ada, given)
        const sealed = yield* a.cipher.seal(subject, nothing, bytes("tea"))
        const held = yield* b.sealing(subject)
        // Nothing that is said can be heard.
        yield* sql`ALTER TABLE vault_news RENAME TO vault_news_away`
        yield* eventually(Effect.sync(() => held.isWiped), (wiped) => wiped)
        assert.isTrue(b.isApart())
        assert.strictEqual(yield* tagOf(opens(b, sealed)), "Locked")
        // Nor does it seal under the node's key for who may have brought keys meanwhile.
        const strange = { owner: bo, stream: "document/d2" }
        assert.strictEqual(yield* tagOf(b.cipher.seal(strange, nothing, bytes("tea"))), "KeysUnavailable")
        yield* sql`ALTER TABLE vault_news_away RENAME TO vault_news`
        yield* eventually(Effect.sync(() => a.isApart() || b.isApart()), (apart) => !apart)
        assert.strictEqual(b.state(ada), "locked")
        yield* b.unlock(ada, given)
        assert.strictEqual(yield* opens(a, sealed), "tea")
        yield* b.cipher.seal(strange, nothing, bytes("tea"))
      })),
    60_000
  )

  it("M3 locked in one is locked in all, whatever was given before is brought again", () =>
    run(Effect.gen(function*() {
      const { sql, start } = yield* world
      const [a, b] = [yield* start(), yield* start()]
      yield* a.enroll(ada, Redacted.make(checkOf(storeKey)))
      // Everything that is given is kept, as one would who can write to the database.
      yield* sql`CREATE TABLE kept AS SELECT * FROM vault_gift`
      yield* sql`CREATE RULE keep AS ON INSERT TO vault_gift DO ALSO INSERT INTO kept VALUES (NEW.*)`
      yield* a.unlock(ada, given)
      yield* sql`DROP RULE keep ON vault_gift`
      assert.isNotEmpty(yield* sql`SELECT 1 FROM kept`)
      const held = yield* a.sealing(subject)
      yield* b.lock(ada)
      assert.isTrue(held.isWiped)
      assert.deepStrictEqual([a.state(ada), b.state(ada)], ["locked", "locked"])
      yield* sql`DELETE FROM vault_lock`
      yield* sql`INSERT INTO vault_gift SELECT * FROM kept`
      yield* eventually(sql`SELECT 1 FROM vault_gift`, (left) => left.length === 0)
      // An answer that everybody has heard comes after what was collected.
      yield* a.enroll(bo, Redacted.make(checkOf(storeKey)))
      assert.deepStrictEqual([a.state(ada), b.state(ada)], ["locked", "locked"])
      yield* b.unlock(ada, given)
      assert.strictEqual(a.state(ada), "unlocked")
    })), 60_000)

  it(
    "M3 who writes to the database without the node's key is sealed nothing, and gives nothing",
    () =>
      run(Effect.gen(function*() {
        const { sql, start } = yield* world
        const suite = yield* Effect.provide(CryptoSuite, NodeCryptoSuite.layer)
        const [node, thief] = [1, 2].map((byte) => ProcessKey.make(keyOf(byte), suite))
        const life = yield* thief!.live
        const a = yield* start()
        const [first] = yield* sql<{ process: string; announcement: Uint8Array }>`SELECT * FROM vault_process`
        const b = yield* start()
        yield* a.enroll(ada, Redacted.make(checkOf(storeKey)))
        yield* sql`CREATE TABLE kept AS SELECT * FROM vault_gift`
        yield* sql`CREATE RULE keep AS ON INSERT TO vault_gift DO ALSO INSERT INTO kept VALUES (NEW.*)`
        // A process of the thief's, one under the announcement of another, and the thief's key in the place of b's.
        for (const [process, shown] of [[life.process, life.announcement], ["copy", first!.announcement]] as const) {
          yield* sql`INSERT INTO vault_process VALUES (${process}, ${
            Buffer.from(shown)
          }, 1000, now() + interval '1 day')`
        }
        yield* sql`UPDATE vault_process SET announcement = ${Buffer.from(life.announcement)}
        WHERE process NOT IN (${first!.process}, ${life.process}, 'copy')`
        yield* a.unlock(ada, given)
        assert.deepStrictEqual([a.state(ada), b.state(ada)], ["unlocked", "locked"])
        assert.isEmpty(yield* sql`SELECT 1 FROM kept`, "nothing was sealed")
        // Keys of the thief's own: who took them would seal under them.
        yield* a.lock(ada)
        const key = yield* node!.keyOf(first!.process, first!.announcement)
        const secrets = { generation: 1, wrapping: new Uint8Array(32), address: new Uint8Array(32) }
        const gift = yield* thief!.seal(first!.process, key, [{ owner: ada, number: 1_000, usedAt: 0, secrets }])
        yield* sql`INSERT INTO vault_gift VALUES (${first!.process}, ${Buffer.from(gift)})`
        yield* eventually(sql`SELECT 1 FROM vault_gift`, (left) => left.length === 0)
        yield* a.enroll(bo, Redacted.make(checkOf(storeKey)))
        assert.strictEqual(a.state(ada), "locked")
      })),
    60_000
  )

  it("M4 used in one it stays open in the other, and unused it is locked in both", () =>
    run(Effect.gen(function*() {
      const { start } = yield* world
      const idleMs = 3_000
      const [a, b] = [yield* start({ idleMs }), yield* start({ idleMs })]
      yield* a.enroll(ada, Redacted.make(checkOf(storeKey)))
      yield* a.unlock(ada, given)
      const since = performance.now()
      const sealed = yield* b.cipher.seal(subject, nothing, bytes("tea"))
      // Asked of one alone for longer than the other would have waited by itself.
      yield* eventually(Effect.map(opens(b, sealed), () => performance.now() - since), (ms) => ms > idleMs * 2)
      assert.deepStrictEqual([a.state(ada), b.state(ada)], ["unlocked", "unlocked"])
      yield* becomes(a, "locked")
      yield* becomes(b, "locked")
    })), 60_000)
})
