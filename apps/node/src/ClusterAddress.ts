/**
 * Where a process of a node is reached by its other processes. Nobody is asked who he is there: whoever reaches it speaks as any user.
 *
 * C1  An address that others can reach is refused unless it was asked for; a name is what it stands for on this machine.
 * C2  An address that says "everywhere" is refused: nobody could be told where that is.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as dns from "node:dns/promises"
import * as net from "node:net"

export interface ClusterAddress {
  readonly host: string
  readonly port: number
}

/** The address cannot be used; `message` is one sentence that says what to do. */
export class AddressRefused extends Data.TaggedError("AddressRefused")<{ readonly message: string }> {}

/** Loopback, private use, link-local, and the addresses of carriers' and clouds' inner networks (RFC 1918, 3927, 4193, 4291, 6598). */
const inner = new net.BlockList()
inner.addSubnet("127.0.0.0", 8)
inner.addSubnet("10.0.0.0", 8)
inner.addSubnet("172.16.0.0", 12)
inner.addSubnet("192.168.0.0", 16)
inner.addSubnet("169.254.0.0", 16)
inner.addSubnet("100.64.0.0", 10)
inner.addAddress("::1", "ipv6")
inner.addSubnet("fc00::", 7, "ipv6")
inner.addSubnet("fe80::", 10, "ipv6")

/** Whether only machines of the same network come to it. */
export const isPrivate = (ip: string): boolean => inner.check(ip, net.isIPv6(ip) ? "ipv6" : "ipv4")

const isEverywhere = (ip: string) => ip === "0.0.0.0" || /^[0:]+$/.test(ip)

const parse = (address: string): ClusterAddress => {
  const cut = address.lastIndexOf(":")
  return { host: address.slice(0, cut).replace(/^\[|\]$/g, ""), port: Number(address.slice(cut + 1)) }
}

const refused = (address: string, why: string) =>
  new AddressRefused({ message: `VIVIM_CLUSTER_ADDRESS is ${address}, ${why}` })

/** The address as it may be used; `lookup` says what a name stands for. */
export const check = (
  address: string,
  isPublicFine: boolean,
  lookup: (host: string) => Promise<ReadonlyArray<string>> = (host) =>
    dns.lookup(host, { all: true }).then((found) => found.map(({ address }) => address))
): Effect.Effect<ClusterAddress, AddressRefused> =>
  Effect.gen(function*() {
    const { host, port } = parse(address)
    if (port < 1 || port > 65_535) return yield* refused(address, "and its port must be from 1 to 65535.")
    const ips = net.isIP(host) !== 0 ? [host] : yield* Effect.tryPromise({
      try: () => lookup(host),
      catch: () => refused(address, `and ${host} is no name this machine knows.`)
    })
    if (ips.some(isEverywhere)) {
      return yield* refused(
        address,
        "and that is everywhere: give the one address at which the other processes reach it."
      )
    }
    const open = ips.find((ip) => !isPrivate(ip))
    if (open !== undefined && !isPublicFine) {
      return yield* refused(
        address,
        `and ${open} is a public address: whoever reaches it can speak as any user. Give a private one, or, where a ` +
          "firewall keeps all others away, set VIVIM_CLUSTER_PUBLIC=true."
      )
    }
    return { host, port }
  })
