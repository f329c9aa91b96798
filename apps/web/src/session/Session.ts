/**
 * Who is here: an account whose keys lie in this browser, one that a provider vouches for, or whoever runs the node, by the token it printed
 * (`/#token=…`).
 * Only what is known without any key is here; keys, and what is done with them, come with `account/Keys.ts` when they are needed.
 */
import { createSignal } from "solid-js"
import { type Entered, keptEntered, readEntered } from "./Entered.ts"

/** An account as this browser remembers it. Nothing of it is secret. */
export interface Account {
  readonly userId: string
  readonly handle: string
  readonly displayName: string
  readonly deviceId: string
}

export type Session =
  | { readonly kind: "account"; readonly account: Account }
  | { readonly kind: "provider"; readonly entered: Entered }
  | { readonly kind: "token"; readonly token: string }

const keptToken = "vivim.token"
const keptAccounts = "vivim.accounts"
const keptOpen = "vivim.signed-in"
/** What is kept of each kind of session: one of them at most. */
const keptOf: Readonly<Record<Session["kind"], string>> = {
  token: keptToken,
  account: keptOpen,
  provider: keptEntered
}

/** Takes a token out of the address, so that it stays in neither the address bar nor the history. */
const takeFromAddress = (): string | undefined => {
  const found = /^#token=(.+)$/.exec(location.hash)?.[1]
  if (found === undefined) return undefined
  history.replaceState(history.state, "", location.pathname + location.search)
  return decodeURIComponent(found).trim()
}

const isAccount = (kept: unknown): kept is Account =>
  typeof kept === "object" && kept !== null && "userId" in kept && "handle" in kept && "deviceId" in kept

const readAccounts = (): ReadonlyArray<Account> => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keptAccounts) ?? "[]")
    return Array.isArray(kept) ? kept.filter(isAccount) : []
  } catch {
    return []
  }
}

const arrived = takeFromAddress()
if (arrived !== undefined) localStorage.setItem(keptToken, arrived)

/** What this browser says who is here. A token that was given last wins: it was given on purpose. */
const read = (): Session | undefined => {
  const token = localStorage.getItem(keptToken)
  if (token !== null) return { kind: "token", token }
  const open = localStorage.getItem(keptOpen)
  const account = readAccounts().find(({ userId }) => userId === open)
  if (account !== undefined) return { kind: "account", account }
  const entered = readEntered()
  return entered === undefined ? undefined : { kind: "provider", entered }
}

/** Sessions that are the same are one and the same object: what leans on it is not begun anew. */
const same = (one: Session | undefined, other: Session | undefined): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other)

const [session, setSession] = createSignal<Session | undefined>(read(), { equals: same })
const [accounts, setAccounts] = createSignal<ReadonlyArray<Account>>(readAccounts())
const [farewell, setFarewell] = createSignal<Farewell>()

/** Who ended what, said on the page that asks for the next. */
interface Farewell {
  readonly kind: Session["kind"]
  readonly why: string | undefined
}

/**
 * `session`: who is signed in, or nobody. `accounts`: whose keys lie in this browser, who was here last first. `farewell`: how the
 * last session of this page ended.
 */
export { accounts, farewell, session }

/** The account that is signed in, if one is. */
export const account = (): Account | undefined => {
  const present = session()
  return present?.kind === "account" ? present.account : undefined
}

const look = (): void => {
  setAccounts(readAccounts())
  setSession(read())
}

/** Begins a session that no key of this browser's is needed for. */
export const enterWith = (session: Exclude<Session, { readonly kind: "account" }>): void => {
  if (session.kind === "token") localStorage.setItem(keptToken, session.token)
  else {
    for (const kept of Object.values(keptOf)) localStorage.removeItem(kept)
    localStorage.setItem(keptEntered, JSON.stringify(session.entered))
  }
  setFarewell(undefined)
  look()
}

export const enterAs = (account: Account): void => {
  localStorage.removeItem(keptToken)
  localStorage.removeItem(keptEntered)
  const others = readAccounts().filter(({ userId }) => userId !== account.userId)
  localStorage.setItem(keptAccounts, JSON.stringify([account, ...others]))
  localStorage.setItem(keptOpen, account.userId)
  setFarewell(undefined)
  look()
}

let isOwnWish = false

/** From here on a session that ends does so because its owner wishes it, and nothing is explained; the answer takes that back. */
export const beginLeaving = (): () => void => {
  isOwnWish = true
  return () => {
    isOwnWish = false
  }
}

/** Whether its owner is about to end the session: what they lock for that is not to be opened again. */
export const isLeaving = (): boolean => isOwnWish

/** Ends the session in this browser. Keys stay where they are; `forgetAccount` is for when they are gone. */
export const leave = (why?: string): void => {
  const kind = session()?.kind
  if (kind === undefined) return
  localStorage.removeItem(keptOf[kind])
  setFarewell({ kind, why: isOwnWish ? undefined : why })
  isOwnWish = false
  look()
}

/** This browser no longer has the keys of this account. */
export const forgetAccount = (userId: string): void => {
  localStorage.setItem(keptAccounts, JSON.stringify(readAccounts().filter((one) => one.userId !== userId)))
  if (localStorage.getItem(keptOpen) === userId) localStorage.removeItem(keptOpen)
  isOwnWish = false
  look()
}

// Signing in or out in one tab holds for all of them.
addEventListener("storage", ({ key }) => {
  if (key === null || key.startsWith("vivim.")) look()
})
// A link with a token opened over a running client only changes the hash.
addEventListener("hashchange", () => {
  const token = takeFromAddress()
  if (token !== undefined) enterWith({ kind: "token", token })
})
