/** What PostgreSQL can take at all, into a table with the log's indexes: COPY, a thousand rows an INSERT, one row an INSERT. */
import type { Connection, Submittable } from "pg"
import pg from "pg"
import { type Cost, measure, type Watch } from "./ServerCost.ts"

const rowsAtOnce = 1_000
const row = "x".repeat(640)
let serial = 0

/** `copy … from stdin` in text form, as `pg` takes a query. */
class CopyIn implements Submittable {
  private readonly lines: Buffer
  private readonly done: (error: Error | null) => void
  private failed = false

  constructor(lines: Buffer, done: (error: Error | null) => void) {
    this.lines = lines
    this.done = done
  }

  submit(connection: Connection): void {
    connection.query("copy ceiling (stream, version, type, data) from stdin")
  }

  handleCopyInResponse(connection: any): void {
    connection.sendCopyFromChunk(this.lines)
    connection.endCopyFrom()
  }

  handleError(error: Error): void {
    this.failed = true
    this.done(error)
  }

  handleReadyForQuery(): void {
    if (!this.failed) this.done(null)
  }

  handleCommandComplete(): void {}
}

const lines = () => {
  let text = ""
  for (let n = 0; n < rowsAtOnce; n++) text += `document/${++serial}\t1\tdocument.MessageAppended\t${row}\n`
  return Buffer.from(text)
}

const single = {
  name: "single",
  text: "insert into ceiling (stream, version, type, data) values ($1, 1, 'document.MessageAppended', $2)"
}
const many = {
  name: "many",
  text:
    "insert into ceiling (stream, version, type, data) select s, 1, 'document.MessageAppended', $2 from unnest($1::text[]) s"
}

/** So many loops side by side, each step answering its rows. */
const loops = (count: number, step: () => Promise<number>) => async (watch: Watch) => {
  await Promise.all(Array.from({ length: count }, async () => {
    while (watch.isOpen()) watch.done(performance.now(), await step())
  }))
}

/** One connection that streams COPY, one that inserts a thousand rows at a time, and 64 that insert row by row. */
export const ceilings = async (
  postmaster: number,
  url: string,
  ms: number
): Promise<Readonly<Record<"copy" | "insert1000" | "insert1", Cost>>> => {
  const pool = new pg.Pool({ connectionString: url, max: 64 })
  await pool.query(
    `create table ceiling (position bigserial primary key, stream text not null, version bigint not null, type text not null,
       data text not null, unique (stream, version))`
  )
  const client = await pool.connect()
  const copy = await measure(
    postmaster,
    ms,
    loops(1, () =>
      new Promise((resolve, reject) => {
        client.query(new CopyIn(lines(), (error) => error === null ? resolve(rowsAtOnce) : reject(error)))
      }))
  )
  const insert1000 = await measure(
    postmaster,
    ms,
    loops(1, async () => {
      const streams = Array.from({ length: rowsAtOnce }, () => `document/${++serial}`)
      await client.query({ ...many, values: [streams, row] })
      return rowsAtOnce
    })
  )
  client.release()
  const insert1 = await measure(
    postmaster,
    ms,
    loops(64, async () => {
      await pool.query({ ...single, values: [`document/${++serial}`, row] })
      return 1
    })
  )
  await pool.end()
  return { copy, insert1000, insert1 }
}
