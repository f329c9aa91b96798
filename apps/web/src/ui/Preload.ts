/** What the browser can do when it has nothing better to do: fetching what is likely to be wanted next. */
const whenIdle: (run: () => void) => void = typeof requestIdleCallback === "function"
  ? (run) => requestIdleCallback(run, { timeout: 4_000 })
  : (run) => setTimeout(run, 1_500)

/** Loads parts that are not there yet; what cannot be loaded now is loaded when it is asked for. */
export const preload = (parts: ReadonlyArray<{ readonly preload: () => Promise<unknown> }>): void =>
  whenIdle(() => {
    for (const part of parts) part.preload().catch(() => {})
  })
