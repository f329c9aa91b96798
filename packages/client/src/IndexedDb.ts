/** As much of IndexedDB as devices need, in promises. Said here, for the rooms below the web client are checked without a browser's types. */

interface Request<A> {
  readonly result: A
  readonly error: unknown
  readonly addEventListener: (event: "success" | "error" | "upgradeneeded" | "blocked", heard: () => void) => void
}
export interface Store {
  readonly get: (key: string) => Request<unknown>
  readonly getAll: () => Request<ReadonlyArray<unknown>>
  readonly getAllKeys: () => Request<ReadonlyArray<unknown>>
  readonly add: (value: unknown, key: string) => Request<unknown>
  readonly put: (value: unknown, key: string) => Request<unknown>
  readonly delete: (key: string) => Request<unknown>
  readonly clear: () => Request<unknown>
}
interface Transaction {
  readonly objectStore: (name: string) => Store
  readonly error: unknown
  readonly addEventListener: (event: "complete" | "abort" | "error", heard: () => void) => void
}
export interface Database {
  readonly createObjectStore: (name: string) => unknown
  readonly transaction: (store: string, mode?: "readwrite") => Transaction
  readonly close: () => void
}
interface Factory {
  readonly open: (name: string, version: number) => Request<Database>
}

export const asked = <A>(request: Request<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error))
  })

/** A database of one store, made where there is none. */
export const opened = (name: string, store: string): Promise<Database> => {
  const request = (globalThis as unknown as { readonly indexedDB: Factory }).indexedDB.open(name, 1)
  request.addEventListener("upgradeneeded", () => void request.result.createObjectStore(store))
  return asked(request)
}
