/**
 * Where a request comes from, as far as it can be told: the other end of the connection, or what so many proxies of the operator's own say.
 *
 * N1  What a client writes into `X-Forwarded-For` itself is never believed: counted from the right, only the operator's proxies are.
 * N2  An address is cut to the network one subscriber has: the whole of IPv4, 64 bits of IPv6; for the log, shorter still.
 */
import * as net from "node:net"

interface Request {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly remoteAddress: string | undefined
}

const unmapped = (address: string) => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address

/** The first 16-bit groups of an IPv6 address, written out. */
const groupsOf = (address: string): ReadonlyArray<string> => {
  const [head = "", tail] = address.split("%")[0]!.split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const between = tail === undefined
    ? []
    : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0")
  return [...left, ...between, ...right].map((group) => (Number.parseInt(group, 16) || 0).toString(16))
}

/** `proxies`: how many of the operator's own stand before the node; each adds whom it was asked by. */
export const addressOf = ({ headers, remoteAddress }: Request, proxies: number): string => {
  const said = (headers["x-forwarded-for"] ?? "").split(",").map((one) => one.trim()).filter((one) => one !== "")
  const given = proxies > 0 && said.length >= proxies ? said[said.length - proxies]! : remoteAddress ?? ""
  const address = unmapped(given)
  if (net.isIPv4(address)) return address
  return net.isIPv6(address) ? `${groupsOf(address).slice(0, 4).join(":")}::/64` : "unknown"
}

/** For the log of a user's sessions: enough to tell home from abroad. */
export const shortened = (address: string): string =>
  net.isIPv4(address)
    ? `${address.split(".").slice(0, 3).join(".")}.0/24`
    : address === "unknown"
    ? address
    : `${address.split(":").slice(0, 3).join(":")}::/48`
