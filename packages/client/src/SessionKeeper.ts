/**
 * Where a client keeps its session between two visits. Its key is a pair of the platform's own, which need not be extractable: a browser keeps it
 * in IndexedDB as it is, so that no script can read it out.
 */
import type { Tokens } from "@vivim/contract/SignIn"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { GenerateKeyPairResult } from "jose"

/** A session as its client has it; `expiresAt` is when the access token does, by the client's own clock. */
export interface KeptSession extends Omit<Tokens, "expiresInMs"> {
  readonly expiresAt: number
  readonly keys: GenerateKeyPairResult
}

export class SessionKeeper extends Context.Tag("@vivim/client/SessionKeeper")<SessionKeeper, {
  readonly load: Effect.Effect<KeptSession | null>
  /** Null: it is over. */
  readonly save: (session: KeptSession | null) => Effect.Effect<void>
  /** One at a time, of all that keep this session here: what was loaded in `work` is still so when it is saved. */
  readonly alone: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}>() {
  /** For as long as the program runs. */
  static readonly layerMemory: Layer.Layer<SessionKeeper> = Layer.effect(
    SessionKeeper,
    Effect.map(Effect.all([Ref.make<KeptSession | null>(null), Effect.makeSemaphore(1)]), ([kept, turn]) => ({
      load: Ref.get(kept),
      save: (session) => Ref.set(kept, session),
      alone: turn.withPermits(1)
    }))
  )
}
