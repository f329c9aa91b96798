/**
 * Where a device keeps its index of sealed conversations: sealed records by name, whole or not at all. In browsers `layerIndexedDb`.
 *
 * I1  What was put is there for who opens the store later, until it is removed or all of it is cleared.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { asked, opened } from "../IndexedDb.ts"

export interface Shape {
  readonly all: Effect.Effect<ReadonlyMap<string, Uint8Array>>
  readonly put: (name: string, record: Uint8Array) => Effect.Effect<void>
  readonly remove: (name: string) => Effect.Effect<void>
  readonly clear: Effect.Effect<void>
}

const Records = "records"

/** A store that cannot be used keeps nothing: the index is then made anew each time. */
const quietly = <A>(work: () => Promise<A>, otherwise: A): Effect.Effect<A> =>
  Effect.orElseSucceed(Effect.tryPromise(work), () => otherwise)

export class IndexStore extends Context.Tag("@vivim/client/sealed/IndexStore")<IndexStore, Shape>() {
  static readonly layerMemory: Layer.Layer<IndexStore> = Layer.sync(IndexStore, () => {
    const kept = new Map<string, Uint8Array>()
    return {
      all: Effect.sync(() => new Map(kept)),
      put: (name, record) => Effect.sync(() => void kept.set(name, record)),
      remove: (name) => Effect.sync(() => void kept.delete(name)),
      clear: Effect.sync(() => kept.clear())
    }
  })

  static readonly layerIndexedDb = (database = "vivim-sealed"): Layer.Layer<IndexStore> =>
    Layer.sync(IndexStore, () => {
      const db = opened(database, Records)
      // Whoever asks is told; nobody else needs to be.
      db.catch(() => undefined)
      const store = (mode?: "readwrite") => db.then((db) => db.transaction(Records, mode).objectStore(Records))
      return {
        all: quietly(
          () =>
            store().then((store) => Promise.all([asked(store.getAllKeys()), asked(store.getAll())])).then((
              [names, all]
            ) => new Map(names.map((name, n) => [String(name), all[n] as Uint8Array]))),
          new Map()
        ),
        put: (name, record) =>
          quietly(() => store("readwrite").then((store) => asked(store.put(record, name))), undefined),
        remove: (name) => quietly(() => store("readwrite").then((store) => asked(store.delete(name))), undefined),
        clear: quietly(() => store("readwrite").then((store) => asked(store.clear())), undefined)
      }
    })
}
