/** What the machinery of keys asks the node for: each question and change in one place, by the paths of the contract. */
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as Effect from "effect/Effect"
import type { Shown } from "./Log.ts"
import { ask, type Authorize } from "./Rest.ts"
import * as Tokens from "./Tokens.ts"

const nobody: Authorize = () => Promise.resolve({})

export interface Wrap {
  readonly deviceId: string | null
  readonly generation: number
  readonly sealed: string
}

type Vault = { readonly state: "open" | "locked" | "unlocked" | "gone" }

/** A change is made once, however often its request has to be sent. */
const command = async <A>(method: "POST" | "PUT" | "DELETE", path: string, body: object): Promise<A> =>
  await ask<A>(
    { method, path, body: { ...body, commandId: await Effect.runPromise(CommandIds.next) } },
    Tokens.authorize
  )

/** The log of anyone, by `@handle` or DID; nobody need be signed in. */
export const log = (who: string): Promise<Shown> => ask<Shown>({ path: `/identity/${who}/log` }, nobody)

export const wraps = (): Promise<ReadonlyArray<Wrap>> => ask({ path: "/account/wraps" }, Tokens.authorize)

/** The newest master key, sealed to the account's kit: whoever recovers it has no session yet. */
export const kitWrap = (userId: string): Promise<Pick<Wrap, "generation" | "sealed">> =>
  ask({ path: `/identity/${encodeURIComponent(userId)}/kit` }, nobody)

export const keepWraps = (userId: string, generation: number, wraps: ReadonlyArray<Omit<Wrap, "generation">>) =>
  command("POST", `/users/${userId}/wraps`, { generation, wraps })

export const nameDevice = (userId: string, deviceId: string, name: string) =>
  command("PUT", `/users/${userId}/devices/${deviceId}/name`, { name })

export const state = (userId: string, statement: object) => command("POST", `/users/${userId}/operations`, statement)

/** An operation its own signature speaks for: whoever takes an account back has no session of it. */
export const bring = (userId: string, statement: object) =>
  ask({ method: "POST", path: `/identity/${encodeURIComponent(userId)}/log`, body: statement }, nobody)

/** The vault: whether it is open, and how it is brought into being, opened and locked. */
export const vault = {
  read: (): Promise<Vault> => ask<Vault>({ path: "/vault" }, Tokens.authorize),
  enroll: (check: string) => ask({ method: "POST", path: "/vault", body: { check } }, Tokens.authorize),
  unlock: (storeKey: string) => ask({ method: "POST", path: "/vault/unlock", body: { storeKey } }, Tokens.authorize),
  lock: () => ask({ method: "POST", path: "/vault/lock", body: {} }, Tokens.authorize)
}

export const endSession = (sessionId: string) =>
  ask({ method: "DELETE", path: `/sessions/${sessionId}` }, Tokens.authorize)
export const stepUp = (answer: object) =>
  ask({ method: "POST", path: "/session/step-up", body: { means: "device", answer } }, Tokens.authorize)
