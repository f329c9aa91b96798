/**
 * Where this browser keeps the keys of its accounts: a record for each in IndexedDB. Keys that sign, prove and seal are the platform's own and
 * cannot be read out of it; the few secrets that must be bytes lie sealed under one of them.
 */
import type { KeptSession } from "@vivim/client/SessionKeeper"
import type { DeviceKeys } from "@vivim/crypto/BrowserCryptoSuite"
import { untrack } from "solid-js"
import { type Account, account } from "../session/Session.ts"

/** What must be bytes to be used, in base64url. */
export interface Secrets {
  /** Only where the platform has no Ed25519 of its own. */
  readonly signing: string | null
  /** Every key this device signs operations with follows from it. */
  readonly rotation: string
  readonly kem: string
  /** Only until the node keeps it sealed to this device. */
  readonly master: string | null
}

export interface Kept {
  readonly account: Account
  readonly signing: DeviceKeys | null
  readonly sealing: CryptoKey
  readonly sealed: { readonly iv: Uint8Array<ArrayBuffer>; readonly bytes: ArrayBuffer }
  /** The master key sealed to a kit, until the node keeps it. */
  readonly kitWrap: string | null
  readonly session: KeptSession | null
}

const [database, table] = ["vivim", "keys"]

let entering: string | undefined

/** Whose keys are used from now on, while nobody is signed in yet. */
export const enter = (userId: string): void => {
  entering = userId
}

/** Whose keys are used: of whoever is signed in, or is about to be. */
const present = (): string => untrack(account)?.userId ?? entering ?? ""

const done = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error ?? new Error("the browser keeps no keys")))
  })

const open = (): Promise<IDBDatabase> => {
  const opening = indexedDB.open(database, 1)
  opening.addEventListener("upgradeneeded", () => void opening.result.createObjectStore(table))
  return done(opening)
}

const within = async <A>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<A>): Promise<A> => {
  const opened = await open()
  try {
    return await done(work(opened.transaction(table, mode).objectStore(table)))
  } finally {
    opened.close()
  }
}

export const read = (userId = present()): Promise<Kept | undefined> =>
  within("readonly", (store) => store.get(userId) as IDBRequest<Kept | undefined>)

export const keep = async (kept: Kept): Promise<void> =>
  void await within("readwrite", (store) => store.put(kept, kept.account.userId))

export const wipe = async (userId = present()): Promise<void> =>
  void await within("readwrite", (store) => store.delete(userId))

/** One tab at a time: what is read in `work` is still so when it writes. */
const alone = <A>(work: () => Promise<A>): Promise<A> =>
  "locks" in navigator ? navigator.locks.request("vivim.keys", work) as Promise<A> : work()

/** Changes the record, if it is there still. */
export const change = (to: (kept: Kept) => Kept | Promise<Kept>, userId = present()): Promise<void> =>
  alone(async () => {
    const kept = await read(userId)
    if (kept !== undefined) await keep(await to(kept))
  })

const utf8 = new TextEncoder()

export const newSealing = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])

export const seal = async (sealing: CryptoKey, secrets: Secrets): Promise<Kept["sealed"]> => {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, sealing, utf8.encode(JSON.stringify(secrets)))
  return { iv, bytes }
}

export const unseal = async ({ sealed: { bytes, iv }, sealing }: Pick<Kept, "sealed" | "sealing">): Promise<Secrets> =>
  JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, sealing, bytes))) as Secrets
