/** An account that was entered by a provider, as this browser remembers it: without a key of the account's own. */

export interface Entered {
  readonly userId: string
  readonly handle: string
  readonly provider: string
}

export const keptEntered = "vivim.entered"

export const readEntered = (): Entered | undefined => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keptEntered) ?? "null")
    const isEntered = typeof kept === "object" && kept !== null && "userId" in kept && "handle" in kept
    return isEntered ? kept as Entered : undefined
  } catch {
    return undefined
  }
}
