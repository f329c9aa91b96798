/** Parts of the client that are fetched after its first page: when the browser has nothing better to do, or when they are first asked for. */
const whenIdle: (run: () => void) => void = typeof requestIdleCallback === "function"
  ? (run) => requestIdleCallback(run, { timeout: 4_000 })
  : (run) => setTimeout(run, 1_500)

/** Loads parts that are not there yet; what cannot be loaded now is loaded when it is asked for. */
export const preload = (parts: ReadonlyArray<{ readonly preload: () => Promise<unknown> }>): void =>
  whenIdle(() => {
    for (const part of parts) part.preload().catch(() => {})
  })

/** A part that is loaded when it is first asked for; when it could not be loaded, the next question tries again. */
export const onceAsked = <A>(load: () => Promise<A>): () => Promise<A> => {
  let loaded: Promise<A> | undefined
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
}
