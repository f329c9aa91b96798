/**
 * Says whether something may be done, and why not: the meet of all policies that apply.
 *
 * D1  What is let is let by every policy that applies; an explicit denial wins, and where none applies nothing is let.
 * D2  Adding a policy to those that apply never lets more.
 * D3  The answer depends on the policies, the request and its time alone, not on the order of the policies.
 * D4  A refusal says, for each policy that refuses, all it refuses for: for the owner's eyes.
 */
import * as Network from "@vivim/crypto/capability/Network"
import * as Terms from "./Terms.ts"

export interface Policy {
  /** For the explanation. */
  readonly name: string
  /** What it is about: a resource, a conversation, a circle, an owner, the node. */
  readonly scope: string
  readonly terms: Terms.Terms
}

export interface Request {
  /** Everything the thing asked for lies in: itself, its circles, its owner, the node. */
  readonly scopes: ReadonlyArray<string>
  /** The command. */
  readonly right: string
  /** The DID that asks. */
  readonly by: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** How often it was used before. */
  readonly uses: number
  /** How often it was passed on to come here. */
  readonly depth: number
  /** Null where it is not known, as with `origin`. */
  readonly ip: string | null
  readonly twoFactor: boolean
  readonly origin: string | null
}

type Reason =
  | "denied"
  | "right"
  | "audience"
  | "expired"
  | "used up"
  | "network"
  | "second factor"
  | "origin"
  | "passed on too often"

export interface Refusing {
  readonly policy: string
  readonly for: ReadonlyArray<Reason>
}

export type Decision =
  | { readonly _tag: "Allowed"; readonly terms: Terms.Terms }
  /** Nobody refuses where no policy applies. */
  | { readonly _tag: "Refused"; readonly by: ReadonlyArray<Refusing> }

const lacks = (choice: Terms.Choice, value: string | null): boolean =>
  choice !== null && (value === null || !choice.includes(value))

/** `prefix`: of the address that asks, which is looked at once for many terms. */
const reasons = (terms: Terms.Terms, request: Request, prefix: string | null): ReadonlyArray<Reason> => {
  const found: Array<Reason> = []
  if (terms.denied) found.push("denied")
  if (lacks(terms.rights, request.right)) found.push("right")
  if (lacks(terms.audience, request.by)) found.push("audience")
  if (request.at >= terms.expires) found.push("expired")
  if (request.uses >= terms.usesMax) found.push("used up")
  const { networks } = terms
  if (networks !== null && (prefix === null || !networks.some((one) => prefix.startsWith(one)))) found.push("network")
  if (terms.twoFactor && !request.twoFactor) found.push("second factor")
  if (lacks(terms.origins, request.origin)) found.push("origin")
  if (request.depth > terms.depth) found.push("passed on too often")
  return found
}

const prefixOf = ({ ip }: Request) => ip === null ? null : Network.prefix(ip)

/** Why these terms refuse a request; nothing when they let it. */
export const refuses = (terms: Terms.Terms, request: Request): ReadonlyArray<Reason> =>
  reasons(terms, request, terms.networks === null ? null : prefixOf(request))

export const decide = (policies: ReadonlyArray<Policy>, request: Request): Decision => {
  const by: Array<Refusing> = []
  let prefix: string | null | undefined
  let terms: Terms.Terms | null = null
  for (const policy of policies) {
    if (!request.scopes.includes(policy.scope)) continue
    if (policy.terms.networks !== null && prefix === undefined) prefix = prefixOf(request)
    const found = reasons(policy.terms, request, prefix ?? null)
    if (found.length > 0) by.push({ policy: policy.name, for: found })
    if (by.length === 0) terms = terms === null ? policy.terms : Terms.meet(terms, policy.terms)
  }
  return terms === null || by.length > 0
    ? { _tag: "Refused", by: by.toSorted((a, b) => a.policy < b.policy ? -1 : 1) }
    : { _tag: "Allowed", terms }
}
