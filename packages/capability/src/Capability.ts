/**
 * What one owner lets others do: which capabilities they signed, which were taken back, how often each was used. The one authority
 * that counts: whatever hosts and sessions there are, every use is decided here, one by one.
 *
 * G1  Only the owner records a capability and advances an epoch; a capability is recorded once, and not when it was taken back before.
 * G2  A use is let only under a recorded capability for that very thing, of the present epoch, none of its links taken back.
 * G3  No link is used more often than it may, however many use it at once; a use counts for every link of its chain.
 * G4  What a holder signed is good for one use, and only for a short time.
 * G5  What has ended is forgotten, and opens nothing for that.
 */
import * as Actor from "@vivim/actor/Actor"
import { CapabilityAddress, CapabilityClosed, NotDelegable } from "@vivim/contract/Capability"
import { NotAllowed, NothingToChange } from "@vivim/contract/Refusal"
import {
  CapabilityEvents,
  CapabilityMinted,
  CapabilityRevoked,
  CapabilityUsed,
  EpochAdvanced
} from "@vivim/event-schemas/capability/index"
import { Cid, Did, Millis, StreamName } from "@vivim/event-schemas/ids"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const { accept, refuse } = Actor

/**
 * The longest a use may lie between its signing and its end: the most that `VIVIM_CAPABILITY_USE_LIFE_MAX` may be. Uses are remembered
 * twice as long, so that none is good twice.
 */
export const UseLifeMs = 120_000

const Ends = Schema.HashMap({ key: Cid, value: Millis })

const CapabilityState = Schema.Struct({
  owner: Schema.NullOr(Did),
  /** The latest time anything happened here: clocks that step back bring nothing back. */
  clock: Millis,
  epochs: Schema.HashMap({ key: StreamName, value: Schema.Int }),
  recorded: Schema.HashMap({
    key: Cid,
    value: Schema.Struct({ resource: StreamName, epoch: Schema.Int, until: Millis })
  }),
  /** Until when it matters that a delegation was taken back. */
  revoked: Ends,
  /** Uses of delegations that may be used so often only, by the capability they hang on. */
  used: Schema.HashMap({ key: Cid, value: Schema.Struct({ count: Schema.Int, root: Cid }) }),
  /** Uses that were let, in two boxes: when the newer is old enough, the older is emptied. */
  seen: Schema.Struct({ since: Millis, newer: Ends, older: Ends })
})
export type CapabilityState = typeof CapabilityState.Type

const initial: CapabilityState = {
  owner: null,
  clock: 0,
  epochs: HashMap.empty(),
  recorded: HashMap.empty(),
  revoked: HashMap.empty(),
  used: HashMap.empty(),
  seen: { since: 0, newer: HashMap.empty(), older: HashMap.empty() }
}

const epochOf = ({ epochs }: CapabilityState, resource: StreamName): number =>
  Option.getOrElse(HashMap.get(epochs, resource), () => 0)

const isOwner = (ownerId: Did, by: Did) => by === ownerId
const notOwner = refuse(new NotAllowed({ message: "what an owner lets others do is the owner's to say" }))

/** One link of a chain, and how often it may be used. */
interface Link {
  readonly cid: Cid
  readonly usesMax: number | null
}

interface Use {
  readonly links: ReadonlyArray<Link>
  readonly resource: StreamName
  readonly invocation: Cid
  readonly until: number
}

/** Why a use is not let, or null. */
const closed = (state: CapabilityState, { invocation, links, resource, until }: Use, now: number) => {
  if (until <= now) return "the use has ended"
  if (until > now + UseLifeMs) return "the use lasts too long"
  const root = Option.getOrNull(HashMap.get(state.recorded, links[0]!.cid))
  if (root === null) return `${links[0]!.cid} is not recorded here`
  if (root.resource !== resource) return `${links[0]!.cid} is for ${root.resource}`
  if (root.until <= now) return `${links[0]!.cid} has ended`
  if (epochOf(state, resource) !== root.epoch) return `all capabilities of epoch ${root.epoch} were taken back`
  for (const { cid, usesMax } of links) {
    if (HashMap.has(state.revoked, cid)) return `${cid} was taken back`
    const count = Option.match(HashMap.get(state.used, cid), { onNone: () => 0, onSome: (used) => used.count })
    if (usesMax !== null && count >= usesMax) return `${cid} was used ${count} times`
  }
  const isSeen = HashMap.has(state.seen.newer, invocation) || HashMap.has(state.seen.older, invocation)
  return isSeen ? `${invocation} was used before` : null
}

/** Forgets what has ended. What hung on it is forgotten with it: nothing opens that is not recorded. */
const tidy = (state: CapabilityState, now: number): CapabilityState => {
  const recorded = HashMap.filter(state.recorded, ({ until }) => until > now)
  return {
    ...state,
    recorded,
    revoked: HashMap.filter(state.revoked, (until) => until > now),
    used: HashMap.filter(state.used, ({ root }) => HashMap.has(recorded, root))
  }
}

/** A use stays in the newer box until a later one finds that box old: it is in one of the two for as long as it is good. */
const see = ({ newer, older, since }: CapabilityState["seen"], invocation: Cid, until: number, now: number) =>
  now - since < UseLifeMs
    ? { since, newer: HashMap.set(newer, invocation, until), older }
    : { since: now, newer: HashMap.make([invocation, until] as const), older: newer }

export const Capability = Actor.make({
  address: CapabilityAddress,
  events: CapabilityEvents,
  initial,
  snapshot: { version: 2, schema: CapabilityState },
  owner: ({ owner }, by) => owner ?? by,

  decide: {
    RecordCapability: (state, { cid, commandId: _, epoch, ownerId, ...given }, { by }) => {
      if (!isOwner(ownerId, by)) return notOwner
      if (HashMap.has(state.recorded, cid)) return refuse(new NothingToChange({ message: "it is recorded already" }))
      if (HashMap.has(state.revoked, cid)) return refuse(new NotDelegable({ message: "it was taken back before" }))
      return epoch === epochOf(state, given.resource)
        ? accept(CapabilityMinted({ ...given, owner: ownerId, cid, epoch }))
        : refuse(new NotDelegable({ message: `${given.resource} is at epoch ${epochOf(state, given.resource)}` }))
    },

    // That whoever passed a delegation on takes it back is found out at the door, which sees the signatures.
    RecordRevocation: ({ revoked }, { cid, ownerId, until }, { by }) =>
      HashMap.has(revoked, cid)
        ? refuse(new NothingToChange({ message: "it was taken back before" }))
        : accept(CapabilityRevoked({ owner: ownerId, cid, by, until })),

    AdvanceEpoch: (state, { ownerId, resource }, { by }) =>
      isOwner(ownerId, by)
        ? accept(EpochAdvanced({ owner: ownerId, resource, epoch: epochOf(state, resource) + 1 }))
        : notOwner,

    CountUse: (state, { call, commandId: _, holder, links, ownerId, ...use }, { at }) => {
      const now = Math.max(at, state.clock)
      const reason = closed(state, { ...use, links }, now)
      return reason === null
        ? accept(CapabilityUsed({
          ...use,
          owner: ownerId,
          root: links[0].cid,
          cid: links.at(-1)!.cid,
          counted: links.filter(({ usesMax }) => usesMax !== null).map(({ cid }) => cid),
          holder,
          call,
          usedAt: now
        }))
        : refuse(new CapabilityClosed({ reason }))
    }
  },

  evolve: {
    "capability.CapabilityMinted": (state, { cid, epoch, expiresAt, owner, resource }) => {
      const tidied = tidy(state, state.clock)
      return { ...tidied, owner, recorded: HashMap.set(tidied.recorded, cid, { resource, epoch, until: expiresAt }) }
    },
    "capability.CapabilityRevoked": (state, { cid, owner, until }) => ({
      ...state,
      owner,
      revoked: HashMap.set(state.revoked, cid, until)
    }),
    "capability.EpochAdvanced": (state, { epoch, owner, resource }) => ({
      ...state,
      owner,
      epochs: HashMap.set(state.epochs, resource, epoch)
    }),
    "capability.CapabilityUsed": (state, { counted, invocation, root, until, usedAt }) => ({
      ...state,
      clock: usedAt,
      used: HashMap.mutate(state.used, (used) => {
        for (const cid of counted) {
          const count = Option.match(HashMap.get(used, cid), { onNone: () => 0, onSome: (found) => found.count })
          HashMap.set(used, cid, { count: count + 1, root })
        }
      }),
      seen: see(state.seen, invocation, until, usedAt)
    })
  }
})
