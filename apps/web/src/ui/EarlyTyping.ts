/**
 * Typing that begins before its field is there: nobody waits for a page to be drawn before they type.
 *
 * The key that asks for a field focuses a field of one pixel in the same turn, so that every key after it (with its dead
 * keys, its composing, its corrections) is typed into something; the field asked for takes over what it holds.
 */
interface Early {
  readonly field: HTMLInputElement
  /** What had the focus before, and gets it back. */
  readonly before: Element | null
  entered: boolean
}

let early: Early | undefined

const drop = (): void => {
  const dropped = early
  early = undefined
  dropped?.field.remove()
}

/** Takes typing from now on, until a field takes over or the focus goes elsewhere. `label` names the field to come. */
export const typeAhead = (label: string): void => {
  if (early !== undefined) return
  const field = document.createElement("input")
  const here: Early = { field, before: document.activeElement, entered: false }
  field.className = "sr-only fixed! top-0 start-0"
  field.ariaLabel = label
  field.autocomplete = "off"
  field.maxLength = 512
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return
    event.preventDefault()
    if (event.key === "Enter") here.entered = true
    else drop()
  })
  // The field asked for may take the focus first and what was typed a moment later. A window that is left comes back.
  field.addEventListener("blur", () =>
    setTimeout(() => {
      if (early === here && document.activeElement !== field) drop()
    }))
  early = here
  document.body.append(field)
  field.focus({ preventScroll: true })
  // Under an open dialog nothing else takes the focus: what is typed there is meant for it.
  if (document.activeElement !== field) drop()
}

/** True while typing is being taken for a field to come. */
export const isTypedAhead = (): boolean => early !== undefined

/** Whoever gives the focus back gives it to this one. */
export const hadFocus = (): Element | null => early === undefined ? document.activeElement : early.before

/** The focus goes to the field, and to it what was typed so far; `entered`: Enter was pressed after it. */
export const takeOver = (field: HTMLInputElement): { readonly text: string; readonly entered: boolean } => {
  const taken = { text: early?.field.value ?? "", entered: early?.entered ?? false }
  field.focus({ preventScroll: true })
  drop()
  return taken
}
