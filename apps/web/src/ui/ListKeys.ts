/**
 * The keys of a list: moving through it without a pointer.
 *
 * V1  j and down go to the next, k and up to the one before, Home and End to the ends; they stop at the ends.
 * V2  Page keys go ten at a time. Any other key goes nowhere.
 */
const pageOf = 10

/** The index a key leads to, or `undefined` if it leads nowhere. `singleKeys` false: letters are not heard. */
export const movedBy = (key: string, at: number, length: number, singleKeys = true): number | undefined => {
  if (length === 0) return undefined
  const to = (index: number) => Math.max(0, Math.min(length - 1, index))
  switch (key) {
    case "j":
      return singleKeys ? to(at + 1) : undefined
    case "k":
      return singleKeys ? to(at - 1) : undefined
    case "ArrowDown":
      return to(at + 1)
    case "ArrowUp":
      return to(at - 1)
    case "PageDown":
      return to(at + pageOf)
    case "PageUp":
      return to(at - pageOf)
    case "Home":
      return 0
    case "End":
      return length - 1
    default:
      return undefined
  }
}

/** Whether the key was meant for the list: nothing else has the focus, or the list has. */
export const isForList = (event: KeyboardEvent, list: HTMLElement): boolean => {
  if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return false
  const target = event.target as HTMLElement
  if (list.contains(target)) return true
  return (target === document.body || target.id === "main") && document.querySelector("dialog[open]") === null
    && /^[jk]$/.test(event.key)
}
