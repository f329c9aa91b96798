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
import * as Chain from "./Chain.ts"
import * as Command from "./Command.ts"
import { type Delegation, resourceOf } from "./Delegation.ts"
import type { Envelope, Verify } from "./Envelope.ts"
import * as Invocation from "./Invocation.ts"
import { isDidKey, type KeysOf, withDidKeys } from "./Keys.ts"
import { Recent } from "./Recent.ts"
import * as Rules from "./Rules.ts"
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
}

export interface Verifier {
  /** Whether the chain holds, whoever holds it: all but its use. */
  readonly chain: (text: string, now: number) => Opened | Denied
  /** Whether the use opens the request. */
  readonly use: (asked: Asked) => Used | Denied
}

/** What is known of a chain's text: all that does not depend on when it is asked. */
interface Known {
  readonly chain: Chain.Chain
  readonly links: string | null
  readonly attenuation: string | null
  /** The key each link was found to be signed with. */
  keys: ReadonlyArray<Uint8Array> | null
}

const denied = (step: Denied["step"], why: string): Denied => ({ _tag: "Denied", step, why })

export const make = ({ isRevoked = () => false, keysOf = () => [], limits, rules = Rules.Vivim, verify }: {
  readonly verify: Verify
  /** The keys of a DID that is no `did:key`. */
  readonly keysOf?: KeysOf
  /** What is known here to be revoked. */
  readonly isRevoked?: (cid: string) => boolean
  readonly limits: Limits
  readonly rules?: Rules.Rules
}): Verifier => {
  const recent = new Recent<Known>(limits.rememberedMax)
  const keys = withDidKeys(keysOf)
  const signer = (did: string, { signature, signed }: Envelope) =>
    keys(did).find((key) => verify(key, signed, signature)) ?? null

  const isKnownKey = (did: string, key: Uint8Array) => isDidKey(did) || keysOf(did).some((one) => bytesEqual(one, key))

  const isSigned = (known: Known): boolean => {
    if (known.keys?.every((key, at) => isKnownKey(known.chain[at]!.issuer, key)) === true) return true
    const found: Array<Uint8Array> = []
    for (const { envelope, issuer } of known.chain) {
      const key = signer(issuer, envelope)
      if (key === null) return false
      found.push(key)
    }
    known.keys = found
    return true
  }

  /** Reads a chain, or remembers it. Only what was signed is remembered: nobody fills the memory with what he made up. */
  const read = (text: string): Known | null => {
    const known = recent.get(text)
    if (known !== undefined) return known
    const chain = Token.read(text)
    return chain === null
      ? null
      : { chain, links: Chain.links(chain, rules), attenuation: Chain.attenuation(chain, rules), keys: null }
  }

  const judge = (text: string, now: number): Opened | Denied => {
    if (text.length > limits.textMax) return denied("size", `${text.length} characters`)
    const known = read(text)
    if (known === null) return denied("form", "no chain of delegations")
    const { chain } = known
    if (known.links !== null) return denied("links", known.links)
    const time = Chain.time(chain, rules, now)
    if (time !== null) return denied("time", time)
    if (known.attenuation !== null) return denied("attenuation", known.attenuation)
    for (const { cid } of chain) if (isRevoked(cid)) return denied("revocation", `${cid} is revoked`)
    if (!isSigned(known)) return denied("signature", "a delegation is not signed by its issuer")
    recent.set(text, known)
    const [root] = chain
    return {
      _tag: "Opened",
      chain,
      owner: root!.issuer,
      holder: chain.at(-1)!.audience,
      resource: resourceOf(root!)!,
      epoch: root!.bounds!.epoch!
    }
  }

  /** What is wrong with a use of a chain that holds; the dear parts last. */
  const misuse = (opened: Opened, { args, ...invocation }: Invocation.Invocation, asked: Asked): Denied | null => {
    const leaf = opened.chain.at(-1)!
    const foreign = Chain.use(opened.chain, { ...invocation, args })
    if (foreign !== null) return denied("links", foreign)
    // Who counts the uses of a resource is one for each owner: a use meant for anybody else is none here.
    if ((invocation.audience ?? opened.owner) !== opened.owner) return denied("links", "it is meant for another")
    if (invocation.expires === null || asked.now >= invocation.expires) return denied("time", "the use has ended")
    if (invocation.expires > asked.now + limits.useLifeMax) return denied("time", "the use lasts too long")
    if (!Command.covers(leaf.command, invocation.command)) return denied("attenuation", "the use asks for more")
    if (!Command.covers(invocation.command, asked.command)) return denied("attenuation", `it needs ${asked.command}`)
    const needed = Invocation.argsOf(asked.request)
    if (Object.keys(args).some((name) => !Object.hasOwn(needed, name))) {
      return denied("policy", "it says what it may not")
    }
    const hash = args["hash"]
    const isBound = args["res"] === needed.res && args["call"] === needed.call && hash instanceof Uint8Array &&
      bytesEqual(hash, needed.hash)
    if (!isBound || needed.res !== opened.resource) return denied("policy", "it is bound to another request")
    return signer(invocation.issuer, invocation.envelope) === null
      ? denied("signature", "the use is not signed by its holder")
      : null
  }

  return {
    chain: judge,
    use: (asked) => {
      const dot = asked.token.indexOf(".")
      if (asked.token.length - dot - 1 > limits.textMax) return denied("size", "a use of too many characters")
      const opened = judge(dot < 0 ? asked.token : asked.token.slice(0, dot), asked.now)
      if (opened._tag === "Denied") return opened
      const bytes = dot < 0 ? null : Token.fromText(asked.token.slice(dot + 1))
      const invocation = bytes === null ? null : Invocation.read(bytes)
      if (invocation === null) return denied("form", "no use of a capability")
      const wrong = misuse(opened, invocation, asked)
      if (wrong !== null) return wrong
      const scene = { args: invocation.args, env: asked.env }
      for (const { cid, policy } of opened.chain) {
        if (!Statement.holds(policy, scene, limits.stepsMax)) {
          return denied("policy", `the policy of ${cid} does not hold`)
        }
      }
      return { ...opened, invocation }
    }
  }
}
