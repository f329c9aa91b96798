/**
 * Sealed conversations as screens see them: what the node has of them is opened here, as it comes into sight. What opens and seals is
 * loaded when the first of them is met.
 */
import type { Receipt as Receipts } from "@vivim/client/sealed/Level"
import type { SearchHit } from "@vivim/contract/Search"
import type { Receipt } from "@vivim/event-schemas/Receipt"
import { createEffect, createRoot, createSignal, on, untrack } from "solid-js"
import type { Answer, Payload } from "../node/Calls.ts"
import { session } from "../session/Session.ts"
import { unlocked } from "../session/Vault.ts"

export type Outline = Answer<"WatchConversation">
export type Summary = Outline["summary"]
type Message = Answer<"ReadMessages">[number]
type Id = Summary["documentId"]

/** An opened conversation. */
export interface Opened {
  readonly outline: Omit<Outline, "summary"> & { readonly summary: Summary }
  readonly messages: ReadonlyMap<string, Message>
  /** Messages that do not open. */
  readonly broken: number
  /** A file of it, by the hash of what it holds; null where it has none. */
  readonly file: (hash: string) => Promise<Uint8Array | null>
}

/** How far the index of this device is; null before it was looked at. */
interface Indexed {
  readonly done: number
  readonly of: number
  /** Conversations that do not open. */
  readonly broken: number
}

/** What the keys of this device do with sealed conversations. Promises reject with `Refused`. */
export interface Sealing {
  readonly openSummary: (summary: Summary) => Promise<Summary>
  readonly open: (outline: Outline) => Promise<Opened>
  readonly seal: (documentId: Id) => Promise<Receipt>
  readonly unseal: (documentId: Id) => Promise<Receipt>
  readonly relabel: (
    documentId: Id,
    change: { readonly title?: string; readonly tags?: ReadonlyArray<string> }
  ) => Promise<Receipt>
  /** Brings all conversations to a level, or those of an import; each has its line in the receipt. */
  readonly bring: (level: Receipts["level"], how: {
    readonly importId: Payload<"WatchImport">["importId"] | undefined
    readonly onProgress: (receipt: Receipts) => void
    readonly isStopped: () => boolean
  }) => Promise<Receipts>
  readonly sync: (onProgress: (progress: { readonly done: number; readonly of: number }) => void) => Promise<number>
  readonly search: (question: Payload<"Search">) => ReadonlyArray<typeof SearchHit.Type>
  /** Nothing of it stays in this browser. */
  readonly forget: () => Promise<void>
}

let loaded: Promise<Sealing> | undefined

export const sealing = (): Promise<Sealing> => {
  loaded ??= import("./Machinery.ts").then(({ machinery }) => machinery())
  loaded.catch(() => {
    loaded = undefined
  })
  return loaded
}

/** Only an account has keys that the node has not. */
export const canSeal = (): boolean => session()?.kind === "account"

const [summaries, setSummaries] = createSignal<ReadonlyMap<string, Summary | null>>(new Map())

/** What of a summary tells whether it is as it was when it was opened. */
const stampOf = ({ documentId, sealed }: Summary) =>
  `${documentId} ${sealed!.revision} ${sealed!.head.sealed.slice(-16).join()}`

const put = (stamp: string, summary: Summary | null) => setSummaries((all) => new Map(all).set(stamp, summary))

/** As the owner's device reads it; until it has, and where it cannot, without a title. */
export const asOpened = (summary: Summary): Summary => {
  if (summary.sealed === null) return summary
  const stamp = stampOf(summary)
  const known = summaries().get(stamp)
  if (known === undefined) {
    // Whoever draws this row is not woken by its own question.
    queueMicrotask(() => {
      if (untrack(summaries).has(stamp)) return
      put(stamp, null)
      sealing().then((sealing) => sealing.openSummary(summary)).then((opened) => put(stamp, opened), () => undefined)
    })
  }
  if (known === undefined || known === null) return { ...summary, title: "A sealed conversation" }
  const { archived, trash, sealed } = summary
  return { ...known, archived, trash, sealed }
}

/** Conversations that are open on a screen, for whatever on it asks for their messages or files. */
const open = new Map<string, Opened>()

export const hold = (opened: Opened): () => void => {
  const { documentId } = opened.outline.summary
  open.set(documentId, opened)
  return () => {
    if (open.get(documentId) === opened) open.delete(documentId)
  }
}

/** Messages of a sealed conversation that is open; `undefined`: it is not sealed. */
export const messagesOf = (documentId: Id, ids: ReadonlyArray<string>): ReadonlyArray<Message> | undefined => {
  const opened = open.get(documentId)
  return opened === undefined ? undefined : ids.flatMap((id) => opened.messages.get(id) ?? [])
}

/** A file of a sealed conversation that is open; `undefined`: none of them has it. */
export const fileOf = async (hash: string): Promise<Uint8Array | undefined> => {
  for (const opened of open.values()) {
    const bytes = await opened.file(hash)
    if (bytes !== null) return bytes
  }
  return undefined
}

const [indexed, setIndexed] = createSignal<Indexed | null>(null)
/** The index of this device. */
export { indexed }

let syncing: Promise<void> | undefined
let again = false

/** Brings the index of this device up to date; asked while it is at it, once more afterwards. */
export const syncIndex = (): Promise<void> => {
  again = syncing !== undefined
  if (syncing !== undefined) return syncing
  const work = sealing().then(async (sealing) => {
    const broken = await sealing.sync(({ done, of }) => setIndexed((was) => ({ done, of, broken: was?.broken ?? 0 })))
    setIndexed((now) => ({ done: now?.done ?? 0, of: now?.of ?? 0, broken }))
  }).catch(() => undefined).finally(() => {
    // Of a session that is over nobody waits for the end.
    if (syncing !== work) return
    syncing = undefined
    if (again) void syncIndex()
  })
  syncing = work
  return work
}

// With the session goes what was opened in it.
createRoot(() =>
  createEffect(on(session, (_, before) => {
    setSummaries(new Map())
    setIndexed(null)
    open.clear()
    const was = loaded
    loaded = undefined
    syncing = undefined
    if (before === undefined) return
    void (was?.then((sealing) => sealing.forget()) ?? import("./Machinery.ts").then(({ wipe }) => wipe()))
      .catch(() => undefined)
  }, { defer: true }))
)
// What could not be opened while the vault was locked is tried again.
createRoot(() =>
  createEffect(
    on(unlocked, () => setSummaries((all) => new Map([...all].filter(([, one]) => one !== null))), { defer: true })
  )
)
