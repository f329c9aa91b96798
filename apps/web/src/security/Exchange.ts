/**
 * How far the exchange of the account's keys is: begun when a device was removed or a kit replaced, and gone on with whenever what is private was
 * opened here.
 */
import { createEffect, createRoot, createSignal, on } from "solid-js"
import { keys } from "../account/Keys.ts"
import { sentenceOf } from "../account/Sentences.ts"
import { isLeaving, session } from "../session/Session.ts"
import { unlocked } from "../session/Vault.ts"

type Exchange =
  /** Nothing was to be done, as far as is known. */
  | { readonly at: "rest" }
  | { readonly at: "work" }
  | { readonly at: "done" }
  /** A new kit comes first. */
  | { readonly at: "kit" }
  | { readonly at: "failed"; readonly problem: string }

const [exchange, setExchange] = createSignal<Exchange>({ at: "rest" })
export { exchange }

let running: Promise<void> | undefined
let again = false

const attempt = async (): Promise<void> => {
  const before = session()
  const told = (now: Exchange) => {
    if (session() === before) setExchange(now)
  }
  try {
    const outcome = await (await keys()).rekey()
    if (outcome === "kit") return told({ at: "kit" })
    if (outcome === "current") return told(exchange().at === "done" ? { at: "done" } : { at: "rest" })
    told({ at: "done" })
  } catch (error) {
    told({ at: "failed", problem: sentenceOf(error) })
  }
}

/** Exchanges the keys where that is due. What comes of it is said by `exchange`; asked while it is at it, it looks once more. */
export const exchangeKeys = (shown = true): Promise<void> => {
  if (session()?.kind !== "account" || isLeaving()) return Promise.resolve()
  again = running !== undefined && shown
  if (shown) setExchange({ at: "work" })
  running ??= attempt().finally(() => {
    running = undefined
    if (again) void exchangeKeys()
  })
  return running
}

createRoot(() => {
  createEffect(on(session, () => void setExchange({ at: "rest" }), { defer: true }))
  // Somebody was cut off, here or on another device: what is due shows itself when what is private was opened.
  createEffect(on([session, unlocked], () => void exchangeKeys(false), { defer: true }))
})
