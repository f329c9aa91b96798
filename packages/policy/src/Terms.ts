/**
 * What a policy lets, as a point in a meet-semilattice: the meet of two is the most that both let.
 *
 * M1  The meet is commutative, associative and idempotent, and what lets everything changes nothing.
 * M2  The meet lets a request exactly if both let it.
 * M3  What is narrowed is never more than what it was made of.
 */
import * as Command from "@vivim/crypto/capability/Command"
import * as Network from "@vivim/crypto/capability/Network"

/** A set; null stands for everything. Sorted, each once. */
export type Choice = ReadonlyArray<string> | null

export interface Terms {
  /** Nothing is let, whatever else is said. */
  readonly denied: boolean
  /** Commands; a right brings the weaker ones along. */
  readonly rights: Choice
  /** DIDs. */
  readonly audience: Choice
  /** Milliseconds since 1970; Infinity: it has no end. */
  readonly expires: number
  readonly usesMax: number
  /** Networks the asking must come from, as prefixes (`Network.prefix`). */
  readonly networks: Choice
  readonly twoFactor: boolean
  /** Origins of pages it may be embedded in. */
  readonly origins: Choice
  /** What is left out of what is handed over. */
  readonly redactions: ReadonlyArray<string>
  /** How often it may be passed on. */
  readonly depth: number
}

/** The top: lets everything. */
export const everything: Terms = {
  denied: false,
  rights: null,
  audience: null,
  expires: Infinity,
  usesMax: Infinity,
  networks: null,
  twoFactor: false,
  origins: null,
  redactions: [],
  depth: Infinity
}

/** What it lets nothing of. */
export const nothing: Terms = { ...everything, denied: true }

const set = (values: Iterable<string>): ReadonlyArray<string> => [...new Set(values)].toSorted()

/** Without networks that lie in another one. */
const apart = (prefixes: ReadonlyArray<string>): ReadonlyArray<string> =>
  set(prefixes.filter((one) => !prefixes.some((other) => other !== one && one.startsWith(other))))

/** `null` and nothing said are no bound. */
const choice = (chosen: Choice | undefined, read: (values: ReadonlyArray<string>) => ReadonlyArray<string>): Choice =>
  chosen === undefined || chosen === null ? null : read(chosen)

const withWeaker = (rights: ReadonlyArray<string>) =>
  set(rights.flatMap((held) => [held, ...Command.Rights.filter((one) => Command.covers(held, one))]))

const prefixes = (networks: ReadonlyArray<string>) =>
  apart(networks.map((text) => {
    const prefix = Network.prefix(text)
    if (prefix === null) throw new RangeError(`"${text}" is no network`)
    return prefix
  }))

/** Terms from what a person chose: what is not said is not bounded. Throws on a network that is none. */
export const make = (chosen: Partial<Terms>): Terms => ({
  ...everything,
  ...chosen,
  rights: choice(chosen.rights, withWeaker),
  audience: choice(chosen.audience, set),
  networks: choice(chosen.networks, prefixes),
  origins: choice(chosen.origins, set),
  redactions: set(chosen.redactions ?? [])
})

const both = (a: Choice, b: Choice): Choice =>
  a === null ? b : b === null ? a : a === b ? a : a.filter((one) => b.includes(one))

/** Two networks are apart, or one lies in the other. */
const bothNetworks = (a: Choice, b: Choice): Choice => {
  if (a === null || b === null) return a ?? b
  const inside = (some: ReadonlyArray<string>, others: ReadonlyArray<string>) =>
    some.filter((one) => others.some((other) => one.startsWith(other)))
  return set([...inside(a, b), ...inside(b, a)])
}

/** The most that both let. */
export const meet = (a: Terms, b: Terms): Terms => ({
  denied: a.denied || b.denied,
  rights: both(a.rights, b.rights),
  audience: both(a.audience, b.audience),
  expires: Math.min(a.expires, b.expires),
  usesMax: Math.min(a.usesMax, b.usesMax),
  networks: bothNetworks(a.networks, b.networks),
  twoFactor: a.twoFactor || b.twoFactor,
  origins: both(a.origins, b.origins),
  redactions: a.redactions.length === 0 ? b.redactions : b.redactions.length === 0
    ? a.redactions
    : set([...a.redactions, ...b.redactions]),
  depth: Math.min(a.depth, b.depth)
})

const sameChoice = (a: Choice, b: Choice): boolean =>
  a === b || (a !== null && b !== null && a.length === b.length && a.every((one, n) => one === b[n]))

const isSame = (a: Terms, b: Terms): boolean =>
  a.denied === b.denied && a.expires === b.expires && a.usesMax === b.usesMax && a.twoFactor === b.twoFactor &&
  a.depth === b.depth && sameChoice(a.redactions, b.redactions) && sameChoice(a.rights, b.rights) &&
  sameChoice(a.audience, b.audience) && sameChoice(a.networks, b.networks) && sameChoice(a.origins, b.origins)

/** Whether the first lets no more than the second: the order of the lattice. */
export const isWithin = (child: Terms, parent: Terms): boolean => isSame(meet(child, parent), child)
