/**
 * A view of one user's data, declared: which tables, what each event leaves in them, whom to wake.
 * A view is a cache of the log: everything in its file can be built again from the events.
 */
import { createHash } from "node:crypto"
import type { Database } from "./Database.ts"

/** An opened event as a view sees it. */
export interface Fact {
  /** Where it lies in the node's log, from 1. */
  readonly position: number
  readonly stream: string
  readonly version: number
  /** DID of the account whose data this is. */
  readonly owner: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly event: { readonly _tag: string } & Record<string, any>
}

export interface UserView {
  /** Lower-case letters, digits and dashes: it is part of file names. */
  readonly name: string
  /** Raise it when rows would come out different: the view is then built anew beside the old one. */
  readonly version: number
  /** The oldest version whose files today's queries can read while the new one is being built. Default: any. */
  readonly readableFrom?: number
  /** The DDL, statement by statement. */
  readonly tables: ReadonlyArray<string>
  /** Runs synchronously inside the batch's transaction. Events it does not know change nothing. */
  readonly apply: (db: Database, fact: Fact) => void
  /** The keys whose watchers must look again. */
  readonly touches: (fact: Fact) => ReadonlyArray<string>
  /** The keys whose watchers must look again when all of a user's file came or went. */
  readonly wakes?: (did: string) => ReadonlyArray<string>
  /** True when what this event removed must leave no trace in the file: the journal is emptied after the batch. */
  readonly erases?: (fact: Fact) => boolean
}

/** What the tables of a view look like, in 64 hexadecimal digits. A file remembers it: DDL never changes under one version. */
export const fingerprint = (view: UserView): string =>
  createHash("sha256").update(JSON.stringify(view.tables)).digest("hex")
