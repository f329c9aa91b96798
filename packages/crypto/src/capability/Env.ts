/**
 * What a verifier knows of an asking, as `$env` shows it, and the statements that bind a capability to it.
 *
 * F1  An address stands in every network that holds it and in no other: IPv4, IPv6, and IPv4 written as IPv6 are one.
 * F2  What is not known is not there: a statement about it does not hold.
 *
 * Networks are told by name rather than compared: `$env.nets` lists all networks the address lies in, so the policy language needs
 * no operator of its own.
 */
import type { Env } from "./Verifier.ts"

const v4 = (text: string): ReadonlyArray<number> | null => {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1) ?? null
  if (parts === null || parts.some((part) => Number(part) > 255 || (part.length > 1 && part.startsWith("0")))) {
    return null
  }
  return parts.map(Number)
}

/** The sixteen-bit groups of an IPv6 address without a zone, or null. */
const v6 = (text: string): ReadonlyArray<number> | null => {
  const tail = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text)
  const four = tail === null ? null : v4(tail[2]!)
  if (tail !== null && four === null) return null
  const whole = four === null
    ? text
    : `${tail![1]}${((four[0]! << 8) | four[1]!).toString(16)}:${((four[2]! << 8) | four[3]!).toString(16)}`
  const halves = whole.split("::")
  if (halves.length > 2) return null
  const [head, rest] = halves.map((half) => half === "" ? [] : half.split(":"))
  const groups = [...head!, ...rest ?? []]
  if (groups.some((group) => !/^[0-9a-fA-F]{1,4}$/.test(group))) return null
  if (rest === undefined ? groups.length !== 8 : groups.length > 7) return null
  const zeros = Array.from({ length: 8 - groups.length }, () => "0")
  return [...head!, ...zeros, ...rest ?? []].map((group) => Number.parseInt(group, 16))
}

/** The bits of an address, and how its network is written. */
const bitsOf = (text: string): { readonly bits: string; readonly write: (bits: string) => string } | null => {
  const four = v4(text)
  const six = four === null ? v6(text) : null
  if (six !== null && six.slice(0, 5).every((group) => group === 0) && six[5] === 0xffff) {
    return bitsOf([six[6]! >> 8, six[6]! & 255, six[7]! >> 8, six[7]! & 255].join("."))
  }
  const groups = four ?? six
  if (groups === null) return null
  const width = four === null ? 16 : 8
  return {
    bits: groups.map((group) => group.toString(2).padStart(width, "0")).join(""),
    write: (bits) =>
      Array.from(
        { length: bits.length / width },
        (_, n) => Number.parseInt(bits.slice(n * width, (n + 1) * width), 2).toString(four === null ? 16 : 10)
      ).join(
        four === null ? ":" : "."
      )
  }
}

/** The one way a network is written here, or null: its first address, a slash, how many bits are fixed. */
export const network = (text: string): string | null => {
  const [, address, prefix] = /^([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const found = address === undefined ? null : bitsOf(address)
  if (found === null) return null
  const length = prefix === undefined ? found.bits.length : Number(prefix)
  if (length > found.bits.length) return null
  return `${found.write(found.bits.slice(0, length).padEnd(found.bits.length, "0"))}/${length}`
}

/** Every network an address lies in, the smallest first. */
export const networksOf = (address: string): ReadonlyArray<string> => {
  const found = bitsOf(address)
  if (found === null) return []
  const { bits, write } = found
  return Array.from(
    { length: bits.length + 1 },
    (_, n) => `${write(bits.slice(0, bits.length - n).padEnd(bits.length, "0"))}/${bits.length - n}`
  )
}

/** What is known of who asks: null where it is not. The networks are only told when somebody looks. */
export const make = (known: { readonly ip: string | null; readonly twoFactor: boolean }): Env => ({
  twoFactor: known.twoFactor,
  ...known.ip === null ? {} : {
    ip: known.ip,
    get nets() {
      return networksOf(known.ip!)
    }
  }
})

/** Only from these networks, as `network` writes them. An empty choice would be none to the policy language: one there must be. */
export const allowedIps = (networks: readonly [string, ...Array<string>]): unknown => [
  "any",
  "$env.nets",
  ["or", networks.map((one) => ["==", ".", one])]
]

/** Only by who has shown a second factor. */
export const requiresTwoFactor: unknown = ["==", "$env.twoFactor", true]
