/**
 * Networks of internet addresses: which addresses lie in one, and which networks lie in which.
 *
 * F2  An address lies in every network that holds it and in no other: IPv4, IPv6, and IPv4 written as IPv6 are one.
 *
 * Source: RFC 4632; RFC 4291, 2.2 and 2.3.
 */

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

interface Bits {
  readonly family: 4 | 6
  readonly bits: string
  readonly write: (bits: string) => string
}

/** The bits of an address, and how its network is written. */
const bitsOf = (text: string): Bits | null => {
  const four = v4(text)
  const six = four === null ? v6(text) : null
  if (six !== null && six.slice(0, 5).every((group) => group === 0) && six[5] === 0xffff) {
    return bitsOf([six[6]! >> 8, six[6]! & 255, six[7]! >> 8, six[7]! & 255].join("."))
  }
  const groups = four ?? six
  if (groups === null) return null
  const width = four === null ? 16 : 8
  return {
    family: four === null ? 6 : 4,
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

const parse = (text: string): Bits | null => {
  const [, address, prefix] = /^([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const found = address === undefined ? null : bitsOf(address)
  const length = prefix === undefined ? found?.bits.length : Number(prefix)
  return found === null || length! > found.bits.length ? null : { ...found, bits: found.bits.slice(0, length) }
}

const written = ({ bits, family, write }: Bits) => `${write(bits.padEnd(family === 4 ? 32 : 128, "0"))}/${bits.length}`

/** The one way a network is written here, or null: its first address, a slash, how many bits are fixed. */
export const write = (text: string): string | null => {
  const found = parse(text)
  return found === null ? null : written(found)
}

/** The bits a network fixes, behind its family: one network lies in another exactly if its prefix begins with the other's. */
export const prefix = (text: string): string | null => {
  const found = parse(text)
  return found === null ? null : `${found.family}:${found.bits}`
}

/** Every network an address, or a network, lies in, the smallest first. */
export const around = (text: string): ReadonlyArray<string> => {
  const found = parse(text)
  if (found === null) return []
  const { bits } = found
  return Array.from({ length: bits.length + 1 }, (_, n) => written({ ...found, bits: bits.slice(0, bits.length - n) }))
}
