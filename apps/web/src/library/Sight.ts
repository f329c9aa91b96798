/** What of the library is in sight: the rows that are drawn, and the first and last that are really seen. */
import { createVirtualizer } from "@tanstack/solid-virtual"
import { type Accessor, createEffect, createSignal, onCleanup, onMount } from "solid-js"
import { main } from "../app/Main.ts"
import type { Seen } from "./KnownRows.ts"
import { rowHeight } from "./RowParts.tsx"

const overscan = 8

export const createSight = (top: Accessor<number>) => {
  const [total, setTotal] = createSignal(0)
  const [seen, setSeen] = createSignal<Seen>({ first: 0, last: 20 })
  const virtual = createVirtualizer({
    get count() {
      return total()
    },
    get scrollMargin() {
      return top()
    },
    getScrollElement: () => main() ?? null,
    estimateSize: () => rowHeight,
    overscan
  })
  const look = () => {
    const { range } = virtual
    const scroller = main()
    if (range === null || scroller === undefined) return
    // Not the first row that is drawn: the first that is seen is the one to keep in place.
    const first = Math.max(0, Math.floor((scroller.scrollTop - top()) / rowHeight))
    const last = range.endIndex
    setSeen((was) => (was.first === first && was.last === last ? was : { first, last }))
  }
  createEffect(() => {
    virtual.getVirtualItems()
    look()
  })
  onMount(() => {
    const scroller = main()
    scroller?.addEventListener("scroll", look, { passive: true })
    onCleanup(() => scroller?.removeEventListener("scroll", look))
  })
  return { seen, setTotal, virtual }
}
