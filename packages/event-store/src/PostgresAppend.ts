/** The committer's words to PostgreSQL: a round goes out as one call of `event_append`, and comes back as what became of it. */
import * as Effect from "effect/Effect"
import type { Chain, Round } from "./AppendPlan.ts"
import { byteaArray, int4Array, int8Array, textArray, uuidArray } from "./PostgresArrays.ts"
import { findValues, type Found, foundIn } from "./PostgresFind.ts"
import type { Rows, Session, SessionError } from "./PostgresSession.ts"
import { channel, locks } from "./PostgresTables.ts"
import type { Head } from "./StreamHeads.ts"

/** Where the whole log stands: its last position, and the hash of what lies there. */
export interface Tail {
  readonly position: number
  readonly hash: Uint8Array
}

export interface Outcome {
  /** The position before the first kept event. */
  readonly base: number
  /** Whether the log stood where we believed: then nobody else had appended. */
  readonly tailKept: boolean
  /** Chains of which nothing was kept, by index. */
  readonly refused: ReadonlySet<number>
  /** The true heads of those that stood elsewhere, by index. */
  readonly heads: ReadonlyMap<number, Head | null>
  readonly found: Found
}

/**
 * How the committer's session is set. Plans are made once and stay index descents whatever the statistics say; an answer means
 * on disk, whatever the server's default; each statement sees what was committed when it got the lock. Of a node that is gone without
 * a word the server hears within a quarter of a minute, and lets go of the log.
 */
export const committerSettings: ReadonlyArray<string> = [
  `set plan_cache_mode = force_generic_plan; set jit = off; set enable_seqscan = off; set enable_bitmapscan = off;
   set enable_hashjoin = off; set enable_mergejoin = off; set default_transaction_isolation = 'read committed';
   set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3;
   select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'; listen ${channel}`
]

const itself = (text: string): string => text
const hex = (text: string): Uint8Array => Buffer.from(text, "hex")

export const readTail = (session: Pick<Session, "ask">): Effect.Effect<Tail, SessionError> =>
  Effect.map(session.ask({ name: "tail", text: "select last_position, last_hash from log" }), ([row]) => ({
    position: row![0],
    hash: row![1]
  }))

/** The heads of those of the streams that have one. */
export const readHeads = (
  session: Session,
  streams: ReadonlySet<string>
): Effect.Effect<ReadonlyArray<readonly [string, Head]>, SessionError> =>
  Effect.map(
    session.ask({
      name: "heads",
      text: `select s.stream, h.version, h.hash from unnest($1::text[]) s(stream) cross join lateral (
               select version, hash from event where stream = s.stream order by stream desc, version desc limit 1) h`,
      values: [textArray([...streams], itself)]
    }),
    (rows) => rows.map(([stream, version, hash]) => [stream, { version, hash }] as const)
  )

/** Takes the append lock first, for a round that keeps missing. Ended by `commit`, or by the end of the session. */
export const beginLocked = (session: Session): Effect.Effect<Rows, SessionError> =>
  session.ask({ text: `begin; select pg_advisory_xact_lock(${locks.space}, ${locks.append})` })

export const commit = (session: Session): Effect.Effect<Rows, SessionError> => session.ask({ text: "commit" })

export const append = (
  session: Session,
  round: Round,
  tail: Tail | null,
  trusted: boolean,
  careful: boolean
): Effect.Effect<Outcome, SessionError> =>
  Effect.map(session.ask(question(round, tail, trusted, careful)), ([row]) => outcome(row!))

const parameters =
  "$1,$2,$3,$4,$5::text[],$6::int8[],$7::bytea[],$8::int4[],$9::text[],$10::int8[],$11::uuid[],$12::text[],$13::int4[]," +
  "$14::text[],$15::int8[],$16::bytea[],$17::bytea[],$18::bytea[],$19::bytea[],$20::bytea[],$21::uuid[],$22::text[]"

const question = (
  round: Round,
  tail: Tail | null,
  trusted: boolean,
  careful: boolean
) => {
  const { chainOfRow, chains, rows } = round
  return {
    name: "append",
    text: `select o_base, o_tail_kept, o_told from event_append(${parameters})`,
    values: [
      tail?.position ?? -1,
      tail?.hash ?? Buffer.alloc(0),
      trusted,
      careful,
      textArray(chains, (chain) => chain.stream),
      int8Array(chains, (chain) => chain.before.version),
      byteaArray(chains, (chain) => chain.before.hash),
      int4Array(chainOfRow, (index) => index + 1),
      textArray(rows, (row) => row.stream),
      int8Array(rows, (row) => row.version),
      uuidArray(rows, (row) => row.id),
      textArray(rows, (row) => row.type),
      int4Array(rows, (row) => row.schemaVersion),
      textArray(rows, (row) => row.owner),
      int8Array(rows, (row) => row.at),
      byteaArray(rows, (row) => row.meta),
      byteaArray(rows, (row) => row.routing),
      byteaArray(rows, (row) => row.private),
      byteaArray(rows, (row) => row.previousHash),
      byteaArray(rows, (row) => row.hash),
      ...findValues(round)
    ]
  }
}

const outcome = ([base, tailKept, told]: ReadonlyArray<any>): Outcome => ({
  base,
  tailKept,
  refused: new Set(told?.refused?.map((ord: number) => ord - 1)),
  heads: new Map(
    told?.heads?.map(([ord, version, hash]: [number, number | null, string | null]) => [
      ord - 1,
      version === null ? null : { version, hash: hex(hash!) }
    ])
  ),
  found: foundIn(told)
})

/** Whether the heads of a round need no look: each was learned while the log stood where it stands for us, or is a new stream's. */
export const isTrusted = (chains: ReadonlyArray<Chain>, isSure: (stream: string) => boolean): boolean =>
  chains.every(({ before, stream }) => before.version === 0 || isSure(stream))
