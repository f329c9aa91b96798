/**
 * A chain of delegations, the owner's first: whether each follows from the one before, and none is more than it.
 *
 * A1  Links: the owner begins, each next issuer is the audience before, all are about one subject.
 * A2  Attenuation: no link lets more, longer, or more often than the one before; who may not share passes nothing on.
 * A3  Time: each link has begun and has not ended.
 * A4  Use: only the holder of the last link uses the chain, on its subject, and names just its links as proof.
 *
 * Each answers null, or what is wrong, in words for the owner's log.
 */
import * as Command from "./Command.ts"
import { type Delegation, resourceOf } from "./Delegation.ts"
import type { Invocation } from "./Invocation.ts"
import type { Rules } from "./Rules.ts"

export type Chain = ReadonlyArray<Delegation>

/** Goes from the owner's to the last; `before` is undefined at the owner's. */
const each = (
  chain: Chain,
  wrong: (link: Delegation, before: Delegation | undefined, at: number) => string | null
): string | null => {
  for (let at = 0; at < chain.length; at++) {
    const found = wrong(chain[at]!, chain[at - 1], at)
    if (found !== null) return found
  }
  return null
}

export const links = (chain: Chain, { chainMax, powerline }: Rules): string | null => {
  if (chain.length > chainMax) return `more than ${chainMax} delegations`
  const subject = chain[0]?.subject ?? null
  return each(chain, (link, before, at) => {
    if (before === undefined) return link.issuer === link.subject ? null : "the first is not the owner's own"
    if (link.issuer !== before.audience) return `delegation ${at} is not by who was given the one before`
    if (link.subject === null && powerline) return null
    return link.subject === subject ? null : `delegation ${at} is about another subject`
  })
}

const isMore = (child: number | undefined, parent: number | undefined): boolean =>
  parent !== undefined && (child === undefined || child > parent)

const attenuates = (link: Delegation, before: Delegation, at: number): string | null => {
  if (!Command.covers(before.command, link.command)) return `delegation ${at} lets more: ${link.command}`
  if (!Command.covers(before.command, Command.Reshare)) return `${before.command} may not be passed on`
  if (link.expires! > before.expires!) return `delegation ${at} lasts longer than the one before`
  const [bounds, parent] = [link.bounds!, before.bounds!]
  if (isMore(bounds.max, parent.max)) return `delegation ${at} may be used more often`
  if (parent.depth === 0) return "it may not be passed on any more"
  if (parent.depth !== undefined && isMore(bounds.depth, parent.depth - 1)) {
    return `delegation ${at} may be passed on more`
  }
  return bounds.epoch === parent.epoch ? null : `delegation ${at} is of another epoch`
}

export const attenuation = (chain: Chain, { bounded }: Rules): string | null => {
  if (!bounded) {
    return each(
      chain,
      (link, before, at) =>
        before === undefined || Command.covers(before.command, link.command) ? null : `delegation ${at} lets more`
    )
  }
  if (chain[0] === undefined || resourceOf(chain[0]) === null) return "the owner's names no resource"
  if (chain[0].bounds !== null && chain[0].bounds.epoch === undefined) return "the owner's names no epoch"
  return each(chain, (link, before, at) => {
    if (link.bounds === null) return `delegation ${at} has bounds this build does not know`
    if (link.expires === null) return `delegation ${at} never ends`
    return before === undefined ? null : attenuates(link, before, at)
  })
}

/** `now` in seconds since 1970. */
export const time = (chain: Chain, { lifeMax }: Rules, now: number): string | null =>
  each(chain, ({ expires, notBefore }, _, at) => {
    if (notBefore !== null && now < notBefore) return `delegation ${at} has not begun`
    if (expires !== null && now >= expires) return `delegation ${at} has ended`
    if (lifeMax !== null && (expires === null || expires > now + lifeMax)) return `delegation ${at} lasts too long`
    return null
  })

/** Whether a use is by the holder of the chain, on its subject, with just this chain as its proof. Who owns needs no chain. */
export const use = (chain: Chain, { issuer, proofs, subject }: Invocation): string | null => {
  if (issuer !== (chain.at(-1)?.audience ?? subject)) return "it is used by another than its holder"
  if (subject !== (chain[0]?.subject ?? subject)) return "it is used on another subject"
  return proofs.length !== chain.length || proofs.some((cid, at) => cid !== chain[at]!.cid) ? "other proofs" : null
}
