/** How an actor's state is laid down between two lives, sealed like its events, and taken up again. */
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Meta from "@vivim/event-schemas/Meta"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type * as Actor from "./Actor.ts"
import { Snapshots } from "./Snapshots.ts"

/** Where a stream stood when its state was laid down. */
export interface Asleep {
  readonly state: unknown
  readonly version: number
  readonly position: number
  readonly hash: Uint8Array
}

/** As it was laid down; `hlc` is when the event was stated that it stands on. */
interface Awake extends Asleep {
  readonly saved: number
  readonly hlc: string
}

/** The sealed bytes name their owner, so that the right key can be found before anything is opened. */
const Envelope = Schema.Struct({ owner: Schema.String, sealed: Schema.Uint8ArrayFromSelf })

const context = (stream: string, version: number, schemaVersion: number) =>
  Canonical.encode(["vivim-snapshot/1", stream, version, schemaVersion])
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

export const make = Effect.fnUntraced(function*(actor: Actor.Any) {
  const snapshots = yield* Snapshots
  const cipher = yield* PayloadCipher
  const eventStore = yield* EventStore
  const { schema, version: schemaVersion } = actor.snapshot

  const save = (stream: string, owner: string, life: Asleep) =>
    Effect.gen(function*() {
      const plain = Canonical.encode(yield* Schema.encode(schema)(life.state))
      const sealed = yield* cipher.seal({ owner, stream }, context(stream, life.version, schemaVersion), plain)
      yield* snapshots.save({
        stream,
        version: life.version,
        position: life.position,
        schemaVersion,
        hash: life.hash,
        state: Canonical.encode({ owner, sealed })
      })
    }).pipe(
      // Whose keys went meanwhile wakes from the log.
      Effect.catchTag("Locked", () => Effect.void),
      // A snapshot only saves time: that it could not be kept is worth a word in the log, never a failure.
      Effect.catchAllCause((cause) => Effect.logWarning(`no snapshot of ${stream}`, cause))
    )

  /** The newest snapshot that is this build's, opens, and stands on the very event the log has there; else null. */
  const wake = (stream: string): Effect.Effect<Awake | null> =>
    Effect.gen(function*() {
      const kept = yield* snapshots.load(stream)
      if (kept === null || kept.schemaVersion !== schemaVersion) return null
      const last = yield* eventStore.read(stream, kept.version - 1).pipe(Stream.take(1), Stream.runCollect)
      const [event] = [...last]
      if (event === undefined || event.version !== kept.version || !equal(event.hash, kept.hash)) return null
      const envelope = yield* Schema.decodeUnknown(Envelope)(Canonical.decode(kept.state))
      const plain = yield* cipher.open(
        { owner: envelope.owner, stream },
        context(stream, kept.version, schemaVersion),
        envelope.sealed
      )
      const { hlc } = Meta.decode(event.meta)
      const state = yield* Schema.decodeUnknown(schema)(Canonical.decode(plain))
      return { state, version: kept.version, position: kept.position, hash: kept.hash, saved: kept.version, hlc }
    }).pipe(
      // The log says so too, and is asked next.
      Effect.catchTags({ Locked: () => Effect.succeed(null), Shredded: () => Effect.succeed(null) }),
      Effect.catchAllCause((cause) => Effect.as(Effect.logWarning(`snapshot of ${stream} ignored`, cause), null))
    )

  return { save, wake }
})
