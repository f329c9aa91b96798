/**
 * Where the file of an import lies, where a node has several processes: an import belongs to the process that took its file in.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

interface Shape {
  /** The import's file lies here. Said before anybody else can hear of the import. */
  readonly settle: (importId: string) => Effect.Effect<void>
  /** Whether its file lies with another process, at work or soon to be back. */
  readonly isElsewhere: (importId: string) => Effect.Effect<boolean>
  /** Asks the process that has it to stop it; false when none has. */
  readonly stopElsewhere: (importId: string) => Effect.Effect<boolean>
  /** Answers when another process asks to stop an import that lies here. */
  readonly stopped: (importId: string) => Effect.Effect<void>
  /** It has ended. */
  readonly leave: (importId: string) => Effect.Effect<void>
}

/** A reference, not a layer: a process is alone unless it was told otherwise. */
export class Homes extends Context.Reference<Homes>()("@vivim/import/Homes", {
  defaultValue: (): Shape => ({
    settle: () => Effect.void,
    isElsewhere: () => Effect.succeed(false),
    stopElsewhere: () => Effect.succeed(false),
    stopped: () => Effect.never,
    leave: () => Effect.void
  })
}) {}
