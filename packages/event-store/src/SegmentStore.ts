/**
 * Where sealed segments of the log are kept: named runs of bytes that are written once and read in parts. Narrow on purpose, so that
 * object storage can stand behind it as well as a folder.
 *
 * K1  What was put is there byte for byte, in whatever parts it is read and whoever opens the place anew.
 * K2  A put is all or nothing: cut off or failed, it leaves what had the name before, and nothing half.
 * K3  What is missing, or shorter than what is asked for, is said with its name; never fewer bytes in silence.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

/** A segment's bytes cannot be had. `code` is what PostgreSQL calls corrupted data: waiting does not cure it. */
export class SegmentUnreadable extends Schema.TaggedError<SegmentUnreadable>()("SegmentUnreadable", {
  name: Schema.String,
  problem: Schema.String
}) {
  readonly code = "XX001"
  override get message(): string {
    return `${this.name} ${this.problem}`
  }
}

export interface Kept {
  readonly name: string
  readonly bytes: number
}

export class SegmentStore extends Context.Tag("@vivim/event-store/SegmentStore")<SegmentStore, {
  /** On disk when it answers; answers how many bytes it was. What had the name is replaced. */
  readonly put: <E, R>(
    name: string,
    bytes: Stream.Stream<Uint8Array, E, R>
  ) => Effect.Effect<number, E | SegmentUnreadable, R>
  readonly range: (name: string, from: number, bytes: number) => Effect.Effect<Uint8Array, SegmentUnreadable>
  /** By name. */
  readonly list: Effect.Effect<ReadonlyArray<Kept>, SegmentUnreadable>
  /** Also when it is not there. */
  readonly remove: (name: string) => Effect.Effect<void, SegmentUnreadable>
}>() {
  /** The twin in memory. */
  static readonly layerMemory: Layer.Layer<SegmentStore> = Layer.sync(SegmentStore, () => {
    const kept = new Map<string, Uint8Array>()
    return {
      put: (name, bytes) =>
        Effect.map(Stream.runCollect(bytes), (parts) => {
          const whole = Buffer.concat([...parts])
          kept.set(name, whole)
          return whole.length
        }),
      range: (name, from, bytes) =>
        Effect.suspend(() => {
          const whole = kept.get(name)
          if (whole === undefined) return new SegmentUnreadable({ name, problem: "is missing" })
          if (from + bytes > whole.length) return cutOff(name, whole.length, from + bytes)
          return Effect.succeed(Uint8Array.prototype.slice.call(whole, from, from + bytes))
        }),
      list: Effect.sync(() =>
        [...kept].map(([name, { length }]) => ({ name, bytes: length })).toSorted((a, b) => a.name < b.name ? -1 : 1)
      ),
      remove: (name) => Effect.sync(() => void kept.delete(name))
    }
  })
}

export const cutOff = (name: string, bytes: number, wanted: number) =>
  new SegmentUnreadable({ name, problem: `is cut off: it has ${bytes} bytes, and ${wanted} are needed` })
