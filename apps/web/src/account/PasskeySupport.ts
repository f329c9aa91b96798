/** What can be done with passkeys in this browser, at this address: asked before anything of it is offered. */
import { canKeepKeys } from "./Keys.ts"

/** Passkeys need what keys need, a browser that knows them, and an address that is a name: they are made for it. */
export const canUsePasskeys = (): boolean =>
  canKeepKeys() && "PublicKeyCredential" in globalThis && !/^(\d+\.){3}\d+$|^\[/.test(location.hostname)

/** A passkey that is a way back must give keys; browsers that know they have none for it say so. Authenticators say it once asked. */
export const canRecoverByPasskey = async (): Promise<boolean> => {
  if (!canUsePasskeys()) return false
  const capable = await PublicKeyCredential.getClientCapabilities?.().catch(() => undefined)
  return capable?.["extension:prf"] !== false
}
