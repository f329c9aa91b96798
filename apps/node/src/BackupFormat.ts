/**
 * The form of a backup file: one line that says what it is, then records, each bound to all that came before it.
 *
 * F1  A record is read back as it was written, byte for byte.
 * F2  A file of another kind, or of a newer form, is told apart from a damaged one.
 * F3  Whatever is changed, cut off, left out, doubled or moved is found, and the record and byte where it happened are named.
 * F4  A length that was never written makes nobody reserve memory for it.
 *
 * `VIVIM-BACKUP/1\n`, then for each record: its length in four bytes (big-endian), its canonical CBOR (an array that begins
 * with its kind), and the first 16 bytes of its link. The link is sha256(link before || length || CBOR); the first one is
 * sha256 of the line. So the link before the last record is a digest of everything before it.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import * as Data from "effect/Data"
import * as Schema from "effect/Schema"
import { createHash } from "node:crypto"

/** Counts of what is in a backup. */
export interface Counts {
  readonly accounts: number
  readonly events: number
  readonly contents: number
  readonly parts: number
}

/** What can be in a backup, in the order of the file. */
export type BackupRecord =
  | {
    readonly kind: "header"
    /** Milliseconds since the epoch. */
    readonly createdAt: number
    readonly writtenBy: string
    /** The log is in it up to this position. */
    readonly upTo: number
    /** About how many contents will come: for whoever shows how far it is. */
    readonly contents: number
    /** Tells one node key from another, and nothing about either. */
    readonly key: Uint8Array
  }
  /** An account's handle and key, sealed together. */
  | { readonly kind: "account"; readonly sealed: Uint8Array }
  /**
   * Someone's vault: what tells their store key from others; none of it: they left. `generation`: which store key it is, where it is not
   * the first; `bridge`: what leads from it to the keys that still lie under the one before.
   */
  | {
    readonly kind: "vault"
    readonly owner: string
    readonly check: Uint8Array
    readonly generation?: number
    readonly bridge?: Uint8Array
  }
  /**
   * A data key, wrapped as it lies: only its owner's store key opens it. None of it: it was destroyed. `under`: the generation of the store
   * key, where it is not the first.
   */
  | {
    readonly kind: "key"
    readonly owner: string
    readonly stream: string
    readonly generation: number
    readonly wrapped: Uint8Array
    readonly under?: number
  }
  /** An authenticator or the like that counts: sealed under the node key. `usedAt` 0: never; `reference` "": nobody else knows it. */
  | {
    readonly kind: "means"
    readonly meansId: string
    readonly userId: string
    readonly means: string
    readonly secret: Uint8Array
    readonly name: Uint8Array
    readonly addedAt: number
    readonly usedAt: number
    readonly step: number
    readonly reference: string
  }
  /** A recovery code that was not used, as its digest. */
  | { readonly kind: "recoveryCode"; readonly userId: string; readonly hash: Uint8Array }
  | { readonly kind: "event"; readonly event: RecordedEvent }
  | {
    readonly kind: "content"
    readonly address: Uint8Array
    readonly place: string
    readonly owner: string
    readonly bytes: number
    readonly mime: string
    readonly parts: number
  }
  /** A part of the content before it, as it lies: sealed. */
  | { readonly kind: "part"; readonly part: number; readonly sealed: Uint8Array }
  | {
    readonly kind: "end"
    readonly counts: Counts
    /** The link before this record. */
    readonly digest: Uint8Array
    /** Only who has the node key can make it. */
    readonly seal: Uint8Array
  }

export type BackupHeader = Extract<BackupRecord, { readonly kind: "header" }>

/** The file is no backup this node can take; `message` says what is wrong, and where. */
export class BackupRefused extends Data.TaggedError("BackupRefused")<{ readonly message: string }> {}

export const magic = Buffer.from("VIVIM-BACKUP/1\n")
/** The largest event a node can be told to keep, with room for its header. */
export const recordBytesMax = 257 * 1024 * 1024
export const linkBytes = 16
const lengthBytes = 4

export const firstLink = (): Uint8Array => createHash("sha256").update(magic).digest()
export const nextLink = (before: Uint8Array, length: Uint8Array, body: Uint8Array): Uint8Array =>
  createHash("sha256").update(before).update(length).update(body).digest()

const Bytes = Schema.Uint8ArrayFromSelf
const Bytes32 = Bytes.pipe(Schema.filter((bytes) => bytes.length === 32))
const Count = Schema.Int.pipe(Schema.between(0, Number.MAX_SAFE_INTEGER))
const Name = Schema.String.pipe(Schema.maxLength(512), Schema.pattern(/^[^\0]+$/))
const Uuid = Schema.String.pipe(Schema.pattern(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/))
const Version = Schema.Int.pipe(Schema.between(0, 32_767))

/** What each kind is made of. */
const shapes = {
  header: Schema.Struct({ createdAt: Count, writtenBy: Name, upTo: Count, contents: Count, key: Bytes32 }),
  account: Schema.Struct({ sealed: Bytes }),
  vault: Schema.Struct({
    ...{ owner: Name, check: Bytes },
    generation: Schema.optionalWith(Count, { exact: true }),
    bridge: Schema.optionalWith(Bytes, { exact: true })
  }),
  key: Schema.Struct({
    ...{ owner: Name, stream: Name, generation: Count, wrapped: Bytes },
    under: Schema.optionalWith(Count, { exact: true })
  }),
  means: Schema.Struct({
    ...{ meansId: Name, userId: Name, means: Name, secret: Bytes, name: Bytes },
    ...{ addedAt: Count, usedAt: Count, step: Count, reference: Schema.String }
  }),
  recoveryCode: Schema.Struct({ userId: Name, hash: Bytes32 }),
  event: Schema.Tuple(Count, Name, Count, Uuid, Name, Version, Name, Count, Bytes, Bytes, Bytes, Bytes32, Bytes32),
  content: Schema.Struct({
    address: Bytes32,
    place: Name,
    owner: Name,
    bytes: Count,
    mime: Schema.String,
    parts: Count
  }),
  part: Schema.Struct({ part: Count, sealed: Bytes }),
  end: Schema.Struct({
    counts: Schema.Struct({ accounts: Count, events: Count, contents: Count, parts: Count }),
    digest: Bytes32,
    seal: Bytes32
  })
}

const isOfShape = new Map<string, (value: unknown) => boolean>(
  Object.entries(shapes).map((
    [kind, shape]
  ) => [kind, Schema.is(shape as Schema.Schema<any>, { onExcessProperty: "error" })])
)

/** A list without names: there are many events, and each name would be in each of them. */
const listOf = (event: RecordedEvent) => [
  ...[event.position, event.stream, event.version, event.id, event.type, event.schemaVersion, event.owner, event.at],
  ...[event.meta, event.routing, event.private, event.previousHash, event.hash]
]

const eventOf = (
  [position, stream, version, id, type, schemaVersion, owner, at, meta, routing, sealed, previousHash, hash]: any
): RecordedEvent => ({
  ...{ position, stream, version, id, type, schemaVersion, owner, at, meta, routing },
  ...{ private: sealed, previousHash, hash }
})

export const encode = (record: BackupRecord): Uint8Array => {
  const { kind, ...fields } = record
  return Canonical.encode([kind, record.kind === "event" ? listOf(record.event) : fields])
}

/** The record behind canonical bytes, or null: they are none. */
export const decode = (body: Uint8Array): BackupRecord | null => {
  try {
    const [kind, fields, ...more] = Canonical.decode(body) as [BackupRecord["kind"], any, ...ReadonlyArray<unknown>]
    if (more.length > 0 || isOfShape.get(kind)?.(fields) !== true) return null
    return kind === "event" ? { kind, event: eventOf(fields) } : { kind, ...fields }
  } catch {
    return null
  }
}

type Counted = "account" | "event" | "content" | "part"
const isCounted = (kind: BackupRecord["kind"]): kind is Counted =>
  kind === "account" || kind === "event" || kind === "content" || kind === "part"

/** Makes the bytes of a backup, record by record. */
export class BackupWriter {
  /** The last link: a digest of everything so far. */
  link = firstLink()
  readonly counts = { accounts: 0, events: 0, contents: 0, parts: 0 }

  /** The bytes of records that follow each other. */
  put(records: ReadonlyArray<BackupRecord>): Uint8Array {
    return Buffer.concat(records.flatMap((record) => {
      const body = encode(record)
      const length = Buffer.alloc(lengthBytes)
      length.writeUInt32BE(body.length)
      this.link = nextLink(this.link, length, body)
      if (isCounted(record.kind)) this.counts[`${record.kind}s`]++
      return [length, body, this.link.subarray(0, linkBytes)]
    }))
  }
}
