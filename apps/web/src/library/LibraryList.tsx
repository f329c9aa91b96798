/** The list itself: as long as the library, of which only what is seen (and a little around it) exists. */
import { createVirtualizer } from "@tanstack/solid-virtual"
import { createEffect, createMemo, createSignal, For, on, onCleanup, onMount, Show } from "solid-js"
import { main } from "../app/Main.ts"
import { singleKeys } from "../app/Shortcuts.ts"
import { Late } from "../ui/Late.tsx"
import { isForList, movedBy } from "../ui/Roving.ts"
import { createActions } from "./Actions.tsx"
import { askedBy, type Filter } from "./Filters.ts"
import { LibraryRow, LibraryRowSkeleton, rowHeight } from "./LibraryRow.tsx"
import { keepPlace, placeKept } from "./Places.ts"
import { createRows } from "./Rows.ts"

const overscan = 8
/** Rows drawn while nothing is known yet. */
const rowsExpected = 12

export const LibraryList = (props: { readonly filter: Filter; readonly onTotal: (total: number | undefined) => void }) => {
  let list!: HTMLUListElement
  const [offset, setOffset] = createSignal(0)
  const [seen, setSeen] = createSignal({ first: 0, last: 20 })
  const [active, setActive] = createSignal(0)
  const actions = createActions()
  const asked = createMemo(() => askedBy(props.filter))
  const rows = createRows(asked, seen, (shift) => {
    setActive((active) => active + shift)
    main()?.scrollBy(0, shift * rowHeight)
  })
  const virtual = createVirtualizer({
    get count() {
      return rows.total() ?? 0
    },
    get scrollMargin() {
      return offset()
    },
    getScrollElement: () => main() ?? null,
    estimateSize: () => rowHeight,
    overscan
  })
  const measure = () => {
    const scroller = main()
    if (scroller) setOffset(list.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop)
  }
  const look = () => {
    const range = virtual.range
    const scroller = main()
    if (range === null || scroller === undefined) return
    // The first row that is really seen, not the first that is drawn: it is the one to keep in place.
    const first = Math.max(0, Math.floor((scroller.scrollTop - offset()) / rowHeight))
    setSeen((was) => (was.first === first && was.last === range.endIndex ? was : { first, last: range.endIndex }))
  }
  createEffect(() => {
    virtual.getVirtualItems()
    look()
  })
  onMount(() => {
    const observer = new ResizeObserver(measure)
    observer.observe(list.parentElement!)
    const scroller = main()
    scroller?.addEventListener("scroll", look, { passive: true })
    onCleanup(() => {
      keepPlace(JSON.stringify(asked()), scroller?.scrollTop ?? 0)
      observer.disconnect()
      scroller?.removeEventListener("scroll", look)
    })
  })
  createEffect(() => props.onTotal(rows.changing() ? undefined : rows.total()))
  // Another filter is another list, read from its top; coming back to the same one is coming back to one's place.
  createEffect(on(asked, (_, before) => {
    setActive(0)
    if (before !== undefined) main()?.scrollTo(0, 0)
  }))
  createEffect(on(rows.changing, (changing) => {
    if (changing) return
    const place = placeKept(JSON.stringify(asked()))
    if (place !== undefined) requestAnimationFrame(() => main()?.scrollTo(0, place))
  }))

  const go = (index: number) => {
    setActive(index)
    virtual.scrollToIndex(index, { align: "auto" })
    requestAnimationFrame(() => list.querySelector<HTMLElement>(`[data-index="${index}"] a`)?.focus({ preventScroll: true }))
  }
  const hear = (event: KeyboardEvent) => {
    if (!isForList(event, list)) return
    const inList = list.contains(event.target as Node)
    // Coming from outside, the first key only enters the list where it is looked at.
    const to = movedBy(event.key, inList ? active() : seen().first - 1, rows.total() ?? 0, singleKeys())
    if (to === undefined) return
    event.preventDefault()
    go(to)
  }
  onMount(() => {
    addEventListener("keydown", hear)
    onCleanup(() => removeEventListener("keydown", hear))
  })

  return (
    <div class="relative transition-opacity duration-150" classList={{ "opacity-50": rows.changing() && rows.total() !== undefined }}>
      <Show when={rows.total() === undefined}>
        <Late>
          <p class="sr-only" role="status">Loading</p>
          <For each={Array.from({ length: rowsExpected })}>{() => <LibraryRowSkeleton />}</For>
        </Late>
      </Show>
      <ul
        ref={list}
        role="list"
        aria-label="Conversations"
        aria-busy={rows.changing()}
        class="relative"
        style={{ height: `${virtual.getTotalSize()}px` }}
      >
        <For each={virtual.getVirtualItems()}>
          {(item) => (
            <li
              data-index={item.index}
              aria-setsize={rows.total()}
              aria-posinset={item.index + 1}
              class="absolute inset-x-0 top-0 h-[66px]"
              style={{ transform: `translateY(${item.start - offset()}px)` }}
            >
              <Show when={rows.row(item.index)} fallback={<LibraryRowSkeleton />}>
                {(row) => (
                  <LibraryRow
                    row={row()}
                    before={rows.row(item.index - 1)}
                    heads={item.index === seen().first}
                    byTime={props.filter.sort !== "title"}
                    current={item.index === active()}
                    onFocus={() => setActive(item.index)}
                    onMenu={(anchor) => actions.menu(row(), anchor)}
                  />
                )}
              </Show>
            </li>
          )}
        </For>
      </ul>
      <actions.Host />
    </div>
  )
}
