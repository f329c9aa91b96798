/**
 * The keys of one owner while they are on this node: the store key's two daughters, and every data key that was asked for.
 * Nothing of it is ever written; `wipe` leaves none of it in memory.
 *
 * A store key that takes another one's place reaches what lies under that one by a bridge: the wrapping key of the one before, sealed
 * under its own. So it is enough alone, from the first moment on, and the one before opens no door any more.
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Data from "effect/Data"
import type * as Deferred from "effect/Deferred"
import { timingSafeEqual } from "node:crypto"
import type { KeysUnavailable } from "../Cipher.ts"
import * as Key from "./DataKey.ts"
import * as Gcm from "./Gcm.ts"
import type { Enrolment, KeyRow } from "./VaultRows.ts"

const storeKeyBytes = 32

/** What tells the right store key from a wrong one, and nothing about it: whoever has it can open nothing. */
export const checkOf = (storeKey: Uint8Array): Uint8Array =>
  Gcm.expand(Gcm.extract(storeKey, "vivim/store/v1"), "check")

export const isRight = (storeKey: Uint8Array, check: Uint8Array): boolean =>
  storeKey.length === storeKeyBytes && check.length === storeKeyBytes && timingSafeEqual(checkOf(storeKey), check)

/** The place of what named an owner's content under earlier store keys. No actor's stream is called so. */
export const addressStream = "address"

/** Data keys opened and kept ready; beyond it the one opened first is opened anew when it is asked for. */
const readyMax = 4_096

/** A key lies under a store key that was not brought here: the owner's was replaced elsewhere. */
export class OtherStoreKey extends Data.TaggedError("OtherStoreKey")<{
  readonly under: number
  readonly here: number
}> {}

/** One generation of one stream's key. `wrapped` null: destroyed. */
type Held = Omit<KeyRow, "owner" | "stream">

/** What is made of a store key, and held in its place. */
export interface Secrets {
  /** Which store key of its owner's it is, from 1. */
  readonly generation: number
  /** What the keys are wrapped under, here and in the table. */
  readonly wrapping: Uint8Array
  /** Names this owner's content. */
  readonly address: Uint8Array
}

export const secretsOf = (storeKey: Uint8Array, generation: number): Secrets => {
  const root = Gcm.extract(storeKey, "vivim/store/v1")
  const secrets = { generation, wrapping: Gcm.expand(root, "wrap"), address: Gcm.expand(root, "address") }
  root.fill(0)
  return secrets
}

export const wipeSecrets = ({ address, wrapping }: Secrets): void => {
  wrapping.fill(0)
  address.fill(0)
}

/** A store key that is to follow, before it does: what is kept of it, and what it works with. */
export interface Successor {
  readonly enrolment: Enrolment
  readonly row: KeyRow
  readonly secrets: Secrets
}

const nothing = Buffer.alloc(0)
const bridgeOf = (owner: string, generation: number) => Canonical.encode(["vivim-store-bridge/1", owner, generation])

export class KeyRing implements Secrets {
  readonly owner: string
  generation: number
  /** By the generation of the store key: also of the one before, while there is a bridge. */
  private readonly wrappings = new Map<number, Buffer>()
  address: Buffer
  private readonly byStream = new Map<string, Array<Held>>()
  private readonly ready = new Map<string, Key.DataKey>()
  /** When it was last asked for anything. */
  usedAt: number
  /** How many streams were looked up in the table one by one. */
  lookedUp = 0
  /** Every key in the table is known here, but for what other processes keep. */
  isWhole = false
  /** All of them are being read. */
  reading: Deferred.Deferred<void, KeysUnavailable> | null = null

  /** Keeps copies of its own of what it is given. Throws when the secrets are none of this enrolment. */
  constructor(secrets: Secrets, enrolment: Omit<Enrolment, "check">, rows: ReadonlyArray<KeyRow>, now: number) {
    this.owner = enrolment.owner
    this.generation = secrets.generation
    this.address = Buffer.from(secrets.address)
    this.usedAt = now
    this.follow(secrets, enrolment, rows)
  }

  /** From now on it is that store key. What is known and ready stays. */
  follow(secrets: Secrets, { bridge }: Omit<Enrolment, "check">, rows: ReadonlyArray<KeyRow>): void {
    const { generation } = secrets
    const wrapping = Buffer.from(secrets.wrapping)
    const before = bridge === null ? null : Gcm.open(wrapping, 0, bridgeOf(this.owner, generation), bridge)
    if (before !== null) this.wrappings.set(generation - 1, before)
    this.wrappings.set(generation, wrapping)
    this.generation = generation
    this.address = Buffer.from(secrets.address)
    for (const row of rows) this.learn(row)
  }

  get wrapping(): Buffer {
    return this.wrappings.get(this.generation)!
  }

  /** Whether keys may still lie under the store key before. */
  get isBetween(): boolean {
    return this.wrappings.size > 1
  }

  /** Takes in what the table has, or had when it was read: a destroyed key is forgotten here too, and never comes back. */
  learn({ generation, stream, under, wrapped }: KeyRow): void {
    const held = this.byStream.get(stream) ?? []
    if (held.some((one) => one.generation === generation && one.wrapped === null)) return
    const others = held.filter((one) => one.generation !== generation)
    this.byStream.set(
      stream,
      [...others, { generation, wrapped, under }].toSorted((a, b) => a.generation - b.generation)
    )
    if (wrapped === null) this.unready(`${generation} ${stream}`)
  }

  private unready(name: string): void {
    this.ready.get(name)?.wipe()
    this.ready.delete(name)
  }

  private held(stream: string, generation: number): Held | undefined {
    return this.byStream.get(stream)?.find((one) => one.generation === generation)
  }

  /** The newest generation of a stream that is known here, or 0. */
  newest(stream: string): number {
    return this.byStream.get(stream)?.at(-1)?.generation ?? 0
  }

  /** Throws when what is wrapped is not under a key that is here. */
  private secretOf({ generation, stream, under, wrapped }: Omit<KeyRow, "owner">): Buffer {
    const wrapping = this.wrappings.get(under)
    if (wrapping === undefined) {
      throw new OtherStoreKey({ under, here: this.generation })
    }
    return Key.unwrap(wrapping, { owner: this.owner, stream }, generation, wrapped!)
  }

  /** Undefined: not known here. Null: destroyed. Throws when what is wrapped is not under this owner's key. */
  find(stream: string, generation: number): Key.DataKey | null | undefined {
    const name = `${generation} ${stream}`
    const ready = this.ready.get(name)
    if (ready !== undefined) return ready
    const held = this.held(stream, generation)
    if (held === undefined) return undefined
    if (held.wrapped === null) return null
    // Wrapped anew by another process.
    if (held.under < this.generation && !this.wrappings.has(held.under)) return undefined
    const key = new Key.DataKey(generation, this.secretOf({ stream, ...held }))
    // Not wiped: somebody may be about to seal with it.
    if (this.ready.size >= readyMax) this.ready.delete(this.ready.keys().next().value!)
    this.ready.set(name, key)
    return key
  }

  /** A key nobody has yet, ready to be kept. */
  draw(stream: string, generation: number): KeyRow {
    const secret = Key.newSecret()
    const wrapped = Key.wrap(this.wrapping, { owner: this.owner, stream }, generation, secret)
    secret.fill(0)
    return { owner: this.owner, stream, generation, wrapped, under: this.generation }
  }

  /** What names this owner's content: what is new by the first, what is there perhaps by one of the others. */
  get addresses(): readonly [Buffer, ...Array<Buffer>] {
    const earlier = this.byStream.get(addressStream) ?? []
    return [this.address, ...earlier.map((held) => this.secretOf({ stream: addressStream, ...held })).toReversed()]
  }

  /** Prepares another store key; nothing is changed by it. */
  successor(storeKey: Uint8Array): Successor {
    const generation = this.generation + 1
    const secrets = secretsOf(storeKey, generation)
    const place = { owner: this.owner, stream: addressStream }
    return {
      secrets,
      enrolment: {
        owner: this.owner,
        check: checkOf(storeKey),
        generation,
        bridge: Gcm.seal(secrets.wrapping, nothing, bridgeOf(this.owner, generation), this.wrapping)
      },
      row: {
        ...place,
        generation: this.generation,
        wrapped: Key.wrap(secrets.wrapping, place, this.generation, this.address),
        under: generation
      }
    }
  }

  /** A key as it is to lie under the store key there is now. */
  rewrapped(row: KeyRow): KeyRow {
    const secret = this.secretOf(row)
    const wrapped = Key.wrap(this.wrapping, row, row.generation, secret)
    secret.fill(0)
    return { ...row, wrapped, under: this.generation }
  }

  /** Nothing lies under the store key before any more. */
  leaveBehind(): void {
    for (const [generation, wrapping] of this.wrappings) {
      if (generation === this.generation) continue
      wrapping.fill(0)
      this.wrappings.delete(generation)
    }
  }

  wipe(): void {
    for (const name of [...this.ready.keys()]) this.unready(name)
    this.byStream.clear()
    for (const secret of [...this.wrappings.values(), this.address]) secret.fill(0)
  }
}
