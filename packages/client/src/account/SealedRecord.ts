/** What one record of an account in a browser is made of, and how a secret in it is sealed: AES-256-GCM, bound to the secret's name. */
import type { KeptSession } from "../SessionKeeper.ts"

export type SealingKey = Parameters<typeof crypto.subtle.encrypt>[1]

export interface Sealed {
  readonly nonce: Uint8Array<ArrayBuffer>
  readonly bytes: ArrayBuffer
}

export interface Record {
  readonly form: 2
  readonly sealing: SealingKey
  readonly secrets: { readonly [name: string]: Sealed }
  /** Pairs of keys that are the browser's own, by the secret they belong to. */
  readonly held: { readonly [name: string]: object }
  readonly session: KeptSession | null
}

/** One that cannot be taken out of the browser. */
export const newSealingKey = (): Promise<SealingKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])

const algorithm = (name: string, nonce: Uint8Array<ArrayBuffer>) => ({
  name: "AES-GCM",
  iv: nonce,
  additionalData: new TextEncoder().encode(name)
})

export const seal = (key: SealingKey, name: string, secret: Uint8Array): Promise<Sealed> => {
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  return crypto.subtle.encrypt(algorithm(name, nonce), key, Uint8Array.from(secret)).then((bytes) => ({ nonce, bytes }))
}

export const open = (key: SealingKey, name: string, { bytes, nonce }: Sealed): Promise<Uint8Array> =>
  crypto.subtle.decrypt(algorithm(name, nonce), key, bytes).then((plain) => new Uint8Array(plain))
