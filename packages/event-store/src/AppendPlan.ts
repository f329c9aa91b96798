/**
 * What one round of the committer carries to the database, worked out from what waits and what is known of the streams.
 * No clock, no database: the same input always gives the same round.
 *
 * N1  Appends to one stream chain in the order they came, each on the versions and hashes the one before it is to reach.
 * N2  An append that would be refused for another of the round is refused only if that one is kept; else it waits for the next.
 *     So does one that continues an append which this round, or one under way, refuses.
 * N3  A refusal is only planned on a head that is certainly not the expected one, and only stands if its ids are new.
 * N4  No event id is twice in a round.
 */
import type { Waiting } from "./AppendQueue.ts"
import { eventHash, noHash } from "./EventHash.ts"
import type { Expected, RecordedEvent } from "./EventStore.ts"
import { stated } from "./Stated.ts"
import type { Head, StreamHeads } from "./StreamHeads.ts"

/** An event on its way: its position is known when the round is kept. */
export type Row = { -readonly [Field in keyof RecordedEvent]: RecordedEvent[Field] }

/** The appends of one stream in this round: kept together, or none of them. */
export interface Chain {
  readonly stream: string
  /** Where the stream is believed to stand. */
  readonly before: Head
  after: Head
  readonly links: Array<Link>
}

export interface Link {
  readonly waiting: Waiting
  readonly rows: ReadonlyArray<Row>
}

/** To be refused because the stream stands at `actual`, unless the ids turn out to be stated already. */
export interface Doomed {
  readonly waiting: Waiting
  readonly actual: number
  /** Only if the round keeps the chain of its stream. */
  readonly rival: boolean
}

export interface Round {
  /** In the order of the log to be. */
  readonly rows: Array<Row>
  /** For each row the index of its chain. */
  readonly chainOfRow: Array<number>
  readonly chains: Array<Chain>
  readonly doomed: Array<Doomed>
  /** Not in this round. */
  readonly later: Array<Waiting>
}

export const stands = (expected: Expected, version: number): boolean =>
  expected === "any" || (expected === "exists" ? version > 0 : expected === version)

/** The streams whose heads must be read before a round with these appends can be planned. */
export const unknownStreams = (appends: ReadonlyArray<Waiting>, heads: StreamHeads): Set<string> =>
  new Set(
    appends
      .filter(({ blind, expected, stream }) => blind || (expected !== 0 && !heads.has(stream)))
      .map(({ stream }) => stream)
  )

/** `fresh`: the streams whose heads were read just now; one that is not among the known heads has no event yet. */
export const plan = (appends: ReadonlyArray<Waiting>, heads: StreamHeads, fresh: ReadonlySet<string>): Round => {
  const round: Round = { rows: [], chainOfRow: [], chains: [], doomed: [], later: [] }
  const indexByStream = new Map<string, number>()
  const ids = new Set<string>()
  const held = new Set<string>()
  const hold = (waiting: Waiting, blind: boolean) => {
    held.add(waiting.stream)
    waiting.blind = blind
    round.later.push(waiting)
  }
  for (const waiting of appends) {
    const { continues, events, expected, stream } = waiting
    const index = indexByStream.get(stream)
    const chain = index === undefined ? undefined : round.chains[index]!
    const unsettled = continues?.outcome === "under way" && !continues.sent &&
      chain?.links.at(-1)?.waiting !== continues
    if (unsettled || held.has(stream) || events.some(({ id }) => ids.has(id))) {
      hold(waiting, waiting.blind)
      continue
    }
    const known = chain?.after ?? heads.get(stream)
    const head = known ?? (expected === 0 || fresh.has(stream) ? { version: 0, hash: noHash() } : undefined)
    if (head === undefined) hold(waiting, true)
    else if (continues?.outcome !== "fallen" && stands(expected, head.version)) {
      for (const { id } of events) ids.add(id)
      if (chain === undefined) indexByStream.set(stream, round.chains.length)
      extend(round, chain ?? begin(round, stream, head), index ?? round.chains.length - 1, waiting)
    } else if (isBehind(expected, head) || (chain === undefined && fresh.has(stream))) {
      for (const { id } of events) ids.add(id)
      waiting.blind = false
      round.doomed.push({ waiting, actual: head.version, rival: chain !== undefined })
    } else hold(waiting, chain === undefined)
  }
  return round
}

/** Streams only grow. */
const isBehind = (expected: Expected, { version }: Head): boolean => typeof expected === "number" && expected < version

const begin = (round: Round, stream: string, before: Head): Chain => {
  const chain = { stream, before, after: before, links: [] }
  round.chains.push(chain)
  return chain
}

const extend = (round: Round, chain: Chain, index: number, waiting: Waiting): void => {
  const rows: Array<Row> = []
  let { hash: previousHash, version } = chain.after
  for (const event of waiting.events) {
    const row: Row = {
      position: 0,
      stream: chain.stream,
      version: ++version,
      id: event.id,
      type: event.type,
      schemaVersion: event.schemaVersion,
      owner: event.owner,
      at: event.at,
      meta: event.meta,
      routing: event.routing,
      private: event.private,
      previousHash,
      hash: previousHash
    }
    if (event[stated] !== undefined) row[stated] = event[stated]
    row.hash = eventHash(row)
    previousHash = row.hash
    rows.push(row)
    round.rows.push(row)
    round.chainOfRow.push(index)
  }
  chain.after = { version, hash: previousHash }
  chain.links.push({ waiting, rows })
}
