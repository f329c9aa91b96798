/**
 * What goes along to a provider and comes back with whoever was sent there. Like a challenge it is a mac, not a row: nothing is kept of one until it
 * is used, so there is nothing to fill by asking; and PKCE verifier and nonce are made of it by a key only the node has.
 *
 * T1  A state is good for the provider, purpose, origin and client it was made for, until it expires, and for nothing else.
 * T2  Verifier and nonce are of their state alone, and are not to be found without the node's key.
 */
import { same, type SessionKey } from "@vivim/session/SessionKey"
import { randomBytes } from "node:crypto"

/** `bound`: whose it is: the thumbprint of a client's key, or a session. */
export interface Bound {
  readonly purpose: "sign-in" | "link"
  readonly provider: string
  readonly origin: string
  readonly bound: string
}

export interface State {
  readonly state: string
  readonly verifier: string
  readonly nonce: string
  readonly expiresAt: number
}

const SaltBytes = 16

const sealOf = (key: SessionKey, { bound, origin, provider, purpose }: Bound, salt: Uint8Array, expiresAt: number) =>
  key.mac("provider", "state", salt, purpose, provider, origin, bound, String(expiresAt))

const made = (key: SessionKey, salt: Uint8Array, seal: Uint8Array, expiresAt: number): State => {
  const secret = (use: string) => key.mac("provider", use, salt, seal).toString("base64url")
  const sealed = Buffer.concat([salt, seal]).toString("base64url")
  return { state: `${expiresAt}.${sealed}`, verifier: secret("verifier"), nonce: secret("nonce"), expiresAt }
}

export const make = (key: SessionKey, asked: Bound, expiresAt: number): State => {
  const salt = randomBytes(SaltBytes)
  return made(key, salt, sealOf(key, asked, salt, expiresAt), expiresAt)
}

/** The state somebody came back with, if it is the one of this very visit. */
export const read = (key: SessionKey, text: string, asked: Bound, now: number): State | null => {
  const [, expires, sealed] = /^(\d{1,16})\.([A-Za-z0-9_-]{64})$/.exec(text) ?? []
  if (expires === undefined || sealed === undefined) return null
  const bytes = Buffer.from(sealed, "base64url")
  const [salt, seal] = [bytes.subarray(0, SaltBytes), bytes.subarray(SaltBytes)]
  const expiresAt = Number(expires)
  if (!same(seal, sealOf(key, asked, salt, expiresAt)) || expiresAt <= now) return null
  const state = made(key, salt, seal, expiresAt)
  // A state is written in one way: what was used does not come back in other letters.
  return state.state === text ? state : null
}
