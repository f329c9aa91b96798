/**
 * Access: what stands between a request and the rooms. Sessions, standings, limits, the authorities that tell who asks, and the guard over all;
 * and that vaults are locked behind the last who leaves.
 */
import * as RateLimit from "@vivim/rate-limit/RateLimit"
import * as SqlBuckets from "@vivim/rate-limit/SqlBuckets"
import * as Passkeys from "@vivim/session/Passkeys"
import * as SessionKey from "@vivim/session/SessionKey"
import * as Sessions from "@vivim/session/Sessions"
import * as Standings from "@vivim/standing/Standings"
import * as LastSession from "@vivim/vault/LastSession"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { NodeConfig } from "../../../effect.config.ts"
import { Authorities } from "./Authority.ts"
import * as CapabilityGuard from "./CapabilityGuard.ts"
import type { Folders } from "./Folders.ts"
import * as Guard from "./Guard.ts"
import * as LocalSession from "./LocalSession.ts"
import * as NamedProviders from "./NamedProviders.ts"
import * as Origins from "./Origins.ts"
import * as SessionAuthority from "./SessionAuthority.ts"

/** Who can tell who is asking, beside the node's own token. */
const authorities = Layer.effect(Authorities, Effect.map(SessionAuthority.make, (session) => [session]))

const sessions = ({ node, session }: NodeConfig, at: Folders) =>
  Layer.unwrapEffect(
    Effect.map(SessionKey.open(at.sessionKey), (key) => Sessions.layer(key, session, Origins.of(node)))
  )

export const layer = (config: NodeConfig, at: Folders) =>
  Guard.layer({ stepUpMax: config.session.stepUpMax, proxies: config.door.proxies }).pipe(
    Layer.merge(LastSession.layer(config.vault.sessionsEvery)),
    Layer.provideMerge(authorities),
    Layer.provideMerge(CapabilityGuard.layer(config.capability)),
    Layer.provideMerge(LocalSession.layer(at, config.node.handle)),
    Layer.provideMerge(NamedProviders.layer(config)),
    Layer.provideMerge(Passkeys.layer(config.session.challengeMax)),
    Layer.provideMerge(sessions(config, at)),
    Layer.provideMerge(Layer.provide(RateLimit.layer(config.limit), SqlBuckets.layer)),
    Layer.provideMerge(Standings.layer)
  )
