/**
 * Lets in who is not signed in but holds a capability of the owner's: `Authorization: Capability <chain>.<use>`.
 *
 * Only calls that declare it are reached, about the one thing the capability is for, and each use is counted before it is let.
 * Whoever is refused hears one and the same sentence, whatever the reason; the reason is in the node's log.
 *
 * Signatures come before the owner's actor is asked whether anything was taken back: nobody wakes it who has shown nothing.
 */
import type * as Sharding from "@effect/cluster/Sharding"
import * as SqlClient from "@effect/sql/SqlClient"
import * as ActorHost from "@vivim/actor/ActorHost"
import { CapabilityVerifier } from "@vivim/capability/CapabilityVerifier"
import { CapabilityAddress, LentSession } from "@vivim/contract/Capability"
import type { Reach } from "@vivim/contract/Reachable"
import { NotAllowed } from "@vivim/contract/Refusal"
import * as Env from "@vivim/crypto/capability/Env"
import * as Verifier from "@vivim/crypto/capability/Verifier"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as NodeEd25519 from "@vivim/crypto/NodeEd25519"
import { Cid, DeviceId, type Did, StreamName } from "@vivim/event-schemas/ids"
import * as IdentityView from "@vivim/user/IdentityView"
import * as UserView from "@vivim/user/UserView"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { NodeConfig } from "../../../effect.config.ts"

/** What came with a capability. */
export interface Presented {
  readonly authorization: string
  /** What the call declares; undefined where it is for no capability. */
  readonly reach: Reach | undefined
  readonly payload: unknown
  /** The call and its bytes, as its holder signed them. */
  readonly call: string
  readonly content: Uint8Array
  readonly ip: string | null
}

export class CapabilityGuard extends Context.Tag("@vivim/node/CapabilityGuard")<CapabilityGuard, {
  readonly admit: (presented: Presented) => Effect.Effect<LentSession, NotAllowed>
}>() {}

/** Whether these credentials are a capability. */
export const isCapability = (authorization: string | undefined): authorization is string =>
  /^Capability /i.test(authorization ?? "")

/** What everybody hears who is refused. */
export const refused = new NotAllowed({ message: "this capability does not open this" })
const deny = (step: string, why: string, of: object = {}) =>
  Effect.zipRight(Effect.annotateLogs(Effect.logInfo("a capability was refused"), { step, why, ...of }), refused)

/** The devices of accounts that live here; a database that cannot be asked knows nobody. */
const devicesOf = (did: Did) =>
  Effect.catchAll(
    IdentityView.deviceKeys(did),
    (error) => Effect.as(Effect.logWarning("could not read whose key this is", error), [])
  )

const verifier = ({ useLifeMax, ...limits }: NodeConfig["capability"]) =>
  CapabilityVerifier.layer({
    verify: NodeEd25519.verify,
    limits: { ...limits, useLifeMax: Duration.toSeconds(useLifeMax) }
  }, devicesOf)

export const layer = (
  limits: NodeConfig["capability"]
): Layer.Layer<CapabilityGuard | CapabilityVerifier, never, Sharding.Sharding | SqlClient.SqlClient> =>
  Layer.provideMerge(guard, verifier(limits))

const guard = Layer.effect(
  CapabilityGuard,
  Effect.gen(function*() {
    const { keysFor, verifier } = yield* CapabilityVerifier
    const ask = yield* ActorHost.client(CapabilityAddress)
    const sql = yield* SqlClient.SqlClient
    const handleOf = (did: Parameters<typeof UserView.handleOf>[0]) =>
      Effect.catchAll(
        Effect.provideService(UserView.handleOf(did), SqlClient.SqlClient, sql),
        (error) => Effect.as(Effect.logWarning("could not read who owns a capability", error), null)
      )

    const count = (opened: Verifier.Opened, { call }: Presented, invocation: Verifier.Used["invocation"]) =>
      Effect.flatMap(CommandIds.next, (commandId) => {
        const [first, ...rest] = opened.chain.map(({ bounds, cid }) => ({
          cid: Cid.make(cid),
          usesMax: bounds?.max ?? null
        }))
        return ask("CountUse", {
          commandId,
          ownerId: opened.owner,
          links: [first!, ...rest],
          holder: opened.holder,
          resource: StreamName.make(opened.resource),
          call,
          invocation: Cid.make(invocation.cid),
          until: invocation.expires! * 1_000
        }, { by: opened.holder, device: null })
      })

    return CapabilityGuard.of({
      admit: Effect.fn("CapabilityGuard.admit")(function*(presented) {
        const { authorization, call, content, ip, payload, reach } = presented
        if (reach === undefined) return yield* deny("form", `${call} is for no capability`)
        const resource = Schema.decodeUnknownOption(StreamName)(reach.resource(payload))
        if (Option.isNone(resource)) return yield* deny("form", "it is about nothing")
        const token = authorization.slice("Capability ".length)
        const found = verifier.use({
          token,
          keysOf: yield* keysFor(token),
          command: reach.command,
          request: { resource: resource.value, call, content },
          // A second factor is shown in a session: who comes with a capability alone has shown none.
          env: Env.make({ ip, twoFactor: false }),
          now: Math.floor((yield* Clock.currentTimeMillis) / 1_000)
        })
        if (found._tag === "Denied") return yield* deny(found.step, found.why, { resource: resource.value })
        const of = { owner: found.owner, holder: found.holder, resource: found.resource }
        const handle = yield* handleOf(found.owner)
        if (handle === null) return yield* deny("links", "its owner has no account here", of)
        yield* Effect.catchAll(
          count(found, presented, found.invocation),
          (error) => deny("revocation", error._tag === "CapabilityClosed" ? error.reason : error.message, of)
        )
        const capability = Cid.make(found.chain.at(-1)!.cid)
        return new LentSession({
          userId: found.owner,
          handle,
          // What is written says through which capability it came.
          device: DeviceId.make(capability),
          operator: false,
          holder: found.holder,
          capability
        })
      })
    })
  })
)
