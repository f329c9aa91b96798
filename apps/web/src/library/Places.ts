/** Where one was in a list, so that coming back to it is coming back to one's place. Forgotten with the tab. */
import { type Accessor, createEffect, on, onCleanup, untrack } from "solid-js"
import { main } from "../app/Main.ts"

const places = new Map<string, number>()

/**
 * Keeps the place in a list while another is shown, and goes back to it. `list` says which list it is; `isThere` says
 * when it is long enough to be scrolled. Another list is read from its top.
 */
export const createPlace = (list: Accessor<string>, isThere: Accessor<boolean>): void => {
  let isNew = true
  const keep = (name: string) => void places.set(name, main()?.scrollTop ?? 0)
  createEffect(on(list, (_, before) => {
    isNew = true
    if (before === undefined) return
    keep(before)
    main()?.scrollTo(0, 0)
  }))
  createEffect(() => {
    if (!isThere() || !isNew) return
    isNew = false
    const place = places.get(untrack(list)) ?? 0
    // The list has its height after this turn of the page.
    if (place > 0) requestAnimationFrame(() => main()?.scrollTo(0, place))
  })
  onCleanup(() => keep(untrack(list)))
}
