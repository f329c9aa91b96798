/** The library's rows as signals: watches the pages around what is seen, and keeps the reader's place when rows shift. */
import { type Accessor, createEffect, createMemo, createSignal, mapArray, on, untrack } from "solid-js"
import type { Answer, Payload } from "../node/Calls.ts"
import { watch } from "../node/Node.ts"
import { KnownRows, pagesFor, pageSize, type Seen } from "./KnownRows.ts"

export type Summary = Answer<"WatchLibrary">["items"][number]

/** Which conversations, in which order. */
export type Asked = Omit<Payload<"WatchLibrary">, "offset" | "limit">

export interface Rows {
  readonly total: Accessor<number | undefined>
  readonly row: (index: number) => Summary | undefined
  /** True from the moment another list is asked for until its first page has come. */
  readonly changing: Accessor<boolean>
}

const samePages = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => a.length === b.length && a[0] === b[0]

/** Rows came in or left above: what the reader looks at, or has the focus on, is somewhere else now. */
interface Moves {
  readonly seen: (by: number) => void
  readonly active: (to: number) => void
}

export const createRows = (
  asked: Accessor<Asked>,
  seen: Accessor<Seen>,
  active: Accessor<number>,
  moved: Moves
): Rows => {
  const known = new KnownRows<Summary>((row) => row.documentId)
  const [version, setVersion] = createSignal(0)
  const [total, setTotal] = createSignal<number>()
  const [changing, setChanging] = createSignal(true)
  const pages = createMemo(() => pagesFor(seen(), total()), [0], { equals: samePages })

  const learn = (page: number, { items, total }: Answer<"WatchLibrary">) => {
    if (untrack(changing)) known.forget()
    const { first } = untrack(seen)
    const anchor = known.at(first)
    const here = untrack(active)
    const held = known.at(here)
    known.learn(page, items, untrack(pages))
    const heldAt = held === undefined ? undefined : known.find(held.documentId, here)
    const movedTo = anchor === undefined ? undefined : known.find(anchor.documentId, first)
    setTotal(total)
    setVersion((version) => version + 1)
    setChanging(false)
    // At the very top the newest is what one wants to see; anywhere else, what one was looking at.
    if (movedTo !== undefined && movedTo !== first && first > 0) moved.seen(movedTo - first)
    if (heldAt !== undefined && heldAt !== here) moved.active(heldAt)
  }

  createEffect(on(() => JSON.stringify(asked()), () => setChanging(true)))
  createEffect(mapArray(pages, (page) => {
    const { answer } = watch("WatchLibrary", () => ({ ...asked(), offset: page * pageSize, limit: pageSize }))
    createEffect(on(answer, (answer) => answer !== undefined && learn(page, answer)))
  }))

  return { total, row: (index) => (version(), known.at(index)), changing }
}
