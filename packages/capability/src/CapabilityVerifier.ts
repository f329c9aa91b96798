/** The verifier of this node: its engine, its limits, and whose keys it knows besides those that are their own names. */
import type { KeysOf } from "@vivim/crypto/capability/Keys"
import * as Verifier from "@vivim/crypto/capability/Verifier"
import type { Did } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export class CapabilityVerifier extends Context.Tag("@vivim/capability/CapabilityVerifier")<CapabilityVerifier, {
  readonly verifier: Verifier.Verifier
  /** Whose keys a chain, or a use of one, may need: looked up now, for a key may have been taken away a moment ago. */
  readonly keysFor: (token: string) => Effect.Effect<KeysOf>
}>() {
  /** `devicesOf`: the keys that may sign for an account now. */
  static readonly layer = <R>(
    options: Verifier.Parts,
    devicesOf: (did: Did) => Effect.Effect<ReadonlyArray<Uint8Array>, never, R>
  ): Layer.Layer<CapabilityVerifier, never, R> =>
    Layer.effect(
      CapabilityVerifier,
      Effect.map(Effect.context<R>(), (ground) => {
        const verifier = Verifier.make(options)
        return {
          verifier,
          keysFor: (token) =>
            Effect.forEach(
              verifier.strangers(token),
              (did) => Effect.map(devicesOf(did), (keys) => [did as string, keys] as const)
            ).pipe(
              Effect.map((known) => {
                const keys = new Map(known)
                return (did: string) => keys.get(did) ?? []
              }),
              Effect.provide(ground)
            )
        }
      })
    )
}
