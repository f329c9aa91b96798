/** Moving through the rows of the library with the keys. */
import { singleKeys } from "../app/Shortcuts.ts"
import { isForList, movedBy } from "../ui/ListKeys.ts"
import { hearKeys } from "../ui/ScrolledList.ts"

interface Rows {
  readonly list: () => HTMLElement
  readonly at: () => number
  /** The first row that is seen. */
  readonly first: () => number
  readonly total: () => number
  readonly go: (index: number) => void
}

export const createRowKeys = (rows: Rows): void => {
  hearKeys((event) => {
    const list = rows.list()
    if (!isForList(event, list)) return
    // Coming from outside, the first key only enters the list where it is looked at.
    const at = list.contains(event.target as Node) ? rows.at() : rows.first() - 1
    const to = movedBy(event.key, at, rows.total(), singleKeys())
    if (to === undefined) return
    event.preventDefault()
    rows.go(to)
    // The row exists after this turn of the page.
    requestAnimationFrame(() =>
      list.querySelector<HTMLElement>(`[data-index="${to}"] a`)?.focus({ preventScroll: true })
    )
  })
}
