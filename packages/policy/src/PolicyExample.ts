/** Policies and requests drawn for tests: from few of each kind, so that they meet. */
import * as FastCheck from "effect/FastCheck"
import type { Policy, Request } from "./Policy.ts"
import * as Terms from "./Terms.ts"

const scopes = ["document/d1", "circle/tea", "owner/ada", "node"] as const
const rights = ["/content/relay", "/content/read", "/content/remix", "/content/write", "/content/share"] as const
const people = ["did:key:zAda", "did:key:zBo", "did:key:zCy"] as const
const networks = [
  "0.0.0.0/0",
  "203.0.112.0/20",
  "203.0.113.0/24",
  "203.0.113.7/32",
  "198.51.100.0/24",
  "2001:db8::/32"
] as const
const addresses = [
  "203.0.113.7",
  "203.0.113.9",
  "203.0.112.1",
  "198.51.100.1",
  "2001:db8::5",
  "192.0.2.1"
] as const
const origins = ["https://a.example", "https://b.example"] as const

/** Twice in three no bound: else hardly anything would be let by several policies. */
const seldom = <A, B>(bound: FastCheck.Arbitrary<A>, none: B): FastCheck.Arbitrary<A | B> =>
  FastCheck.oneof({ weight: 1, arbitrary: bound }, { weight: 2, arbitrary: FastCheck.constant(none) })
const some = (among: ReadonlyArray<string>) => seldom(FastCheck.subarray([...among]), null)
const bound = (max: number) => seldom(FastCheck.nat(max), Infinity)

export const terms: FastCheck.Arbitrary<Terms.Terms> = FastCheck.record({
  denied: FastCheck.nat(19).map((n) => n === 0),
  rights: some(rights),
  audience: some(people),
  expires: bound(6),
  usesMax: bound(4),
  networks: some(networks),
  twoFactor: FastCheck.nat(3).map((n) => n === 0),
  origins: some(origins),
  redactions: FastCheck.subarray(["names", "files", "models"]),
  depth: bound(3)
}).map(Terms.make)

export const policies: FastCheck.Arbitrary<ReadonlyArray<Policy>> = FastCheck.array(
  FastCheck.record({ scope: FastCheck.constantFrom(...scopes), terms }),
  { maxLength: 4 }
).map((some) => some.map((policy, n) => ({ name: `p${n}`, ...policy })))

export const request: FastCheck.Arbitrary<Request> = FastCheck.record({
  scopes: FastCheck.subarray([...scopes]),
  right: FastCheck.constantFrom(...rights),
  by: FastCheck.constantFrom(...people),
  at: FastCheck.nat(6),
  uses: FastCheck.nat(4),
  depth: FastCheck.nat(3),
  ip: FastCheck.option(FastCheck.constantFrom(...addresses)),
  twoFactor: FastCheck.boolean(),
  origin: FastCheck.option(FastCheck.constantFrom(...origins))
})
