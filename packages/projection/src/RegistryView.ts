/**
 * A view in the master registry, declared: the tables it keeps in PostgreSQL and, per event, the rows to put, patch or drop.
 * It sees routing parts alone, so nothing private can come to lie in the registry. What it says of a row is data, not SQL:
 * a whole batch folds in memory and travels as one statement per table.
 */
import type * as Event from "@vivim/event-schemas/Event"
import type { Fact } from "./Fact.ts"

/** `columns` are SQL types by name, in order; `key` names the primary key. */
export interface Table {
  readonly key: ReadonlyArray<string>
  readonly columns: Readonly<Record<string, string>>
  readonly indexes?: ReadonlyArray<ReadonlyArray<string>>
}

export type Row = Readonly<Record<string, unknown>>

/**
 * `put` sets the given columns, making the row if it is not there; `patch` only changes a row that is there;
 * `drop` with only the first columns of the key drops every row under it.
 */
export type Op =
  | { readonly op: "put"; readonly table: string; readonly row: Row }
  | { readonly op: "patch"; readonly table: string; readonly key: Row; readonly row: Row }
  | { readonly op: "drop"; readonly table: string; readonly key: Row }

export const put = (table: string, row: Row): Op => ({ op: "put", table, row })
export const patch = (table: string, key: Row, row: Row): Op => ({ op: "patch", table, key, row })
export const drop = (table: string, key: Row): Op => ({ op: "drop", table, key })

export interface RegistryView<E extends Event.Any = Event.Any> {
  readonly name: string
  /** Raise it when rows would come out different: the view is then built anew beside the old one. */
  readonly version: number
  readonly reads: Event.Vocabulary<E>
  readonly tables: Readonly<Record<string, Table>>
  readonly on: {
    readonly [Tag in E["tag"]]?: (
      event: Event.Routing<Extract<E, { readonly tag: Tag }>>,
      fact: Fact
    ) => ReadonlyArray<Op>
  }
  /** The keys whose watchers must look again. */
  readonly touches: (event: Event.Routing<E>, fact: Fact) => ReadonlyArray<string>
}

export const make = <E extends Event.Any>(view: RegistryView<E>): RegistryView<E> => view
