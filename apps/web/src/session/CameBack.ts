/** With what somebody comes back from a provider: taken out of the address at once, so that it stays in neither the bar nor the history. */

import { session } from "./Session.ts"

/** What is handed on to the node; `code` is missing where they were turned away, or turned back. */
export interface CameBack {
  readonly provider: string
  readonly code: string | undefined
  readonly state: string
  readonly iss: string | undefined
}

const take = (): CameBack | undefined => {
  const provider = /^\/sign-in\/with\/([a-z0-9]{1,32})$/.exec(location.pathname)?.[1]
  if (provider === undefined) return undefined
  const said = new URLSearchParams(location.search)
  // Who is signed in came to link it.
  history.replaceState(history.state, "", session() === undefined ? "/" : "/settings/security")
  return {
    provider,
    code: said.get("code") ?? undefined,
    state: said.get("state") ?? "",
    iss: said.get("iss") ?? undefined
  }
}

let arrived = take()

/** What they came back with: once. */
export const takeUp = (): CameBack | undefined => {
  const taken = arrived
  arrived = undefined
  return taken
}
