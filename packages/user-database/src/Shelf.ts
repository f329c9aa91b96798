/** Where users' files lie, by name: the little that differs between a directory and memory. */
import type * as Effect from "effect/Effect"
import { createHash } from "node:crypto"
import type { SqliteFile } from "./SqliteFile.ts"
import type { UserDatabaseError } from "./UserDatabaseError.ts"
import type { UserView } from "./UserView.ts"

/** No name a user or a peer chose is ever part of a path. */
export const folderOf = (did: string): string => createHash("sha256").update(did).digest("hex")

/** Whose file it is, and of which view: what a file must say of itself to be opened. */
export interface Identity {
  readonly did: string
  readonly view: UserView
  readonly version: number
  /** What the file is sealed with, 32 bytes each: today's key first, then those it may still have. None: it lies open. */
  readonly keys?: ReadonlyArray<Uint8Array>
}

/** All but `sync` is synchronous and may throw; `folder` is the hash of a DID, names never hold anything a user chose. */
export interface Shelf {
  /** The DID a folder was made for, or null. */
  readonly owner: (folder: string) => string | null
  readonly claim: (folder: string, did: string) => void
  readonly disclaim: (folder: string) => void
  /** Every DID that claimed a folder. */
  readonly owners: () => ReadonlyArray<string>
  readonly has: (folder: string, name: string) => boolean
  readonly names: (folder: string) => ReadonlyArray<string>
  /** Opens, or makes the file when there is none, and lends it to `use`; it is not closed meanwhile. */
  readonly lend: <A>(folder: string, name: string, identity: Identity, now: number, use: (file: SqliteFile) => A) => A
  /** Moves a file over another, both closed first. */
  readonly rename: (folder: string, from: string, to: string) => void
  readonly remove: (folder: string, name: string) => void
  /** Keeps a file that is no longer used under `<name>.aside`, in the place of what was kept there before. */
  readonly setAside: (folder: string, name: string) => void
  /** Closes what of a folder is open. */
  readonly close: (folder: string) => void
  /** Closes what nobody used since. */
  readonly closeIdle: (since: number) => void
  readonly closeAll: () => void
  readonly sync: Effect.Effect<void, UserDatabaseError>
}
