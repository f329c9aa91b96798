/** Where actors keep a folded state, to wake faster. A snapshot may be lost or ignored at any time: the log is the truth. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** A sealed state after `version` events of its stream; `hash` is the hash of the last of them. */
export interface Snapshot {
  readonly stream: string
  readonly version: number
  readonly position: number
  readonly schemaVersion: number
  readonly hash: Uint8Array
  readonly state: Uint8Array
}

/** The snapshots cannot be reached; the actor folds its whole stream instead. */
export class SnapshotsError extends Schema.TaggedError<SnapshotsError>()("SnapshotsError", { cause: Schema.Defect }) {}

export class Snapshots extends Context.Tag("@vivim/actor/Snapshots")<Snapshots, {
  readonly load: (stream: string) => Effect.Effect<Snapshot | null, SnapshotsError>
  /** Keeps one of each stream: the one saved last. */
  readonly save: (snapshot: Snapshot) => Effect.Effect<void, SnapshotsError>
  readonly forget: (stream: string) => Effect.Effect<void, SnapshotsError>
}>() {
  static readonly layerMemory: Layer.Layer<Snapshots> = Layer.sync(Snapshots, () => {
    const byStream = new Map<string, Snapshot>()
    return {
      load: (stream) => Effect.sync(() => byStream.get(stream) ?? null),
      save: (snapshot) => Effect.sync(() => void byStream.set(snapshot.stream, snapshot)),
      forget: (stream) => Effect.sync(() => void byStream.delete(stream))
    }
  })
}
