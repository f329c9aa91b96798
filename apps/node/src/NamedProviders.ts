/** The providers an operator named in the switches, as `packages/oidc` takes them. */
import { nodeWire } from "@vivim/crypto/did/NodeWire"
import type { Named } from "@vivim/oidc/Providers"
import * as ProviderSignIn from "@vivim/oidc/ProviderSignIn"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as fs from "node:fs"
import type { NodeConfig } from "../../../effect.config.ts"

/** A provider is named in a way the node cannot use; `message` is one sentence that says what to do. */
export class ProviderUnusable extends Data.TaggedError("ProviderUnusable")<{ readonly message: string }> {}

type Switches = HashMap.HashMap.Value<NodeConfig["provider"]>

const secretOf = (name: string, { clientSecret, clientSecretFile }: Switches) =>
  clientSecretFile === "" ? Effect.succeed(clientSecret) : Effect.try({
    try: () => Redacted.make(fs.readFileSync(clientSecretFile, "utf8").trim()),
    catch: () =>
      new ProviderUnusable({
        message: `VIVIM_PROVIDER_${name}_CLIENT_SECRET_FILE is ${clientSecretFile}, which cannot be read.`
      })
  })

/** By their names: who is signed in sees the same order everywhere. */
const named = ({ provider }: Pick<NodeConfig, "provider">): Effect.Effect<ReadonlyArray<Named>, ProviderUnusable> =>
  Effect.forEach(
    [...HashMap.toEntries(provider)].toSorted(([a], [b]) => a < b ? -1 : 1),
    ([name, switches]) =>
      Effect.map(secretOf(name, switches), (clientSecret) => ({
        id: name.toLowerCase(),
        label: switches.label === "" ? new URL(switches.issuer).host : switches.label,
        issuer: switches.issuer,
        clientId: switches.clientId,
        clientSecret,
        scopes: switches.scopes
      }))
  )

export const layer = (config: Pick<NodeConfig, "provider" | "providers">) =>
  Layer.unwrapEffect(
    Effect.map(
      named(config),
      (all) => ProviderSignIn.layer(all, { ...config.providers, wire: nodeWire }, config.providers.stateMax)
    )
  )
