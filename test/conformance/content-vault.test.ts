/** Content of who has a vault, on real PostgreSQL: it comes and goes with the keys, and each is destroyed on its own. */
import * as PgClient from "@effect/sql-pg/PgClient"
import { ContentStore } from "@vivim/content-store/ContentStore"
import * as SqlContentStore from "@vivim/content-store/SqlContentStore"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { assert, describe, it } from "vitest"
import { noise, read } from "./ContentStoreLaws.ts"
import { noServer, serverPostgres } from "./ServerPostgres.ts"
import { ada, vaulted } from "./Vaulted.ts"

const bo = "did:key:zBo"

describe.skipIf(noServer !== null)("content of who has a vault", () => {
  const onStore = (holds: (given: any) => Effect.Effect<void, any, any>) =>
    Effect.gen(function*() {
      const keys = yield* vaulted
      const { newDatabase } = yield* serverPostgres
      const ground = yield* Layer.build(
        SqlContentStore.layer({ bytesMax: 9_000_000, uploadIdleMax: "1 hour" }).pipe(
          Layer.provide(Layer.succeed(PayloadCipher, keys.cipher)),
          Layer.provide(PgClient.layer({ url: yield* newDatabase, maxConnections: 4 }))
        )
      )
      yield* holds({ ...keys, contents: Context.get(ground, ContentStore) })
    }).pipe(Effect.scoped, (work) => Effect.runPromise(work as Effect.Effect<void>))

  it("K5 is neither kept nor got back while the vault is locked; others' is", () =>
    onStore(({ contents, lock, unlock }) =>
      Effect.gen(function*() {
        const { hash } = yield* contents.put(ada, noise(900), "image/png")
        yield* lock
        for (const work of [contents.put(ada, noise(5), "image/png"), contents.get(ada, hash)]) {
          assert.strictEqual((yield* Effect.flip(work) as any)._tag, "Locked")
        }
        const own = yield* contents.put(bo, noise(900), "image/png")
        assert.isNotNull(yield* read(contents, bo, own.hash))
        yield* unlock
        assert.isTrue((yield* read(contents, ada, hash))!.bytes.equals(noise(900)))
      })
    ))

  it("K6 forgotten, it is gone with its key, and no other with it", () =>
    onStore(({ contents, vault }) =>
      Effect.gen(function*() {
        const [one, other] = [
          yield* contents.put(ada, noise(900), "image/png"),
          yield* contents.put(ada, noise(2_000_000), "image/png")
        ]
        const own = yield* contents.put(bo, noise(900), "image/png")
        const destroyed: Array<string> = []
        const destroy = (stream: string) =>
          Effect.zipRight(Effect.sync(() => destroyed.push(stream)), vault.destroy({ owner: ada, stream }))
        yield* contents.forget(ada, [one.hash, "0".repeat(64)], destroy)
        assert.strictEqual(destroyed.length, 1)
        assert.isNull(yield* contents.get(ada, one.hash))
        assert.isNotNull(yield* read(contents, ada, other.hash))
        assert.isNotNull(yield* read(contents, bo, own.hash))
        yield* contents.forget(ada, null, destroy)
        assert.isNull(yield* contents.get(ada, other.hash))
        assert.isNotNull(yield* read(contents, bo, own.hash))
      })
    ))
})
