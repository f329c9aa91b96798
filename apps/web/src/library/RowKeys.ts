/** Moving through the rows of the library with the keys. */
import { singleKeys } from "../app/Shortcuts.ts"
import { isForList, movedBy } from "../ui/ListKeys.ts"
import { hearKeys } from "../ui/ScrolledList.ts"

/** Nothing else has been given the focus meanwhile. */
const isStillMeant = (list: HTMLElement): boolean => {
  const { activeElement } = document
  return activeElement === null || activeElement === document.body || activeElement.id === "main" ||
    list.contains(activeElement)
}

interface Rows {
  readonly list: () => HTMLElement
  readonly at: () => number
  /** The first row that is seen. */
  readonly first: () => number
  readonly total: () => number
  readonly go: (index: number) => void
}

/** A row far away has to be read first; longer than this, nobody is still waiting for it. */
const arrivalMs = 4_000

export const createRowKeys = (rows: Rows): void => {
  /** Where the focus is on its way to: keys can be faster than the page. */
  let going: number | undefined
  hearKeys((event) => {
    const list = rows.list()
    if (!isForList(event, list)) return
    // Coming from outside, the first key only enters the list where it is looked at.
    const at = going ?? (list.contains(event.target as Node) ? rows.at() : rows.first() - 1)
    const to = movedBy(event.key, at, rows.total(), singleKeys())
    if (to === undefined) return
    event.preventDefault()
    going = to
    rows.go(to)
    const until = performance.now() + arrivalMs
    // The row exists after this turn of the page, and what is in it once it has been read.
    const arrive = () => {
      if (going !== to) return
      const row = list.querySelector<HTMLElement>(`[data-index="${to}"] a`)
      if (row === null && isStillMeant(list) && performance.now() < until) return void requestAnimationFrame(arrive)
      going = undefined
      if (isStillMeant(list)) row?.focus({ preventScroll: true })
    }
    requestAnimationFrame(arrive)
  })
}
