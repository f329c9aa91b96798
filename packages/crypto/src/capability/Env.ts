/**
 * What a verifier knows of an asking, as `$env` shows it, and the statements that bind a capability to it.
 *
 * F1  What is not known is not there: a statement about it does not hold.
 *
 * Networks are told by name rather than compared: `$env.nets` lists all networks the address lies in, so the policy language needs
 * no operator of its own.
 */
import * as Network from "./Network.ts"
import type { Env } from "./Verifier.ts"

/**
 * What is known of who asks: null where it is not. `ip` may be a network, where no more is known: then it is in what holds all of it,
 * and is no one address. The networks are only told when somebody looks.
 */
export const make = (known: { readonly ip: string | null; readonly twoFactor: boolean }): Env => {
  const whole = known.ip === null ? null : Network.write(known.ip)
  if (whole === null) return { twoFactor: known.twoFactor }
  const [address, bits] = whole.split("/") as [string, string]
  return {
    twoFactor: known.twoFactor,
    ...bits === (address.includes(":") ? "128" : "32") ? { ip: address } : {},
    get nets() {
      return Network.around(whole)
    }
  }
}

/** Only from these networks, as `Network.write` writes them. An empty choice would be none to the policy language: one there must be. */
export const allowedIps = (networks: readonly [string, ...Array<string>]): unknown => [
  "any",
  "$env.nets",
  ["or", networks.map((one) => ["==", ".", one])]
]

/** Only by who has shown a second factor. */
export const requiresTwoFactor: unknown = ["==", "$env.twoFactor", true]
