/** Holds a spot of the page still while what is around it changes: what was under the finger stays under the finger. */
import { onCleanup } from "solid-js"
import { main } from "../app/Main.ts"

/** Long enough for a message to be read and drawn; then the page is left alone. */
const holdMs = 4_000
/** Frames without any movement after which nothing more is expected to move. */
const stillFrames = 30
const takenOver = ["wheel", "touchmove", "keydown", "pointerdown"]

export const createHold = () => {
  let stop = () => {}
  /** Where the spot of the last hold was, until the reader has moved the page themselves. */
  let kept: { readonly of: string; readonly y: number } | undefined
  onCleanup(() => stop())

  /**
   * Keeps what `find` finds at the height `y`. A series of holds with one name keeps the height of the first, so that
   * going there and back ends where it began, also where the page was too short in between.
   */
  const hold = (of: string, y: number, find: () => Element | null): void => {
    stop()
    const at = kept?.of === of ? kept.y : y
    kept = { of, y: at }
    const until = performance.now() + holdMs
    let still = 0
    let frame = 0
    const end = () => {
      cancelAnimationFrame(frame)
      for (const name of takenOver) removeEventListener(name, end, true)
    }
    const step = () => {
      const spot = find()
      const by = (spot?.getBoundingClientRect().top ?? at) - at
      if (Math.abs(by) >= 1) main()?.scrollBy({ top: by, behavior: "instant" })
      still = spot === null || Math.abs(by) >= 1 ? 0 : still + 1
      if (still < stillFrames && performance.now() < until) frame = requestAnimationFrame(step)
      else end()
    }
    stop = end
    // What started the hold is still being handled; only what comes after it takes the page over.
    setTimeout(() => {
      if (stop === end) {
        for (const name of takenOver) addEventListener(name, end, { capture: true, passive: true, once: true })
      }
    })
    frame = requestAnimationFrame(step)
  }
  /** The reader has moved: the next hold keeps its own height. */
  const forget = () => (kept = undefined)
  return { hold, forget }
}
