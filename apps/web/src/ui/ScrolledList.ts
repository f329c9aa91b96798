/** A list inside the part of the page that scrolls: where in it the list begins, kept true while what is above it changes. */
import { type Accessor, createSignal, onCleanup, onMount } from "solid-js"
import { main } from "../app/Main.ts"

/** Pixels from the top of what is scrolled to the top of the list. */
export const createListTop = (list: () => HTMLElement): Accessor<number> => {
  const [top, setTop] = createSignal(0)
  onMount(() => {
    const scroller = main()
    if (scroller === undefined) return
    const measure = () =>
      setTop(Math.round(list().getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop))
    const observer = new ResizeObserver(measure)
    // Whatever grows above the list makes something around the list grow.
    for (let around: HTMLElement | null = list().parentElement; around !== null; around = around.parentElement) {
      observer.observe(around)
      if (around === scroller) break
    }
    measure()
    onCleanup(() => observer.disconnect())
  })
  return top
}

/** Hears keys wherever they are pressed, for as long as the list is there. */
export const hearKeys = (hear: (event: KeyboardEvent) => void): void => {
  onMount(() => {
    addEventListener("keydown", hear)
    onCleanup(() => removeEventListener("keydown", hear))
  })
}
