/** Where this browser keeps the key of a visit to a provider, and the session that came of it: apart from the keys of devices, which it has none of. */
import type { KeptSession } from "@vivim/client/SessionKeeper"

/** As much of IndexedDB as is kept under each name. */
export interface Kept {
  readonly going: KeptSession["keys"]
  readonly session: KeptSession
}

const [database, table] = ["vivim.visits", "visits"]

const done = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error ?? new Error("the browser keeps nothing")))
  })

const within = async <A>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<A>): Promise<A> => {
  const opening = indexedDB.open(database, 1)
  opening.addEventListener("upgradeneeded", () => void opening.result.createObjectStore(table))
  const opened = await done(opening)
  try {
    return await done(work(opened.transaction(table, mode).objectStore(table)))
  } finally {
    opened.close()
  }
}

export const read = <K extends keyof Kept>(name: K): Promise<Kept[K] | undefined> =>
  within("readonly", (store) => store.get(name) as IDBRequest<Kept[K] | undefined>)

/** Null: forgets it. */
export const keep = async <K extends keyof Kept>(name: K, kept: Kept[K] | null): Promise<void> =>
  void await within<unknown>(
    "readwrite",
    (store) => (kept === null ? store.delete(name) : store.put(kept, name)) as IDBRequest<unknown>
  )
