/**
 * Which contents conversations of the archive have. What was kept of one that takes in nothing more is forgotten after an import, but for
 * what others have as well.
 */
import type { Locked } from "@vivim/crypto/Cipher"
import type { Did } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

interface Shape {
  readonly of: (owner: Did, hashes: ReadonlySet<string>) => Effect.Effect<ReadonlySet<string>, Locked>
}

/** A reference, not a layer: where nobody can tell, all are in use. */
export class ContentsInUse extends Context.Reference<ContentsInUse>()("@vivim/import/ContentsInUse", {
  defaultValue: (): Shape => ({ of: (_, hashes) => Effect.succeed(hashes) })
}) {}
