/** Where the keys of users' files come from. The files themselves keep none. */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { UserDatabaseError, UserLocked } from "./UserDatabaseError.ts"

export interface FileKeys {
  /** Of one user's file of a view, 32 bytes each: today's first, then those it may have had before. */
  readonly of: (
    did: string,
    view: string
  ) => Effect.Effect<readonly [Uint8Array, ...Array<Uint8Array>], UserLocked | UserDatabaseError>
  /** Users whose keys went: what of theirs is open is closed. */
  readonly gone: Stream.Stream<string>
}
