/** The verifier of this node: its engine, whose keys it knows, and its limits. */
import * as Verifier from "@vivim/crypto/capability/Verifier"
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

export class CapabilityVerifier extends Context.Tag("@vivim/capability/CapabilityVerifier")<CapabilityVerifier, {
  readonly verifier: Verifier.Verifier
}>() {
  static readonly layer = (options: Parameters<typeof Verifier.make>[0]): Layer.Layer<CapabilityVerifier> =>
    Layer.sync(CapabilityVerifier, () => ({ verifier: Verifier.make(options) }))
}
