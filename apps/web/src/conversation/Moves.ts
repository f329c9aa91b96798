/** Moves through a conversation: to the message the address names, to the next by key, to another version at a fork. */
import { type Accessor, createEffect, on, onCleanup } from "solid-js"
import { singleKeys } from "../app/Shortcuts.ts"
import { isForList, movedBy } from "../ui/ListKeys.ts"
import { hearKeys } from "../ui/ScrolledList.ts"
import type { Id } from "./Branches.ts"
import { createHold } from "./Hold.ts"
import type { MessageRows } from "./MessageRows.ts"
import type { Reading } from "./Reading.ts"
import type { Way } from "./TurnView.tsx"

interface Ground {
  readonly list: () => HTMLElement
  readonly reading: Reading
  readonly rows: MessageRows
  /** The message the address names. */
  readonly at: Accessor<Id | undefined>
}

/** How far from the top a message is brought that was looked for, in pixels. */
const soughtAt = 120

const topOf = (element: Element | null): number => element?.getBoundingClientRect().top ?? -1

export const createMoves = (ground: Ground) => {
  const { reading, rows } = ground
  const { forget, hold } = createHold()
  const rowOf = (id: Id) => ground.list().querySelector<HTMLElement>(`[data-turn="${CSS.escape(id)}"]`)
  /** At which fork versions were turned last, and whether it was the switch that stayed where it was. */
  let series: { readonly fork: string; readonly bySwitch: boolean } | undefined
  const moved = () => {
    series = undefined
    forget()
  }
  for (const name of ["wheel", "touchmove"]) {
    addEventListener(name, moved, { passive: true })
    onCleanup(() => removeEventListener(name, moved))
  }

  // The message is brought into sight, by its first marked word if there is one, and held there while what is above it is
  // still being read and drawn.
  createEffect(on(ground.at, (id) => {
    if (id === undefined) return
    requestAnimationFrame(() => {
      rows.goTo(Math.max(0, reading.indexOf(id)))
      hold(`address ${id}`, soughtAt, () => rowOf(id)?.querySelector("mark") ?? rowOf(id))
    })
  }))

  /** The version the focus is on its way to. */
  let turning: Id | undefined
  /** Another version takes the place of this one: nothing above it moves, and the focus and the finger stay on the switch. */
  const turnTo = (from: Id, to: Id, way: Way): void => {
    const pressed = `[data-way="${way}"]`
    const spotIn = (id: Id, spot: string) =>
      (spot === "" ? rowOf(id) : rowOf(id)?.querySelector<HTMLElement>(spot)) ?? null
    const y = topOf(spotIn(from, pressed))
    const fork = String(reading.tree().nodes.get(to)?.parent)
    // Turned by key while the switch is out of sight, the message itself stays where it is. Whoever turns on before the page has come
    // to rest goes on with what stayed before: its height is that of the one and not of the other.
    const bySwitch = series?.fork === fork ? series.bySwitch : y > 0 && y < innerHeight
    series = { fork, bySwitch }
    const spot = bySwitch ? pressed : ""
    hold(fork, topOf(spotIn(from, spot)), () => spotIn(to, spot))
    reading.turnTo(to)
    turning = to
    requestAnimationFrame(() => {
      if (turning !== to) return
      turning = undefined
      spotIn(to, pressed)?.focus({ preventScroll: true })
    })
  }

  hearTurnKeys(ground, rowOf, turnTo, () => turning)
  return { turnTo }
}

const hearTurnKeys = (
  { list, reading, rows }: Ground,
  rowOf: (id: Id) => HTMLElement | null,
  turnTo: (from: Id, to: Id, way: Way) => void,
  turning: () => Id | undefined
): void => {
  /** Where the focus is on its way to: keys can be faster than the page. */
  let going: number | undefined
  const go = (index: number) => {
    going = index
    rows.goTo(index)
    // The row is there after the next frame.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (going !== index) return
        going = undefined
        rowOf(reading.items()[index]!.id)?.focus({ preventScroll: true })
      })
    )
  }
  const focused = () => {
    const id = turning() ?? document.activeElement?.closest<HTMLElement>("[data-turn]")?.dataset["turn"]
    return id === undefined ? -1 : reading.indexOf(id as Id)
  }
  hearKeys((event) => {
    if (!singleKeys() || !/^[jk[\]]$/.test(event.key) || !isForList(event, list())) return
    event.preventDefault()
    const at = going ?? focused()
    const item = reading.items()[at]
    if (event.key === "j" || event.key === "k") {
      const to = at < 0 ? rows.topmost() : movedBy(event.key, at, reading.items().length)
      if (to !== undefined) go(to)
    } else if (item?.kind === "turn") {
      const to = item.versions[item.versions.indexOf(item.id) + (event.key === "]" ? 1 : -1)]
      if (to !== undefined) turnTo(item.id, to, event.key === "]" ? "next" : "previous")
    }
  })
}
