/**
 * The providers an operator named in the switches, as `packages/oidc` takes them.
 *
 * N1  A provider that cannot be used as it is named keeps the node from starting, with a sentence that says what to do; none named is none.
 */
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

/** Why a provider cannot be used as it is named; null when it can. */
const wrongWith = (
  name: string,
  { issuer }: Switches,
  isPrivate: boolean,
  known: ReadonlySet<string>
): string | null => {
  if (!/^[A-Za-z0-9]{1,32}$/.test(name)) {
    return `VIVIM_PROVIDER_${name}_ISSUER names a provider "${name}": letters and digits, please, and up to 32 of them.`
  }
  if (known.has(name.toLowerCase())) return `Two providers are named ${name.toLowerCase()}.`
  return issuer.startsWith("http:") && !isPrivate
    ? `VIVIM_PROVIDER_${name}_ISSUER is not https, which wants VIVIM_PROVIDERS_PRIVATE=true.`
    : null
}

/** By their names: people see the same order everywhere. */
export const named = Effect.fnUntraced(function*({ provider, providers }: Pick<NodeConfig, "provider" | "providers">) {
  const all = new Map<string, Named>()
  for (const [name, switches] of [...HashMap.toEntries(provider)].toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const wrong = wrongWith(name, switches, providers.private, new Set(all.keys()))
    if (wrong !== null) return yield* new ProviderUnusable({ message: wrong })
    const { clientId, issuer, label, scopes } = switches
    const id = name.toLowerCase()
    const clientSecret = yield* secretOf(name, switches)
    all.set(id, { id, label: label === "" ? new URL(issuer).host : label, issuer, clientId, clientSecret, scopes })
  }
  return [...all.values()]
})

export const layer = (config: Pick<NodeConfig, "provider" | "providers">) =>
  Layer.unwrapEffect(
    Effect.map(
      named(config),
      (all) => ProviderSignIn.layer(all, { ...config.providers, wire: nodeWire }, config.providers.stateMax)
    )
  )
