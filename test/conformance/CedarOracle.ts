/**
 * The same policies said in Cedar, whose engine is proved: every policy that applies permits, and forbids what it does not let.
 * What Cedar decides is what the meet of the policies must decide.
 */
import * as cedar from "@cedar-policy/cedar-wasm/nodejs"
import { decide, type Policy, type Request } from "@vivim/policy/Policy"
import { policies, request } from "@vivim/policy/PolicyExample"
import type { Terms } from "@vivim/policy/Terms"
import * as FastCheck from "effect/FastCheck"
import { breath } from "./CapabilityChains.ts"

const among = (name: string, choice: ReadonlyArray<string> | null) =>
  choice === null ? [] : [`(context has ${name} && ${JSON.stringify(choice)}.contains(context.${name}))`]

/** `prefix` of a network, as Cedar writes it. */
const network = (prefix: string): string => {
  const [family, bits] = [prefix[0], prefix.slice(2)]
  const width = family === "4" ? 8 : 16
  const padded = bits.padEnd(family === "4" ? 32 : 128, "0")
  const groups = padded.match(new RegExp(`.{${width}}`, "g"))!.map((group) => Number.parseInt(group, 2))
  return `${
    groups.map((group) => group.toString(family === "4" ? 10 : 16)).join(family === "4" ? "." : ":")
  }/${bits.length}`
}

const lets = (terms: Terms): string =>
  [
    ...terms.denied ? ["false"] : [],
    ...among("right", terms.rights),
    ...among("by", terms.audience),
    ...among("origin", terms.origins),
    ...terms.expires === Infinity ? [] : [`context.at < ${terms.expires}`],
    ...terms.usesMax === Infinity ? [] : [`context.uses < ${terms.usesMax}`],
    ...terms.depth === Infinity ? [] : [`context.depth <= ${terms.depth}`],
    ...terms.twoFactor ? ["context.twoFactor"] : [],
    ...terms.networks === null ? [] : [
      `(context has ip && (${
        ["false", ...terms.networks.map((one) => `context.ip.isInRange(ip("${network(one)}"))`)].join(" || ")
      }))`
    ]
  ].join(" && ") || "true"

/** The policies, in Cedar's language. */
const translate = (some: ReadonlyArray<Policy>): string =>
  some.map(({ scope, terms }) => {
    const applies = `context.scopes.contains("${scope}")`
    return `permit (principal, action, resource) when { ${applies} };\n` +
      `forbid (principal, action, resource) when { ${applies} && !(${lets(terms)}) };`
  }).join("\n")

/** Hands policies to Cedar; they are asked under this name. */
export const prepare = (name: string, some: ReadonlyArray<Policy>): void => {
  const parsed = cedar.preparsePolicySet(name, { staticPolicies: translate(some) })
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed))
}

/** What Cedar decides about a request. */
export const cedarAllows = (name: string, { ip, origin, scopes, ...asked }: Request): boolean => {
  const answer = cedar.statefulIsAuthorized({
    principal: { type: "User", id: "u" },
    action: { type: "Action", id: "a" },
    resource: { type: "Thing", id: "t" },
    preparsedPolicySetId: name,
    context: {
      ...asked,
      scopes: [...scopes],
      ...ip === null ? {} : { ip: { __extn: { fn: "ip", arg: ip } } },
      ...origin === null ? {} : { origin }
    },
    entities: []
  })
  if (answer.type !== "success" || answer.response.diagnostics.errors.length > 0) {
    throw new Error(JSON.stringify(answer))
  }
  return answer.response.decision === "allow"
}

export interface Compared {
  readonly allowed: number
  readonly refused: number
  /** Where the two differ, written out. */
  readonly different: ReadonlyArray<string>
}

const REQUESTS = 200

/** Compares so many decisions, over sets of policies that each meet the same number of requests. */
export const compare = async (decisions: number, seed: number): Promise<Compared> => {
  const sets = FastCheck.sample(policies, { numRuns: Math.ceil(decisions / REQUESTS), seed })
  const requests = FastCheck.sample(request, { numRuns: 10_000, seed: seed + 1 })
  const different: Array<string> = []
  let [allowed, refused, at] = [0, 0, 0]
  for (const some of sets) {
    prepare("drawn", some)
    await breath()
    for (let n = 0; n < REQUESTS; n++) {
      const one = requests[at++ % requests.length]!
      const ours = decide(some, one)._tag === "Allowed"
      if (ours) allowed++
      else refused++
      if (ours !== cedarAllows("drawn", one) && different.length < 10) {
        different.push(JSON.stringify({ ours, policies: some, request: one }))
      }
    }
  }
  return { allowed, refused, different }
}
