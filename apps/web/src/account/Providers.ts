/**
 * What screens ask of sign-in by a provider, as plain data and promises. What makes keys and speaks to the node is loaded when it is first asked
 * for, as with `Keys.ts`. Promises reject with `Refused`.
 */
import type { NodeSession } from "@vivim/client/NodeSession"
import type { CameBack } from "../session/CameBack.ts"
import type { Entered } from "../session/Entered.ts"
import { onceAsked } from "../ui/Preload.ts"

export interface Visits {
  /** Where to go; the key for the way back is kept in this browser meanwhile. */
  readonly depart: (provider: string) => Promise<string>
  readonly arrive: (cameBack: CameBack) => Promise<Entered>
  /** Ends the session at the node, and forgets it here. */
  readonly signOut: () => Promise<void>
  /** The session, for the line to the node. */
  readonly nodeSession: () => Promise<NodeSession["Type"]>
  /** What a request to the node's REST face is sent with. */
  readonly authorization: (method: string, url: string) => Promise<Readonly<Record<string, string>>>
}

/** The machinery. */
export const visits: () => Promise<Visits> = onceAsked(() => import("./Visits.ts").then(({ visits }) => visits))
