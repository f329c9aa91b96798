/** The rows of a long conversation: which of them exist, where each stands, and how one gets from one to another. */
import { createVirtualizer } from "@tanstack/solid-virtual"
import { type Accessor, createEffect, createMemo } from "solid-js"
import { main } from "../app/Main.ts"
import type { Id, Item } from "./Branches.ts"
import type { Messages } from "./Messages.ts"
import type { Reading } from "./Reading.ts"
import { barHeight } from "./ReadingBar.tsx"

/** First guesses at heights, in pixels, until a message has been seen. */
const guesses = { user: 110, assistant: 340, system: 120, tool: 160 }
const asideGuess = 44
const overscan = 5

export const createMessageRows = (reading: Reading, messages: Messages, top: Accessor<number>) => {
  const guess = (item: Item | undefined): number =>
    item?.kind === "turn" ? guesses[reading.tree().nodes.get(item.id)?.role ?? "assistant"] : asideGuess
  const virtual = createVirtualizer<HTMLElement, HTMLElement>({
    get count() {
      return reading.items().length
    },
    get scrollMargin() {
      return top()
    },
    getScrollElement: () => main() ?? null,
    estimateSize: (index) => guess(reading.items()[index]),
    getItemKey: (index) => reading.items()[index]?.id ?? index,
    scrollPaddingStart: barHeight,
    overscan
  })
  /** Told apart by their message, so that another branch brings other rows, and the same message keeps its own. */
  const placed = createMemo(() =>
    new Map(virtual.getVirtualItems().map((row) => [String(row.key), { index: row.index, start: row.start }]))
  )
  const isTool = (id: Id) => reading.tree().nodes.get(id)?.role === "tool"
  // Of folded steps, what tools answered is read too: a picture among it is shown.
  createEffect(() =>
    messages.want([...placed().values()].flatMap(({ index }) => {
      const item = reading.items()[index]
      if (item === undefined) return []
      return item.kind === "turn" ? [item.id] : reading.isAsideOpen(item.id) ? item.ids : item.ids.filter(isTool)
    }))
  )
  return {
    placed,
    height: () => virtual.getTotalSize(),
    measure: (element: HTMLElement) => queueMicrotask(() => virtual.measureElement(element)),
    goTo: (index: number) => virtual.scrollToIndex(index, { align: "start" }),
    /** The item at the top of what is seen. */
    topmost: () => {
      const line = (main()?.scrollTop ?? 0) + barHeight
      return virtual.getVirtualItems().find(({ end }) => end > line)?.index ?? 0
    }
  }
}

export type MessageRows = ReturnType<typeof createMessageRows>
