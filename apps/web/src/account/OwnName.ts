/** What this device is called until its owner calls it something else. */
import { agentName } from "../security/Agents.ts"

export const ownName = (): string => agentName(navigator.userAgent)
