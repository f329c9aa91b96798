/**
 * What screens ask of the keys in this browser, as plain data and promises. What makes and uses keys is loaded when it is first
 * asked for: who is signed in and reads never waits for it.
 *
 * Promises reject with `Refused`; its tags are said in words in `Sentences.ts`.
 */
import type { NodeSession } from "@vivim/client/NodeSession"
import type { Keyring } from "@vivim/client/sealed/SealedForm"
import type { Account } from "../session/Session.ts"
import { onceAsked } from "../ui/Preload.ts"
import type { Moving } from "./Moving.ts"

export interface Person {
  readonly handle: string
  readonly displayName: string
  /** Where the node asks for one. */
  readonly invitation?: string
}

/** What brings an account back when no device is left: a kit on paper, or a passkey that is one. */
export type WayBack = "kit" | "passkey"

/** An account that is not yet one: its keys are in this page's memory only. */
export interface NewAccount {
  readonly wayBack: WayBack
  /** The recovery kit, group by group. A passkey's is the same on paper. */
  readonly kit: ReadonlyArray<string>
  /** Has the node open the account, lays the keys down in this browser and signs in. May be tried again with another handle. */
  readonly open: (person: Person) => Promise<Account>
  /** Nothing will come of it, and the node has heard of nothing: what was made outside of this page is not wanted any more. */
  readonly giveUp: () => void
}

/** This browser on its way to become a device of an account. */
export interface Joining {
  /** The public keys of this browser, for the device that lets it in. */
  readonly code: string
  /** Shown on both sides: who carried the code cannot have changed it. */
  readonly comparison: string
  /** Resolves when the other device has let this one in and it is signed in. */
  readonly letIn: Promise<Account>
  readonly giveUp: () => void
}

/** An account that is about to be taken back. */
export interface Recovering {
  readonly handle: string
  readonly userId: string
  /** Devices that will be devices no longer. */
  readonly devices: number
  /** Operations that are taken back with it. */
  readonly voids: number
  /** What takes it back. */
  readonly wayBack: WayBack
  /** A kit that may take its place. */
  readonly kit: ReadonlyArray<string>
  /** With the way back that holds from then on: the new kit, or the passkey that was shown. */
  readonly recover: (holding: WayBack) => Promise<Account>
}

/** A kit that is to take the place of the account's. */
export interface NewKit {
  readonly kit: ReadonlyArray<string>
  readonly replace: () => Promise<void>
}

/** A device that asks to be let in, as its code tells. */
export interface Asking {
  readonly deviceId: string
  readonly comparison: string
}

/** A change to the account, as its log proves it. */
export interface Change {
  readonly at: number
  readonly what: string
  /** A recovery key took it back. */
  readonly undone: boolean
}

/** A passkey that was made. */
export interface AddedPasskey {
  /** Where there were none before. */
  readonly recoveryCodes: ReadonlyArray<string>
  /** Its authenticator gives keys: it opens what is private, and lets a browser in. */
  readonly opens: boolean
}

export interface Keys {
  /** With this way back; a passkey is made under their name. */
  readonly newAccount: (wayBack: WayBack, person: Person) => Promise<NewAccount>
  /** A new session with the keys of an account in this browser. */
  readonly signIn: (account: Account) => Promise<Account>
  /** A session of whoever's passkey answers; this browser becomes a device where that gives keys. */
  readonly signInByPasskey: () => Promise<Account>
  readonly addPasskey: (name: string) => Promise<AddedPasskey>
  readonly join: (handle: string) => Promise<Joining>
  /** With a kit as it was typed, or (null) with the passkey its owner shows. */
  readonly beginRecovery: (handle: string, kit: string | null) => Promise<Recovering>
  /** With the file the account was exported in, and the kit as it was typed. */
  readonly beginMoving: (file: Blob, kit: string) => Promise<Moving>
  /** Reads a code without doing anything yet. */
  readonly readCode: (code: string) => Promise<Asking>
  readonly letIn: (code: string, name: string) => Promise<void>
  readonly revoke: (deviceId: string) => Promise<void>
  /** Exchanges the account's keys where somebody has them who is not to; `kit`: a new kit is to be printed first. */
  readonly rekey: () => Promise<"exchanged" | "current" | "kit">
  /** Whether this browser can seal a new master key to the account's kit; `none`: the account has no kit. */
  readonly kitKnown: () => Promise<"known" | "unknown" | "none">
  /**
   * By the word of the kit there is, as it was typed, or (null) of the passkey that is one, which is asked for; without it by this device's,
   * which that one may take back.
   */
  readonly newKit: (old: string | null | undefined) => Promise<NewKit>
  /** Shows the node again who is here, by the key of this browser. */
  readonly stepUp: () => Promise<void>
  readonly stepUpByPasskey: () => Promise<void>
  /** Hands the node the store key. */
  readonly unlock: () => Promise<void>
  /** Whose keys these are, and the account's master key: for what is sealed here, and opened. */
  readonly keyring: () => Promise<Keyring>
  /** Ends the session at the node; `forget` wipes the keys as well. */
  readonly signOut: (forget: boolean) => Promise<void>
  /** Takes the account's keys, and all that was kept with them, out of this browser. */
  readonly wipe: () => Promise<void>
  /** What the account's log says, checked here, the newest first. Devices are called by these names, by id. */
  readonly history: (names: Readonly<Record<string, string>>) => Promise<ReadonlyArray<Change>>
  /** Where the node told this browser two histories of the account: the proof, for anyone to judge. */
  readonly fork: () => Promise<Uint8Array | undefined>
  /** The session, for the line to the node. */
  readonly nodeSession: () => Promise<NodeSession["Type"]>
  /** What a request to the node's REST face is sent with. */
  readonly authorization: (method: string, url: string) => Promise<Readonly<Record<string, string>>>
}

/** The machinery. */
export const keys: () => Promise<Keys> = onceAsked(() => import("./Machinery.ts").then(({ machinery }) => machinery))

/** Keys need what browsers grant to secure addresses only. */
export const canKeepKeys = (): boolean =>
  globalThis.isSecureContext && globalThis.crypto.subtle !== undefined && "indexedDB" in globalThis
