/** Backups for tests, made record by record: a small log of several streams, contents of all sizes, and whatever is to be wrong with them. */
import { PartMax } from "@vivim/content-store/Parts"
import type { Cipher } from "@vivim/crypto/Cipher"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import type { Handle } from "@vivim/event-schemas/ids"
import { eventHash, noHash } from "@vivim/event-store/EventHash"
import type { RecordedEvent } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import { createCipheriv, createHash } from "node:crypto"
import { type BackupRecord, BackupWriter, magic } from "./BackupFormat.ts"
import * as BackupKey from "./BackupKey.ts"

/** Bytes that are the same in every run, and look like nothing. */
export const noise = (seed: string, size: number): Buffer =>
  createCipheriv("aes-256-ctr", createHash("sha256").update(seed).digest(), Buffer.alloc(16)).update(Buffer.alloc(size))

export const keyBytes = noise("key", 32)
export const sampleCipher = fromMasterKey(keyBytes)

const uuid = (n: number): string => `01900000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`

/** So many events over a few streams, chained as a store would. */
export const sampleLog = (size: number): ReadonlyArray<RecordedEvent> => {
  const heads = new Map<string, { readonly version: number; readonly hash: Uint8Array }>()
  return Array.from({ length: size }, (_, i) => {
    const stream = `document/d${(i * i) % 7}`
    const { hash: previousHash, version } = heads.get(stream) ?? { version: 0, hash: noHash() }
    const bare = {
      position: i + 1,
      stream,
      version: version + 1,
      id: uuid(i + 1),
      type: "document.MessageAppended",
      schemaVersion: 1,
      owner: `did:key:z${i % 3}`,
      at: 1_790_000_000_000 + i,
      meta: noise(`meta ${i}`, 40),
      routing: noise(`routing ${i}`, i % 5 === 0 ? 0 : 60),
      private: noise(`private ${i}`, (i * 977) % 4_000),
      previousHash
    }
    const event = { ...bare, hash: eventHash(bare) }
    heads.set(stream, event)
    return event
  })
}

/** A content of so many bytes, with its parts. */
export const sampleContent = (size: number): ReadonlyArray<BackupRecord> => {
  const parts = Math.max(1, Math.ceil(size / PartMax))
  const address = noise(`address ${size}`, 32)
  return [
    { kind: "content", address, place: uuid(size), owner: "did:key:z1", bytes: size, mime: "text/plain", parts },
    ...Array.from({ length: parts }, (_, part): BackupRecord => ({
      kind: "part",
      part,
      sealed: noise(`part ${part} of ${size}`, Math.min(PartMax, size - part * PartMax) + 30)
    }))
  ]
}

const byAddress = (a: ReadonlyArray<BackupRecord>, b: ReadonlyArray<BackupRecord>): number =>
  Buffer.compare((a[0] as { readonly address: Uint8Array }).address, (b[0] as { readonly address: Uint8Array }).address)

/** Everything but the end. */
export const sampleRecords = (
  options: { readonly events?: number; readonly contents?: ReadonlyArray<number>; readonly cipher?: Cipher } = {}
): ReadonlyArray<BackupRecord> => {
  const { cipher = sampleCipher, contents = [0, 1, 5_000, PartMax + 7], events = 40 } = options
  const account = { handle: "ada" as Handle, key: Buffer.from("the key of ada") }
  return [
    {
      kind: "header",
      createdAt: 1_790_000_000_000,
      writtenBy: "a test",
      upTo: events,
      contents: contents.length,
      key: Effect.runSync(BackupKey.markOf(cipher))
    },
    { kind: "account", sealed: Effect.runSync(BackupKey.sealAccount(cipher, account)) },
    { kind: "vault", owner: "did:key:z1", check: noise("check", 32) },
    { kind: "key", owner: "did:key:z1", stream: "document/d1", generation: 1, wrapped: noise("wrapped", 60) },
    { kind: "key", owner: "did:key:z2", stream: "document/d2", generation: 1, wrapped: noise("anew", 60), under: 2 },
    { kind: "vault", owner: "did:key:z2", check: noise("later", 32), generation: 2, bridge: noise("bridge", 60) },
    {
      kind: "means",
      ...{ meansId: "m1", userId: "did:key:z1", means: "totp", secret: noise("secret", 48), name: noise("name", 40) },
      ...{ addedAt: 1_790_000_000_000, usedAt: 0, step: 59, reference: "" }
    },
    { kind: "recoveryCode", userId: "did:key:z1", hash: noise("code", 32) },
    ...sampleLog(events).map((event): BackupRecord => ({ kind: "event", event })),
    ...contents.map(sampleContent).toSorted(byAddress).flat()
  ]
}

/** The bytes of records, each by itself as it should be, with an end that fits them unless told otherwise. */
export const written = (
  records: ReadonlyArray<BackupRecord>,
  options: { readonly cipher?: Cipher; readonly end?: (end: BackupRecord) => ReadonlyArray<BackupRecord> } = {}
): Buffer => {
  const writer = new BackupWriter()
  const before = writer.put(records)
  const counts = { ...writer.counts }
  const seal = Effect.runSync(BackupKey.sealOf(options.cipher ?? sampleCipher, counts, writer.link))
  const end: BackupRecord = { kind: "end", counts, digest: writer.link, seal }
  return Buffer.concat([magic, before, writer.put(options.end?.(end) ?? [end])])
}
