/**
 * A change of a device's keys while others change them too: a page asks for several things at once.
 *
 * Y2  Of two changes that are made at once neither is lost, and what is as it was is not written.
 */
import * as Effect from "effect/Effect"
import * as DeviceKeys from "./DeviceKeys.ts"
import type { KeyStore, KeyStoreError } from "./KeyStore.ts"

/** Changes of records are made one after the other. */
const alone = Effect.unsafeMakeSemaphore(1).withPermits(1)

/** Changes the record as it is just now: what others changed meanwhile stays. */
export const to = (
  change: (now: DeviceKeys.DeviceKeys) => DeviceKeys.DeviceKeys
): Effect.Effect<DeviceKeys.DeviceKeys | null, KeyStoreError, KeyStore> =>
  alone(Effect.flatMap(DeviceKeys.read, (now) => {
    if (now === null) return Effect.succeed(null)
    const then = change(now)
    return then === now ? Effect.succeed(now) : Effect.as(DeviceKeys.keep(then), then)
  }))
