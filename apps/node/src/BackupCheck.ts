/**
 * What must hold of the records of a backup together: their order, the whole log, every content with all its parts.
 *
 * K1  A backup of any log and any contents is found sound, and told in figures.
 * K2  A log with a gap, a broken chain or another hash, contents without all their parts, figures that do not add up: the first
 *     record that does not fit is named, even where every record by itself is as it was written.
 * K3  Memory grows with the number of streams, not with what is in them.
 */
import * as Parts from "@vivim/content-store/Parts"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type BackupHeader, type BackupRecord, BackupRefused, type Counts } from "./BackupFormat.ts"
import { BackupReader, type Placed } from "./BackupReader.ts"
import * as LogTrail from "./LogTrail.ts"

/** A backup in figures. */
export interface BackupSummary extends Counts {
  readonly createdAt: number
  /** The log is in it up to here. */
  readonly position: number
  readonly streams: number
  readonly contentBytes: number
  /** The digest that `vivim audit` tells for a log that ends here. */
  readonly logDigest: string
}

type Content = Extract<BackupRecord, { readonly kind: "content" }>
export type BackupEnd = Extract<BackupRecord, { readonly kind: "end" }>

/** What may come when: nothing comes after what comes later. */
const order = {
  ...{ header: 0, account: 1, vault: 2, key: 2, means: 4, recoveryCode: 5 },
  ...{ event: 6, content: 7, part: 7, end: 8 }
} as const

export class BackupCheck {
  header: BackupHeader | null = null
  end: BackupEnd | null = null
  private readonly trail = LogTrail.begin()
  private readonly counts = { accounts: 0, events: 0, contents: 0, parts: 0 }
  private contentBytes = 0
  private phase = -1
  private content: { readonly row: Content; parts: number } | null = null

  /** Throws `BackupRefused` when the record does not fit those before it. */
  take({ before, place, record }: Placed): void {
    const wrong = this.wrong(record, before)
    if (wrong !== null) throw new BackupRefused({ message: `The backup is not sound: ${place}: ${wrong}.` })
    this.phase = order[record.kind]
  }

  get summary(): BackupSummary {
    return {
      createdAt: this.header?.createdAt ?? 0,
      position: this.trail.position,
      streams: this.trail.streams.size,
      ...this.counts,
      contentBytes: this.contentBytes,
      logDigest: LogTrail.digestOf(this.trail)
    }
  }

  private wrong(record: BackupRecord, before: Uint8Array): string | null {
    const now = order[record.kind]
    if (now < this.phase || (this.phase < 0) !== (record.kind === "header") || (now === 0 && this.phase === 0)) {
      return `${record.kind} does not belong here`
    }
    if (record.kind !== "part" && this.content !== null && this.content.parts < this.content.row.parts) {
      return `the content before it has ${this.content.parts} of ${this.content.row.parts} parts`
    }
    switch (record.kind) {
      case "header":
        this.header = record
        return null
      case "account":
        this.counts.accounts++
        return null
      case "vault":
      case "key":
      case "means":
      case "recoveryCode":
        return null
      case "event": {
        const { event } = record
        const problem = LogTrail.problem(this.trail, event)
        if (problem !== null) return `event ${event.position} (${event.stream}@${event.version}): ${problem}`
        LogTrail.take(this.trail, event)
        this.counts.events++
        return null
      }
      case "content":
        return this.takeContent(record)
      case "part":
        return this.takePart(record.part)
      case "end":
        return this.takeEnd(record, before)
    }
  }

  private takeContent(row: Content): string | null {
    if (row.parts !== Math.max(1, Math.ceil(row.bytes / Parts.PartMax))) {
      return `${row.bytes} bytes are not ${row.parts} parts`
    }
    if (this.content !== null && Buffer.compare(this.content.row.address, row.address) >= 0) {
      return "contents are in the order of their addresses, and this one is not"
    }
    this.content = { row, parts: 0 }
    this.counts.contents++
    this.contentBytes += row.bytes
    return null
  }

  private takePart(part: number): string | null {
    if (this.content === null || this.content.parts >= this.content.row.parts) return "a part of no content"
    if (part !== this.content.parts) return `part ${this.content.parts} of the content is missing`
    this.content.parts++
    this.counts.parts++
    return null
  }

  private takeEnd(end: BackupEnd, before: Uint8Array): string | null {
    const upTo = this.header?.upTo ?? 0
    if (this.trail.position !== upTo) return `the log goes to ${upTo}, and events are here up to ${this.trail.position}`
    const differing = Object.entries(this.counts).find(([what, count]) => end.counts[what as keyof Counts] !== count)
    if (differing !== undefined) {
      return `${end.counts[differing[0] as keyof Counts]} ${differing[0]} were written, and ${differing[1]} are here`
    }
    if (Buffer.compare(end.digest, before) !== 0) return "the digest of everything before it is another"
    this.end = end
    return null
  }
}

/** The records of a backup, each checked; fails at the first byte that is not as it should be, and at an early end. */
export const checked = <E>(
  bytes: Stream.Stream<Uint8Array, E>,
  check: BackupCheck,
  reader: BackupReader
): Stream.Stream<BackupRecord, E | BackupRefused> => {
  const look = <A>(work: () => A): Effect.Effect<A, BackupRefused> =>
    Effect.try({
      try: work,
      catch: (cause) => {
        if (cause instanceof BackupRefused) return cause
        throw cause
      }
    })
  return bytes.pipe(
    Stream.mapEffect((chunk) =>
      look(() =>
        reader.push(chunk).map((placed) => {
          check.take(placed)
          return placed.record
        })
      )
    ),
    Stream.concat(Stream.fromEffect(Effect.as(look(() => reader.end()), []))),
    Stream.flattenIterables
  )
}
