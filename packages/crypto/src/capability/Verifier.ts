/**
 * Says whether a capability opens what is asked with it.
 *
 * The order is: size, strict form, links, time, attenuation, revocation, signatures, policy. What is dear comes behind what is
 * cheap, and what is known of a chain already is not asked again.
 *
 * S1  It opens exactly what it says: the resource, no more than the command, bound to the request, before its end.
 * S2  One altered byte anywhere, another key, a missing or foreign link, and it opens nothing.
 * S3  Only the verifier fills `$env`: who asks can say nothing in its place.
 * S4  What was found out about a chain holds for the same text alone; a key that was taken from its owner since signs nothing.
 * S5  A revoked link closes whatever hangs on it.
 */
import { bytesEqual } from "../Bytes.ts"
import { Recent } from "../Recent.ts"
import * as Chain from "./Chain.ts"
import * as Command from "./Command.ts"
import { type Delegation, resourceOf } from "./Delegation.ts"
import type { Verify } from "./Envelope.ts"
import * as Invocation from "./Invocation.ts"
import { isDidKey, type KeysOf, nobody } from "./Keys.ts"
import * as Rules from "./Rules.ts"
import * as Signatures from "./Signatures.ts"
import * as Statement from "./Statement.ts"
import * as Token from "./Token.ts"

/** Why it does not open: for the owner's log, never for who asked. */
export interface Denied {
  readonly _tag: "Denied"
  readonly step: "size" | "form" | "links" | "time" | "attenuation" | "revocation" | "signature" | "policy"
  readonly why: string
}

/** What it opens, and what is to be counted. */
export interface Opened {
  readonly _tag: "Opened"
  readonly chain: Chain.Chain
  readonly owner: Delegation["issuer"]
  readonly holder: Delegation["issuer"]
  readonly resource: string
  readonly epoch: number
}

/** A use that opens its request. */
export interface Used extends Opened {
  readonly invocation: Invocation.Invocation
}

/** What the verifier itself knows of the asking. */
export interface Env {
  readonly [name: string]: unknown
}

export interface Limits {
  /** Characters of a chain, and of one use. */
  readonly textMax: number
  /** Steps of the policy language for one use. */
  readonly stepsMax: number
  /** Chains whose signatures are remembered. */
  readonly rememberedMax: number
  /** Seconds from now to the end of a use, at most. */
  readonly useLifeMax: number
}

export interface Asked {
  /** The chain and one use of it, parted by a dot. */
  readonly token: string
  /** What the call needs. */
  readonly command: string
  readonly request: Invocation.Request
  readonly env: Env
  /** Seconds since 1970. */
  readonly now: number
  /** The keys of those `strangers` names. */
  readonly keysOf?: KeysOf
}

export interface Verifier {
  /** The DIDs of a chain, or a chain and a use of it, whose keys must be asked for; none where it would not hold anyway. */
  readonly strangers: (token: string) => ReadonlyArray<Delegation["issuer"]>
  /** Whether the chain holds, whoever holds it: all but its use. */
  readonly chain: (text: string, now: number, keysOf?: KeysOf) => Opened | Denied
  /** Whether the use opens the request. */
  readonly use: (asked: Asked) => Used | Denied
}

/** What a verifier is made of. */
export interface Parts {
  readonly verify: Verify
  /** What is known here to be revoked. */
  readonly isRevoked?: (cid: string) => boolean
  readonly limits: Limits
}

/** What is known of a chain's text: all that does not depend on when it is asked. */
interface Known {
  readonly chain: Chain.Chain
  readonly links: string | null
  readonly attenuation: string | null
  readonly signers: Signatures.Signers | null
}

const denied = (step: Denied["step"], why: string): Denied => ({ _tag: "Denied", step, why })

const known = (chain: Chain.Chain): Known => ({
  chain,
  links: Chain.links(chain, Rules.Vivim),
  attenuation: Chain.attenuation(chain, Rules.Vivim),
  signers: null
})

const opened = (chain: Chain.Chain): Opened => ({
  _tag: "Opened",
  chain,
  owner: chain[0]!.issuer,
  holder: chain.at(-1)!.audience,
  resource: resourceOf(chain[0]!)!,
  epoch: chain[0]!.bounds!.epoch!
})

/** The chain of a token, in front of its use. */
const chainOf = (token: string): string => {
  const dot = token.indexOf(".")
  return dot < 0 ? token : token.slice(0, dot)
}

/** Judges chains. Only what was signed is remembered: nobody fills the memory with what he made up. */
const judging = (signatures: Signatures.Signatures, { isRevoked = () => false, limits }: Parts) => {
  const recent = new Recent<Known>(limits.rememberedMax)
  const read = (text: string): Known | null => {
    if (text.length > limits.textMax) return null
    const remembered = recent.get(text)
    if (remembered !== undefined) return remembered
    const chain = Token.read(text)
    return chain === null ? null : known(chain)
  }
  const strangers: Verifier["strangers"] = (token) => {
    const found = read(chainOf(token))
    if (found === null || found.links !== null || found.attenuation !== null) return []
    const dids = [...found.chain.map(({ issuer }) => issuer), found.chain.at(-1)!.audience]
    return [...new Set(dids.filter((did) => !isDidKey(did)))]
  }
  const chain: Verifier["chain"] = (text, now, keysOf = nobody) => {
    if (text.length > limits.textMax) return denied("size", `${text.length} characters`)
    const found = read(text)
    if (found === null) return denied("form", "no chain of delegations")
    const { attenuation, chain, links, signers } = found
    if (links !== null) return denied("links", links)
    const time = Chain.time(chain, Rules.Vivim, now)
    if (time !== null) return denied("time", time)
    if (attenuation !== null) return denied("attenuation", attenuation)
    for (const { cid } of chain) if (isRevoked(cid)) return denied("revocation", `${cid} is revoked`)
    const isStill = signers !== null && signatures.areStill(chain, signers, keysOf)
    const still = isStill ? signers : signatures.signersOf(chain, keysOf)
    if (still === null) return denied("signature", "a delegation is not signed by its issuer")
    recent.set(text, still === signers ? found : { ...found, signers: still })
    return opened(chain)
  }
  return { strangers, chain }
}

/** What is wrong with a use of a chain that holds, but for its signature and the policies. */
const misuse = (
  { chain, owner, resource }: Opened,
  invocation: Invocation.Invocation,
  { command, now, request }: Asked,
  { useLifeMax }: Limits
): Denied | null => {
  const { args, audience, expires } = invocation
  const foreign = Chain.use(chain, invocation)
  if (foreign !== null) return denied("links", foreign)
  // Who counts the uses of a resource is one for each owner: a use meant for anybody else is none here.
  if ((audience ?? owner) !== owner) return denied("links", "it is meant for another")
  if (expires === null || now >= expires) return denied("time", "the use has ended")
  if (expires > now + useLifeMax) return denied("time", "the use lasts too long")
  if (!Command.covers(chain.at(-1)!.command, invocation.command)) {
    return denied("attenuation", "the use asks for more")
  }
  if (!Command.covers(invocation.command, command)) return denied("attenuation", `it needs ${command}`)
  const needed = Invocation.argsOf(request)
  if (Object.keys(args).some((name) => !Object.hasOwn(needed, name))) return denied("policy", "it says what it may not")
  const hash = args["hash"]
  const isBound = args["res"] === needed.res && args["call"] === needed.call && hash instanceof Uint8Array &&
    bytesEqual(hash, needed.hash)
  return isBound && needed.res === resource ? null : denied("policy", "it is bound to another request")
}

export const make = (parts: Parts): Verifier => {
  const { limits, verify } = parts
  const signatures = Signatures.make(verify)
  const { chain, strangers } = judging(signatures, parts)
  return {
    strangers,
    chain,
    use: (asked) => {
      const { env, keysOf = nobody, now, token } = asked
      const text = chainOf(token)
      const used = token.slice(text.length + 1)
      if (used.length > limits.textMax) return denied("size", "a use of too many characters")
      const found = chain(text, now, keysOf)
      if (found._tag === "Denied") return found
      const bytes = used === "" ? null : Token.fromText(used)
      const invocation = bytes === null ? null : Invocation.read(bytes)
      if (invocation === null) return denied("form", "no use of a capability")
      const wrong = misuse(found, invocation, asked, limits)
      if (wrong !== null) return wrong
      if (!signatures.isSigned(invocation.issuer, invocation.envelope, keysOf)) {
        return denied("signature", "the use is not signed by its holder")
      }
      const scene = { args: invocation.args, env }
      const closed = found.chain.find(({ policy }) => !Statement.holds(policy, scene, limits.stepsMax))
      return closed === undefined
        ? { ...found, invocation }
        : denied("policy", `the policy of ${closed.cid} does not hold`)
    }
  }
}
