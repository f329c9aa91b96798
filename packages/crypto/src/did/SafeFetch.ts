/**
 * Fetches what a stranger named, without becoming the stranger's hands: only public hosts, only https, only so much, only so long.
 *
 * X1  No byte goes to an address that is not public, however it is written, whatever the name resolves to, wherever a redirect leads.
 * X2  The address that was looked at is the one that is connected to: a name that resolves anew gets nothing.
 * X3  An answer is of the kind that was asked for, and bounded in bytes, time and redirects.
 * X4  What the operator named may be private where the operator says so; the other bounds hold for it all the same.
 *
 * Source of the ranges: IANA special-purpose address registries (RFC 6890 and its updates). 2000::/3 is all that is global unicast;
 * inside it Teredo, 6to4 and examples carry or mean other addresses.
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as net from "node:net"

/** Nothing was fetched; `message` says why, and holds nothing of what came. */
export class NotFetched extends Data.TaggedError("NotFetched")<{
  readonly reason: "notAllowed" | "unreachable" | "tooLarge" | "tooLong" | "notOfKind" | "badStatus"
  readonly message: string
}> {}

/** What is asked of an address. */
export interface Asked {
  readonly method: "GET" | "POST"
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly location: string | null
  readonly body: Uint8Array
}

/** How bytes travel: looked up and asked apart, so that what lies between is decided here. */
export interface Wire {
  /** Every address of a name. */
  readonly lookup: (host: string) => Effect.Effect<ReadonlyArray<string>, NotFetched>
  /** Asks at this very address; reads no more than so many bytes. */
  readonly ask: (url: URL, address: string, asked: Asked, bytesMax: number) => Effect.Effect<Answer, NotFetched>
}

export interface Limits {
  readonly bytesMax: number
  readonly timeMax: Duration.DurationInput
  readonly redirectsMax: number
  /** Private hosts, other ports and plain http as well: for what the operator named, and nobody else. */
  readonly privateToo?: boolean
}

const notAllowed = (message: string) => new NotFetched({ reason: "notAllowed", message })

const forbidden4 = new net.BlockList()
for (
  const range
    of "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
      .split(" ")
) {
  const [address, prefix] = range.split("/") as [string, string]
  forbidden4.addSubnet(address, Number(prefix), "ipv4")
}
const global6 = new net.BlockList()
global6.addSubnet("2000::", 3, "ipv6")
const forbidden6 = new net.BlockList()
for (const [address, prefix] of [["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["3fff::", 20]] as const) {
  forbidden6.addSubnet(address, prefix, "ipv6")
}

/** Whether an address is public unicast. What maps or translates to IPv4 is not: who has an IPv4 address is reached by that. */
export const isPublic = (address: string): boolean => {
  switch (net.isIP(address)) {
    case 4:
      return !forbidden4.check(address, "ipv4")
    case 6:
      return global6.check(address, "ipv6") && !forbidden6.check(address, "ipv6")
    default:
      return false
  }
}

/** Names that mean this machine or this network. */
const isLocalName = (host: string) =>
  !host.includes(".") || /(^|\.)(localhost|local|internal|lan|home\.arpa)\.?$/.test(host)

/** The URL, if it may be asked at all. */
const allowed = (text: string, { privateToo }: Limits, from?: URL): Effect.Effect<URL, NotFetched> =>
  Effect.suspend(() => {
    if (!URL.canParse(text, from?.href)) return Effect.fail(notAllowed("not a URL"))
    const url = new URL(text, from?.href)
    if (url.username !== "" || url.password !== "") return Effect.fail(notAllowed("no credentials in URLs"))
    if (privateToo === true && /^https?:$/.test(url.protocol)) return Effect.succeed(url)
    if (url.protocol !== "https:") return Effect.fail(notAllowed("only https is fetched"))
    if (url.port !== "") return Effect.fail(notAllowed("only port 443 is asked"))
    const literal = url.hostname.replace(/^\[|\]$/g, "")
    if (net.isIP(literal) === 0 ? isLocalName(literal) : !isPublic(literal)) {
      return Effect.fail(notAllowed("the host is not public"))
    }
    return Effect.succeed(url)
  })

const addressOf = (url: URL, { lookup }: Wire, { privateToo }: Limits): Effect.Effect<string, NotFetched> => {
  const literal = url.hostname.replace(/^\[|\]$/g, "")
  if (net.isIP(literal) !== 0) return Effect.succeed(literal)
  return Effect.flatMap(lookup(literal), (addresses) => {
    const [first] = addresses
    if (first === undefined) return Effect.fail(new NotFetched({ reason: "unreachable", message: "no such host" }))
    // One private address among them, and somebody means to lead us there sooner or later.
    return privateToo === true || addresses.every(isPublic)
      ? Effect.succeed(first)
      : Effect.fail(notAllowed("the host is not public"))
  })
}

const once = Effect.fnUntraced(function*(wire: Wire, limits: Limits, url: URL, asked: Asked) {
  const answer = yield* wire.ask(url, yield* addressOf(url, wire, limits), asked, limits.bytesMax)
  return answer.body.length > limits.bytesMax
    ? yield* new NotFetched({ reason: "tooLarge", message: `more than ${limits.bytesMax} bytes` })
    : answer
})

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status)

const follow = (
  wire: Wire,
  limits: Limits,
  url: URL,
  kind: string,
  redirects: number
): Effect.Effect<Uint8Array, NotFetched> =>
  Effect.gen(function*() {
    const answer = yield* once(wire, limits, url, { method: "GET", headers: { accept: kind } })
    if (isRedirect(answer.status) && answer.location !== null) {
      if (redirects === 0) return yield* new NotFetched({ reason: "badStatus", message: "too many redirects" })
      return yield* follow(wire, limits, yield* allowed(answer.location, limits, url), kind, redirects - 1)
    }
    if (answer.status !== 200) {
      return yield* new NotFetched({ reason: "badStatus", message: `it answers ${answer.status}` })
    }
    const type = answer.contentType.split(";")[0]!.trim().toLowerCase()
    return kind.split(",").map((one) => one.trim()).includes(type)
      ? answer.body
      : yield* new NotFetched({ reason: "notOfKind", message: "it answers with another kind of content" })
  })

type Fetch<A> = (wire: Wire, limits: Limits, url: string, accept: string) => Effect.Effect<A, NotFetched>

/** The JSON at an address, of one of these kinds. */
export const fetchJson: Fetch<unknown> = (wire, limits, url, accept) =>
  Effect.flatMap(fetchBytes(wire, limits, url, accept), (bytes) =>
    Effect.try({
      try: () => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown,
      catch: () => new NotFetched({ reason: "notOfKind", message: "it is no JSON" })
    }))

/** The bytes at an address, if they are of one of these kinds (`accept`, as HTTP has it). */
const fetchBytes: Fetch<Uint8Array> = (wire, limits, url, accept) =>
  inTime(
    limits,
    Effect.flatMap(allowed(url, limits), (target) => follow(wire, limits, target, accept, limits.redirectsMax))
  )

/** One question, and its answer as it is: of any kind and status, and no redirect is followed. */
export const ask = (wire: Wire, limits: Limits, url: string, asked: Asked): Effect.Effect<Answer, NotFetched> =>
  inTime(limits, Effect.flatMap(allowed(url, limits), (target) => once(wire, limits, target, asked)))

const inTime = <A>({ timeMax }: Limits, work: Effect.Effect<A, NotFetched>) =>
  Effect.timeoutFail(work, {
    duration: timeMax,
    onTimeout: () => new NotFetched({ reason: "tooLong", message: `nothing within ${Duration.format(timeMax)}` })
  })
