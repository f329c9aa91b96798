/**
 * What a view may do with one user's file: plain SQL, synchronous, statements prepared once per open file.
 *
 * Kept this small on purpose: the same view code runs over any SQLite (native here, WebAssembly in the browser).
 * Parameters are positional; booleans are written as 0 and 1.
 */

/** What SQLite stores. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** A statement that is run many times. */
export interface Statement {
  /** Answers how many rows changed. */
  readonly run: (...params: ReadonlyArray<SqlValue>) => number
}

export interface Database {
  /** The version of the view that wrote this file. */
  readonly version: number
  readonly run: (sql: string, ...params: ReadonlyArray<SqlValue>) => number
  readonly get: <Row>(sql: string, ...params: ReadonlyArray<SqlValue>) => Row | undefined
  readonly all: <Row>(sql: string, ...params: ReadonlyArray<SqlValue>) => Array<Row>
  /** The first column of the first row. */
  readonly value: <Value>(sql: string, ...params: ReadonlyArray<SqlValue>) => Value | undefined
  /** The first column of every row. */
  readonly values: <Value>(sql: string, ...params: ReadonlyArray<SqlValue>) => Array<Value>
  /** Rows one by one; stop early and the rest is never read. The same text must not be read twice at the same time. */
  readonly each: <Row>(sql: string, ...params: ReadonlyArray<SqlValue>) => IterableIterator<Row>
  /** For hot loops: looks the text up once. */
  readonly prepare: (sql: string) => Statement
}
