/**
 * Connections to PostgreSQL: one that is held, and a pool of them for reading.
 *
 * P1  Who holds a session is told when its connection is gone; giving it up takes a second at most, whether or not the server answers.
 * P2  No statement waits for ever: the server stops it, and should the server be gone without a word, we do.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import pg from "pg"
import { EventStoreError, type SegmentDamaged } from "./EventStoreError.ts"
import { MessageLine } from "./PostgresMessages.ts"
import { type BinaryRow, RowQuery, type RowQuestion } from "./PostgresRows.ts"

/** What the driver or the server said. `code` is PostgreSQL's SQLSTATE or the system's error name. */
export class SessionError extends Data.TaggedError("SessionError")<{
  readonly message: string
  readonly code: string | undefined
}> {}

const said = (error: Error): SessionError =>
  new SessionError({ message: error.message, code: (error as { readonly code?: string }).code })

export interface Question {
  /** A named statement is parsed and planned once per session. */
  readonly name?: string
  readonly text: string
  readonly values?: ReadonlyArray<unknown>
}

/** Rows as arrays: numbers for integers, Buffers for bytea, strings for the rest. */
export type Rows = ReadonlyArray<ReadonlyArray<any>>

export interface Session {
  readonly ask: (question: Question) => Effect.Effect<Rows, SessionError>
  /**
   * Sends messages of the protocol, ended by a Sync, without waiting for the answer to what was posted before. Tells the first column of
   * every row they gave. Nothing is to be asked until all is answered.
   */
  readonly post: (messages: Buffer, done: (error: SessionError | null, told: ReadonlyArray<string>) => void) => void
  /** Answers when the connection is gone. */
  readonly lost: Effect.Effect<void>
  readonly client: pg.Client
  /** The server's process behind it. */
  readonly processId: number
}

/** How long to wait, in milliseconds. */
export interface Patience {
  /** For a connection. */
  readonly connectMs: number
  /** The server, for a statement. */
  readonly statementMs: number
  /** We, for the server's answer: a little longer, so that it has the first word. */
  readonly answerMs: number
  /** For whoever says nothing in the middle of a transaction. */
  readonly silentMs: number
}

const standard = { connectMs: 5_000, statementMs: 30_000, silentMs: 15_000 }
export const patient = (waits: Partial<typeof standard> = {}): Patience => {
  const given = { ...standard, ...waits }
  return { ...given, answerMs: given.statementMs + 5_000 }
}

/** For what takes as long as the log is. */
export const unhurried: Patience = { ...patient(), statementMs: 0, answerMs: 0 }

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === "t",
  17: (text) => Buffer.from(text.slice(2), "hex"),
  20: Number,
  21: Number,
  23: Number,
  3802: (text) => JSON.parse(text)
}
const asText = (text: string) => text
const types = { getTypeParser: (oid: number) => parsers[oid] ?? asText }

const configOf = (
  url: Redacted.Redacted<string>,
  name: string,
  { answerMs, connectMs, silentMs, statementMs }: Patience
): pg.ClientConfig => ({
  connectionString: Redacted.value(url),
  application_name: `vivim ${name}`,
  connectionTimeoutMillis: connectMs,
  statement_timeout: statementMs,
  query_timeout: answerMs,
  idle_in_transaction_session_timeout: silentMs,
  keepAlive: true,
  keepAliveInitialDelayMillis: 5_000,
  types: types as pg.CustomTypesConfig
})

const asked = (
  client: {
    query: (config: pg.QueryArrayConfig, done: (error: Error | null, result: pg.QueryArrayResult) => void) => void
  },
  question: Question
): Effect.Effect<Rows, SessionError> =>
  Effect.async((resume) => {
    client.query({ ...question, rowMode: "array" } as pg.QueryArrayConfig, (error, result) =>
      resume(error ? Effect.fail(said(error)) : Effect.succeed(result.rows)))
  })

/** Opens a session and prepares it with the given statements. Closed with the scope, by force if it does not answer. */
export const open = (
  url: Redacted.Redacted<string>,
  name: string,
  prepare: ReadonlyArray<string>,
  patience = patient()
): Effect.Effect<Session, SessionError, Scope.Scope> =>
  Effect.gen(function*() {
    const client = yield* Effect.acquireRelease(
      Effect.async<pg.Client, SessionError>((resume) => {
        const client = new pg.Client(configOf(url, name, patience))
        client.on("error", () => {})
        client.connect((error: Error | null) => {
          if (error === null || error === undefined) return resume(Effect.succeed(client))
          destroy(client)
          resume(Effect.fail(said(error)))
        })
      }),
      close
    )
    for (const text of prepare) yield* asked(client, { text })
    const lost = Effect.async<void>((resume) => {
      const gone = () => resume(Effect.void)
      client.once("end", gone)
      client.once("error", gone)
      return Effect.sync(() => client.off("end", gone).off("error", gone))
    })
    const line = new MessageLine(client)
    return {
      ask: (question) => asked(client, question),
      post: (messages, done) => line.post(messages, (error, told) => done(error === null ? null : said(error), told)),
      lost,
      client,
      processId: (client as unknown as { readonly processID: number }).processID
    }
  })

const close = (client: pg.Client): Effect.Effect<void> =>
  Effect.async<void>((resume) => client.end(() => resume(Effect.void))).pipe(
    Effect.timeoutTo({ duration: 1_000, onSuccess: () => {}, onTimeout: () => destroy(client) }),
    Effect.asVoid
  )

const destroy = (client: pg.Client): void => {
  ;(client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream.destroy()
}

/** A few sessions for reading. */
export interface Pool {
  readonly ask: Session["ask"]
  /** Rows read in binary. */
  readonly rows: <A>(
    question: RowQuestion,
    decode: (row: BinaryRow) => A
  ) => Effect.Effect<ReadonlyArray<A>, SessionError>
}

/** In the order of an index, one row after the other: else a page could cost as much as the table is long. */
const byIndexes = "set enable_seqscan = off; set enable_bitmapscan = off; set enable_sort = off; set jit = off"

/** Opened when needed. One that failed, or was left in the middle of an answer, leaves the pool. */
export const pool = (
  url: Redacted.Redacted<string>,
  name: string,
  sessionsMax: number,
  patience = patient()
): Effect.Effect<Pool, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const pool = new pg.Pool({
        ...configOf(url, name, patience),
        max: sessionsMax,
        idleTimeoutMillis: 60_000,
        // Whatever the statistics say of a table that has just grown.
        onConnect: (client) => client.query(byIndexes).then(() => {})
      })
      pool.on("error", () => {})
      // The pool hears a session that idles; while it is lent nobody would, and an error nobody hears ends the process.
      pool.on("connect", (client) => client.on("error", () => {}))
      return pool
    }),
    (pool) => Effect.promise(() => pool.end()).pipe(Effect.timeoutOption(2_000), Effect.interruptible)
  ).pipe(
    Effect.map((pool) => ({
      ask: (question) => asked(pool as never, question),
      rows: (question, decode) => read(pool, question, decode)
    }))
  )

const read = <A>(
  pool: pg.Pool,
  question: RowQuestion,
  decode: (row: BinaryRow) => A
): Effect.Effect<ReadonlyArray<A>, SessionError> =>
  Effect.async((resume) => {
    let giveBack: ((broken: boolean) => void) | null = null
    let over = false
    const end = (broken: boolean) => {
      over = true
      giveBack?.(broken)
      giveBack = null
    }
    pool.connect((error, client, release) => {
      if (client === undefined) return resume(Effect.fail(said(error ?? new Error("no connection"))))
      if (over) return release()
      giveBack = release
      client.query(
        new RowQuery(question, decode, (error, rows) => {
          end(error !== null)
          resume(error === null ? Effect.succeed(rows) : Effect.fail(said(error)))
        })
      )
    })
    return Effect.sync(() => end(true))
  })

/** What the caller was about to do, and why it failed. */
export const failing =
  (doing: string) =>
  <A, E extends SessionError | SegmentDamaged, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, EventStoreError, R> =>
    Effect.mapError(work, (cause) => new EventStoreError({ doing, cause }))

/** Whether waiting may cure it: the server is away, starting, stopping, full or busy, or the connection broke. */
export const isAway = (cause: unknown): boolean => {
  const code = (cause as { readonly code?: string } | null)?.code
  return code === undefined || /^E[A-Z]/.test(code) || /^(08|40|53|55|57|58)/.test(code)
}
