/**
 * One open SQLite file: how it is opened, what it must say of itself, and how a batch of events goes into it.
 *
 * F1  A file that belongs to someone else, to another view, is empty, or whose tables are not this version's, is not opened.
 * F2  A batch is applied whole or not at all, and says at which event it failed.
 * F3  What an erasing event removed is gone from the file and its journal.
 */
import type Sqlite from "better-sqlite3-multiple-ciphers"
import type { Database, SqlValue, Statement } from "./Database.ts"
import * as FileFault from "./FileFault.ts"
import * as SealedSqlite from "./SealedSqlite.ts"
import type { Identity } from "./Shelf.ts"
import { EventNotApplied } from "./UserDatabaseError.ts"
import { type Fact, fingerprint, type UserView } from "./UserView.ts"

/** Statements kept ready per file; beyond it the oldest goes. */
const statementsMax = 256

/** Kibibytes of pages kept in memory: at least, and at most, which is also what a batch is given while it is applied. */
const cacheKiB = { min: 2_000, max: 16_000 }

const tables = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
  INSERT INTO checkpoint VALUES (1, 0);`

/** What one file did with a batch. */
interface Written {
  readonly checkpoint: number
  readonly applied: number
  readonly skipped: number
  readonly touched: ReadonlyArray<string>
}

/** Connects to a path (or ":memory:"), making the tables when the file is empty, unless it was there before: then it lost them. */
export const open = (path: string, identity: Identity, wasThere = false, disposable = false): SqliteFile => {
  const connection = SealedSqlite.open(path, identity.keys ?? [])
  try {
    // A view is a cache of the log: after a power cut the last batches may be missing, never half there. What nobody reads
    // before it is complete may be torn by then: it is begun again, and costs neither a journal nor a wait for the disk.
    connection.pragma(`synchronous = ${disposable ? "OFF" : "NORMAL"}`)
    connection.pragma(`journal_mode = ${disposable ? "MEMORY" : "WAL"}`)
    connection.pragma("foreign_keys = ON")
    connection.pragma("trusted_schema = OFF")
    connection.pragma("secure_delete = ON")
    connection.pragma("mmap_size = 0")
    connection.pragma("temp_store = MEMORY")
    connection.pragma(`cache_size = -${cacheKiB.min}`)
    connection.pragma("journal_size_limit = 1048576")
    const expected = identityRows(identity)
    if (connection.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0) {
      if (wasThere) throw new FileFault.NotThatFile(`${path}: it is empty`)
      furnish(connection, identity, expected)
    }
    recognise(connection, path, expected)
    connection.pragma("query_only = ON")
    return new SqliteFile(connection, identity.version, disposable)
  } catch (cause) {
    connection.close()
    throw cause
  }
}

const identityRows = ({ did, version, view }: Identity): ReadonlyArray<readonly [string, string]> => [
  ["did", did],
  ["view", view.name],
  ["version", String(version)],
  // An older version's tables are not known any more; only today's can be compared.
  ...(version === view.version ? [["tables", fingerprint(view)] as const] : [])
]

const furnish = (connection: Sqlite.Database, { version, view }: Identity, rows: ReturnType<typeof identityRows>) => {
  connection.transaction(() => {
    connection.exec(tables)
    connection.pragma(`application_id = ${0x56495649}`)
    connection.pragma(`user_version = ${version}`)
    for (const [name, value] of rows) connection.prepare("INSERT INTO meta VALUES (?, ?)").run(name, value)
    for (const statement of view.tables) connection.exec(statement)
  }).immediate()
}

const recognise = (connection: Sqlite.Database, path: string, rows: ReturnType<typeof identityRows>) => {
  const known = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() !== undefined
  if (!known) throw new FileFault.NotThatFile(`${path}: it does not say whose it is`)
  const read = connection.prepare<[string], string>("SELECT value FROM meta WHERE name = ?").pluck()
  for (const [name, expected] of rows) {
    const found = read.get(name)
    if (found === expected) continue
    // A mistake of this build, and every file's: none is damaged.
    if (name === "tables") throw new Error(`${path}: the view's tables changed without its version being raised`)
    throw new FileFault.NotThatFile(`${path}: its ${name} is ${found ?? "missing"}, not ${expected}`)
  }
}

/** An open file. Only `apply` writes; everything handed to readers is held read-only by the connection itself. */
export class SqliteFile implements Database {
  readonly version: number
  /** True while something written may not have reached the disk. Whoever syncs the journal says so here. */
  unsynced = true
  private readonly connection: Sqlite.Database
  /** Nothing of it needs to last: it is written without a journal on the disk. */
  private readonly disposable: boolean
  private cached = cacheKiB.min
  private readonly rows = new Map<string, Sqlite.Statement<Array<SqlValue>>>()
  private readonly columns = new Map<string, Sqlite.Statement<Array<SqlValue>>>()

  constructor(connection: Sqlite.Database, version: number, disposable: boolean) {
    this.connection = connection
    this.version = version
    this.disposable = disposable
  }

  run(sql: string, ...params: ReadonlyArray<SqlValue>): number {
    return this.statement(this.rows, sql).run(...params).changes
  }

  get<Row>(sql: string, ...params: ReadonlyArray<SqlValue>): Row | undefined {
    return this.statement(this.rows, sql).get(...params) as Row | undefined
  }

  all<Row>(sql: string, ...params: ReadonlyArray<SqlValue>): Array<Row> {
    return this.statement(this.rows, sql).all(...params) as Array<Row>
  }

  value<Value>(sql: string, ...params: ReadonlyArray<SqlValue>): Value | undefined {
    return this.statement(this.columns, sql).get(...params) as Value | undefined
  }

  values<Value>(sql: string, ...params: ReadonlyArray<SqlValue>): Array<Value> {
    return this.statement(this.columns, sql).all(...params) as Array<Value>
  }

  each<Row>(sql: string, ...params: ReadonlyArray<SqlValue>): IterableIterator<Row> {
    return this.statement(this.rows, sql).iterate(...params) as IterableIterator<Row>
  }

  prepare(sql: string): Statement {
    const statement = this.statement(this.rows, sql)
    return { run: (...params) => statement.run(...params).changes }
  }

  get checkpoint(): number {
    return this.value<number>("SELECT position FROM checkpoint") ?? 0
  }

  /** How much of the file may stay in memory between two questions. */
  cache(kib: number): void {
    const wanted = Math.max(cacheKiB.min, Math.min(cacheKiB.max, Math.floor(kib)))
    if (wanted !== this.cached) this.connection.pragma(`cache_size = -${wanted}`)
    this.cached = wanted
  }

  /** Moves the checkpoint over events that leave nothing here. */
  seen(position: number): void {
    if (position <= this.checkpoint) return
    this.unsynced = true
    this.connection.pragma("query_only = OFF")
    try {
      this.run("UPDATE checkpoint SET position = ? WHERE one = 1", position)
    } finally {
      this.connection.pragma("query_only = ON")
    }
  }

  /** One transaction: rows of the events not yet seen, and the new checkpoint. */
  apply(view: UserView, facts: ReadonlyArray<Fact>): Written {
    const before = this.checkpoint
    const fresh = facts.filter((fact) => fact.position > before)
    const skipped = facts.length - fresh.length
    if (fresh.length === 0) return { checkpoint: before, applied: 0, skipped, touched: [] }
    const touched = new Set<string>()
    let checkpoint = before
    this.unsynced = true
    this.connection.pragma("query_only = OFF")
    this.connection.pragma(`cache_size = -${cacheKiB.max}`)
    try {
      this.connection.transaction(() => {
        for (const fact of fresh) {
          if (fact.position <= checkpoint) throw new Error(`position ${fact.position} comes after ${checkpoint}`)
          applyOne(view, this, fact)
          for (const key of view.touches(fact)) touched.add(key)
          checkpoint = fact.position
        }
        // By its key: an update that may touch many rows makes the full-text index write out what it gathered.
        this.run("UPDATE checkpoint SET position = ? WHERE one = 1", checkpoint)
      }).immediate()
      const erased = !this.disposable && view.erases !== undefined && fresh.some((fact) => view.erases!(fact))
      if (erased) this.connection.pragma("wal_checkpoint(TRUNCATE)")
    } finally {
      this.connection.pragma(`cache_size = -${cacheKiB.min}`)
      this.connection.pragma("query_only = ON")
    }
    return { checkpoint, applied: fresh.length, skipped, touched: [...touched] }
  }

  /** Closing the last connection moves the journal into the file, synced. */
  close(): void {
    this.connection.close()
  }

  private statement(cache: Map<string, Sqlite.Statement<Array<SqlValue>>>, sql: string) {
    const ready = cache.get(sql)
    if (ready !== undefined) return ready
    const statement = this.connection.prepare<Array<SqlValue>>(sql)
    if (cache === this.columns) statement.pluck()
    if (cache.size >= statementsMax) cache.delete(cache.keys().next().value!)
    cache.set(sql, statement)
    return statement
  }
}

const applyOne = (view: UserView, file: SqliteFile, fact: Fact) => {
  try {
    view.apply(file, fact)
  } catch (cause) {
    if (FileFault.isDamage(cause) || FileFault.isWeather(cause)) throw cause
    throw new EventNotApplied({ view: view.name, position: fact.position, type: fact.event._tag, cause })
  }
}
