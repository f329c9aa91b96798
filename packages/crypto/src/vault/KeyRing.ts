/**
 * The keys of one owner while they are on this node: the store key's two daughters, and every data key that was asked for.
 * Nothing of it is ever written; `wipe` leaves none of it in memory.
 */
import { timingSafeEqual } from "node:crypto"
import { DataKey } from "./DataKey.ts"
import * as Gcm from "./Gcm.ts"
import type { KeyRow } from "./VaultRows.ts"

const storeKeyBytes = 32

/** What tells the right store key from a wrong one, and nothing about it: whoever has it can open nothing. */
export const checkOf = (storeKey: Uint8Array): Uint8Array =>
  Gcm.expand(Gcm.extract(storeKey, "vivim/store/v1"), "check")

export const isRight = (storeKey: Uint8Array, check: Uint8Array): boolean =>
  storeKey.length === storeKeyBytes && check.length === storeKeyBytes && timingSafeEqual(checkOf(storeKey), check)

/** Data keys opened and kept ready; beyond it the one opened first is opened anew when it is asked for. */
const readyMax = 4_096

/** What is made of a store key, and held in its place. */
export interface Secrets {
  /** What the keys are wrapped under, here and in the table. */
  readonly wrapping: Uint8Array
  /** Names this owner's content. */
  readonly address: Uint8Array
}

export const secretsOf = (storeKey: Uint8Array): Secrets => {
  const root = Gcm.extract(storeKey, "vivim/store/v1")
  const secrets = { wrapping: Gcm.expand(root, "wrap"), address: Gcm.expand(root, "address") }
  root.fill(0)
  return secrets
}

/** One generation of one stream's key. `wrapped` null: destroyed. */
interface Held {
  readonly generation: number
  readonly wrapped: Uint8Array | null
}

export class KeyRing implements Secrets {
  readonly owner: string
  readonly address: Buffer
  readonly wrapping: Buffer
  private readonly byStream = new Map<string, Array<Held>>()
  private readonly ready = new Map<string, DataKey>()
  /** When it was last asked for anything. */
  usedAt: number

  /** Keeps copies of its own of what it is given. */
  constructor(owner: string, key: Uint8Array | Secrets, rows: ReadonlyArray<KeyRow>, now: number) {
    this.owner = owner
    this.usedAt = now
    const { address, wrapping } = key instanceof Uint8Array ? secretsOf(key) : key
    this.wrapping = Buffer.from(wrapping)
    this.address = Buffer.from(address)
    for (const row of rows) this.learn(row)
  }

  /** Takes in what the table has; a destroyed key is forgotten here too. */
  learn({ generation, stream, wrapped }: KeyRow): void {
    const held = this.byStream.get(stream) ?? []
    // Destroyed is for good: what was read before that may come here after it.
    if (held.some((one) => one.generation === generation && one.wrapped === null)) return
    const others = held.filter((one) => one.generation !== generation)
    this.byStream.set(stream, [...others, { generation, wrapped }].toSorted((a, b) => a.generation - b.generation))
    if (wrapped === null) this.unready(`${generation} ${stream}`)
  }

  private unready(name: string): void {
    this.ready.get(name)?.wipe()
    this.ready.delete(name)
  }

  /** The newest generation of a stream that is known here, or 0. */
  newest(stream: string): number {
    return this.byStream.get(stream)?.at(-1)?.generation ?? 0
  }

  /** Undefined: not known here. Null: destroyed. Throws when what is wrapped is not under this owner's key. */
  find(stream: string, generation: number): DataKey | null | undefined {
    const name = `${generation} ${stream}`
    const ready = this.ready.get(name)
    if (ready !== undefined) return ready
    const held = this.byStream.get(stream)?.find((one) => one.generation === generation)
    if (held === undefined) return undefined
    if (held.wrapped === null) return null
    const key = DataKey.unwrap(this.wrapping, { owner: this.owner, stream }, generation, held.wrapped)
    // Not wiped: somebody may be about to seal with it.
    if (this.ready.size >= readyMax) this.ready.delete(this.ready.keys().next().value!)
    this.ready.set(name, key)
    return key
  }

  /** A key nobody has yet, ready to be kept. */
  draw(stream: string, generation: number): KeyRow {
    const key = DataKey.random(generation)
    const wrapped = key.wrap(this.wrapping, { owner: this.owner, stream })
    key.wipe()
    return { owner: this.owner, stream, generation, wrapped }
  }

  wipe(): void {
    for (const name of [...this.ready.keys()]) this.unready(name)
    this.byStream.clear()
    for (const secret of [this.wrapping, this.address]) secret.fill(0)
  }
}
