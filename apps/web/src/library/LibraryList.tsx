/** The list itself: as long as the library, of which only what is seen (and a little around it) exists. */
import { createEffect, createMemo, createSignal, For, on, Show } from "solid-js"
import { main } from "../app/Main.ts"
import { Late } from "../ui/Late.tsx"
import { createListTop } from "../ui/ScrolledList.ts"
import { createActions } from "./Actions.tsx"
import { askedBy, type Filter } from "./Filters.ts"
import { LibraryRow, LibraryRowSkeleton, rowHeight } from "./LibraryRow.tsx"
import { createPlace } from "./Places.ts"
import { createRowKeys } from "./RowKeys.ts"
import { createRows } from "./Rows.ts"
import { createSight } from "./Sight.ts"

/** Rows drawn while nothing is known yet. */
const rowsExpected = 12

const Unknown = () => (
  <Late>
    <p class="sr-only" role="status">Loading</p>
    <For each={Array.from({ length: rowsExpected })}>{() => <LibraryRowSkeleton />}</For>
  </Late>
)

/** The focus goes with its conversation: Enter opens what had it, not what has come into its place. */
const follow = (list: HTMLElement, to: number): void => {
  const from = document.activeElement
  if (from === null || !list.contains(from)) return
  const part = from.tagName.toLowerCase()
  // The row stands in its new place after this turn of the page.
  requestAnimationFrame(() =>
    list.querySelector<HTMLElement>(`[data-index="${to}"] ${part}`)?.focus({ preventScroll: true })
  )
}

interface LibraryListProps {
  readonly filter: Filter
  readonly onTotal: (total: number | undefined) => void
}

export const LibraryList = (props: LibraryListProps) => {
  let list!: HTMLUListElement
  const [active, setActive] = createSignal(0)
  const actions = createActions()
  const asked = createMemo(() => askedBy(props.filter))
  const top = createListTop(() => list)
  const { seen, setTotal, virtual } = createSight(top)
  const rows = createRows(asked, seen, active, {
    seen: (by) => main()?.scrollBy(0, by * rowHeight),
    active: (to) => {
      setActive(to)
      follow(list, to)
    }
  })
  createEffect(() => {
    setTotal(rows.total() ?? 0)
    props.onTotal(rows.changing() ? undefined : rows.total())
  })
  createPlace(() => `library ${JSON.stringify(asked())}`, () => !rows.changing())
  createEffect(on(asked, () => setActive(0), { defer: true }))
  /** The row the Tab key stops at: the one that was active, as long as it is in sight. */
  const stop = () => (active() >= seen().first && active() <= seen().last ? active() : seen().first)
  const go = (index: number) => {
    setActive(index)
    virtual.scrollToIndex(index, { align: "auto" })
  }
  createRowKeys({ list: () => list, at: active, first: () => seen().first, total: () => rows.total() ?? 0, go })

  return (
    <div
      class="relative transition-opacity duration-150"
      classList={{ "opacity-50": rows.changing() && rows.total() !== undefined }}
    >
      <Show when={rows.total() === undefined}>
        <Unknown />
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
              style={{ transform: `translateY(${item.start - top()}px)` }}
            >
              <LibraryRow
                row={rows.row(item.index)}
                before={rows.row(item.index - 1)}
                heads={item.index === seen().first}
                byTime={props.filter.sort !== "title"}
                current={item.index === stop()}
                onFocus={() => setActive(item.index)}
                onMenu={(row, anchor) => actions.menu(row, anchor)}
              />
            </li>
          )}
        </For>
      </ul>
      <actions.Host />
    </div>
  )
}
