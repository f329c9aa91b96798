/** The part of the page that scrolls: lists measure it, and screens give their place in it back. */
import { createSignal } from "solid-js"

export const [main, setMain] = createSignal<HTMLElement>()

/** Moves the focus to the top of the screen without drawing attention to it. */
export const focusMain = (): void => main()?.focus({ preventScroll: true })
