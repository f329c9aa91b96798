/** Keys pressed between asking for a list of choices and its being there: kept, and given to it in their order. */
export interface EarlyKeys {
  /** The keys so far, and those that come while they are given. */
  readonly giveTo: (element: HTMLElement) => void
  readonly drop: () => void
}

/** Hears every key in place of the page, until they are given or dropped. Escape, or a pointer, is a change of mind. */
export const holdKeys = (onEscape: () => void): EarlyKeys => {
  const keys: Array<KeyboardEvent> = []
  let frame = 0
  const drop = () => {
    cancelAnimationFrame(frame)
    removeEventListener("keydown", hear, true)
    removeEventListener("pointerdown", drop, true)
  }
  const hear = (event: KeyboardEvent) => {
    if (!event.isTrusted || event.metaKey || event.ctrlKey || event.altKey) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (event.key !== "Escape") return void keys.push(event)
    drop()
    onEscape()
  }
  addEventListener("keydown", hear, true)
  addEventListener("pointerdown", drop, true)
  /** One key a frame: what a key did has to be there for the next one. */
  const giveTo = (element: HTMLElement) => {
    const next = keys.shift()
    if (next === undefined || !element.isConnected) return drop()
    const { code, key, shiftKey } = next
    element.dispatchEvent(new KeyboardEvent("keydown", { code, key, shiftKey, bubbles: true, cancelable: true }))
    frame = requestAnimationFrame(() => giveTo(element))
  }
  return { drop, giveTo }
}
