/** A list of conversations: as long as there are any, of which only what is seen (and a little around it) exists. */
import { type Accessor, createEffect, createSignal, For, type JSX, on, Show } from "solid-js"
import { main } from "../app/Main.ts"
import { Late } from "../ui/Late.tsx"
import { createListTop } from "../ui/ScrolledList.ts"
import { createPlace } from "./Places.ts"
import { createRowKeys } from "./RowKeys.ts"
import { rowHeight, RowSkeleton } from "./RowParts.tsx"
import { type Asked, createRows, type Summary } from "./Rows.ts"
import { createSight } from "./Sight.ts"

/** Rows drawn while nothing is known yet. */
const rowsExpected = 12

const Unknown = () => (
  <Late>
    <p class="sr-only" role="status">Loading</p>
    <For each={Array.from({ length: rowsExpected })}>{() => <RowSkeleton />}</For>
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

/** What a row is told of the list it stands in. */
export interface RowInList {
  /** `undefined`: not known yet. */
  readonly row: Summary | undefined
  readonly before: Summary | undefined
  /** This is the first row that is seen. */
  readonly heads: boolean
  /** The one row of the list the Tab key stops at. */
  readonly current: boolean
  readonly onFocus: () => void
}

interface RowListProps {
  readonly label: string
  readonly asked: Accessor<Asked>
  readonly onTotal: (total: number | undefined) => void
  readonly children: (row: RowInList) => JSX.Element
}

/** The rows, what of them is in sight, and which one has the focus: by keys, and while rows come and go around it. */
const createRowList = (props: RowListProps, listOf: () => HTMLElement) => {
  const [active, setActive] = createSignal(0)
  const asked = () => props.asked()
  const top = createListTop(listOf)
  const { seen, setTotal, virtual } = createSight(top)
  const rows = createRows(asked, seen, active, {
    // The list has grown when this turn of the page is over; before, there may be nowhere to scroll to.
    seen: (by) => queueMicrotask(() => main()?.scrollBy(0, by * rowHeight)),
    active: (to) => {
      setActive(to)
      follow(listOf(), to)
    }
  })
  createEffect(() => {
    setTotal(rows.total() ?? 0)
    props.onTotal(rows.changing() ? undefined : rows.total())
  })
  createPlace(() => `${props.label} ${JSON.stringify(asked())}`, () => !rows.changing())
  createEffect(on(() => JSON.stringify(asked()), () => setActive(0), { defer: true }))
  /** The row the Tab key stops at: the one that was active, as long as it is in sight. */
  const stop = () => (active() >= seen().first && active() <= seen().last ? active() : seen().first)
  const go = (index: number) => {
    setActive(index)
    virtual.scrollToIndex(index, { align: "auto" })
  }
  createRowKeys({ list: listOf, at: active, first: () => seen().first, total: () => rows.total() ?? 0, go })
  return { rows, seen, setActive, stop, top, virtual }
}

export const RowList = (props: RowListProps) => {
  let list!: HTMLUListElement
  const { rows, seen, setActive, stop, top, virtual } = createRowList(props, () => list)
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
        aria-label={props.label}
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
              {props.children({
                get row() {
                  return rows.row(item.index)
                },
                get before() {
                  return rows.row(item.index - 1)
                },
                get heads() {
                  return item.index === seen().first
                },
                get current() {
                  return item.index === stop()
                },
                onFocus: () => setActive(item.index)
              })}
            </li>
          )}
        </For>
      </ul>
    </div>
  )
}
