/**
 * What owners ask about what they let others do. The owner's device signs; here it is verified, recorded, listed and taken back.
 *
 * Only a capability that would open something is recorded: the owner's own, signed, in time, of the present epoch.
 * The owner takes back anything of theirs; who passed a delegation on takes back that one, and nobody else does.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import type * as SqlClient from "@effect/sql/SqlClient"
import * as ActorHost from "@vivim/actor/ActorHost"
import { CapabilityAddress, CapabilityDoors, LentSession, NotDelegable } from "@vivim/contract/Capability"
import { CurrentSession, SessionGuard } from "@vivim/contract/Session"
import type { Delegation } from "@vivim/crypto/capability/Delegation"
import * as Rules from "@vivim/crypto/capability/Rules"
import type { Opened } from "@vivim/crypto/capability/Verifier"
import { Cid, type Did, type DocumentId, StreamName } from "@vivim/event-schemas/ids"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import type * as Reference from "@vivim/projection/Reference"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { CapabilityVerifier } from "./CapabilityVerifier.ts"
import * as CapabilityView from "./CapabilityView.ts"

/** No capability lasts longer, nor matters longer that it was taken back. */
const LifeMsMax = Rules.Vivim.lifeMax * 1_000
const resourceOf = (documentId: DocumentId) => StreamName.make(`document/${documentId}`)

/** Chains hold or they do not: their owner is told why. */
const holding = ({ keysFor, verifier }: Context.Tag.Service<CapabilityVerifier>) =>
  Effect.fnUntraced(function*(text: string, owner: Did) {
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1_000)
    const opened = verifier.chain(text, now, yield* keysFor(text))
    if (opened._tag === "Denied") return yield* new NotDelegable({ message: `${opened.step}: ${opened.why}` })
    return opened.owner === owner ? opened : yield* new NotDelegable({ message: "links: it is another owner's" })
  })

const recordOf = ({ chain: [root], epoch, resource }: Opened) => ({
  cid: Cid.make(root!.cid),
  audience: root!.audience,
  resource: StreamName.make(resource),
  right: root!.command,
  expiresAt: root!.expires! * 1_000,
  usesMax: root!.bounds!.max ?? null,
  epoch
})

/** Who passed something of a chain on, the owner included. */
const isIssuer = (by: Did) => ({ issuer }: Delegation) => issuer === by

type Ground = SqlClient.SqlClient | Reference.Needs | CapabilityVerifier | Sharding.Sharding
const Doors = CapabilityDoors.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  Ground | Reactivity.Reactivity
> = Doors.toLayer(Effect.gen(function*() {
  const ask = yield* ActorHost.client(CapabilityAddress)
  const { query, watch } = yield* Doorway.open<Ground>()
  const held = holding(yield* CapabilityVerifier)
  return {
    MintCapability: ({ chain, commandId, label }) =>
      Effect.gen(function*() {
        const { device, userId } = yield* CurrentSession
        const opened = yield* held(chain, userId)
        if (opened.chain.length !== 1) return yield* new NotDelegable({ message: "links: it is not the owner's own" })
        const record = { ...recordOf(opened), commandId, ownerId: userId, delegation: chain, label }
        return yield* ask("RecordCapability", record, { by: userId, device })
      }),
    RevokeCapability: ({ cid, commandId }) =>
      Effect.gen(function*() {
        const { device, userId } = yield* CurrentSession
        const until = (yield* Clock.currentTimeMillis) + LifeMsMax
        return yield* ask("RecordRevocation", { commandId, ownerId: userId, cid, until }, { by: userId, device })
      }),
    RevokeDelegation: ({ chain, commandId, documentId }) =>
      Effect.gen(function*() {
        const session = yield* CurrentSession
        const by = session instanceof LentSession ? session.holder : session.userId
        const opened = yield* held(chain, session.userId)
        if (opened.resource !== resourceOf(documentId) || !opened.chain.some(isIssuer(by))) {
          return yield* new NotDelegable({ message: "links: it is not one you passed on" })
        }
        const last = opened.chain.at(-1)!
        const taken = {
          commandId,
          ownerId: session.userId,
          cid: Cid.make(last.cid),
          until: last.expires! * 1_000
        }
        return yield* ask("RecordRevocation", taken, { by, device: session.device })
      }),
    RevokeAll: ({ commandId, documentId }) =>
      Effect.flatMap(
        CurrentSession,
        ({ device, userId }) =>
          ask("AdvanceEpoch", { commandId, ownerId: userId, resource: resourceOf(documentId) }, { by: userId, device })
      ),
    ReadEpoch: ({ documentId }) =>
      query(({ userId }) =>
        weatherproof(
          "read the epoch",
          Effect.map(CapabilityView.epoch(userId, resourceOf(documentId)), (epoch) => ({ epoch }))
        )
      ),
    WatchCapabilities: () =>
      watch(({ userId }) => ({
        keys: [CapabilityView.keyOf(userId)],
        ask: weatherproof("read your capabilities", CapabilityView.list(userId))
      })),
    WatchCapabilityUses: ({ cid }) =>
      watch(({ userId }) => ({
        keys: [CapabilityView.keyOf(userId)],
        ask: weatherproof("read the uses", CapabilityView.uses(userId, cid))
      }))
  }
}))
