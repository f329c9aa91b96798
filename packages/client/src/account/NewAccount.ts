/**
 * An account that is to be: its keys, its kit and its first operation, made before anybody hears of it.
 *
 * A3  Keys and kit are made before the node hears of anything; what was opened and not answered is not lost.
 */
import { CryptoSuite, SuiteV1 } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import type { Did } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { NodeSession, type Opening } from "../NodeSession.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as Kit from "./Kit.ts"

export type Wanted = Omit<Opening, "genesis">

/** What there is of a new account. The kit is shown to its owner once, and kept nowhere. */
export interface Created {
  readonly did: Did
  readonly kit: Redacted.Redacted<string>
}

/** An account that is not yet one: its keys are in memory only. */
export interface Prepared extends Created {
  readonly keys: DeviceKeys.DeviceKeys
  readonly genesis: NonNullable<Opening["genesis"]>
}

/** The first operation. Its key is used this once and kept nowhere. */
const genesis = (keys: DeviceKeys.DeviceKeys, recovery: ReadonlyArray<Uint8Array>, ts: number) =>
  Effect.gen(function*() {
    const { randomBytes, signerOf } = yield* CryptoSuite
    const signer = yield* Effect.orDie(signerOf(Redacted.make(yield* randomBytes(32))))
    const { device, deviceId, kemKey } = yield* AccountLog.listed(keys)
    const statement: Operation.Statement = {
      v: SuiteV1,
      seq: 0,
      prev: null,
      key: signer.publicKey,
      devices: { [deviceId]: device },
      recovery,
      services: {},
      aka: [],
      ts
    }
    const operation = yield* AccountLog.sign(statement, signer)
    return { did: Operation.didOf(statement), statement: { operation, kemKeys: [kemKey] } }
  })

/** Makes the keys of an account, and its kit where it is not `given` one. The node hears of nothing. */
export const prepare = Effect.fn("Account.prepare")(function*(given?: Kit.NewKit) {
  const { origin } = yield* NodeSession
  const kit = given ?? (yield* Kit.make)
  const fresh = yield* DeviceKeys.make(origin)
  const { did, statement } = yield* genesis(fresh, [yield* Kit.hash(kit)], yield* Clock.currentTimeMillis)
  const masterKeys = [{ generation: 1, key: yield* KeyHierarchy.newMasterKey, at: null }]
  const keys = { ...fresh, did, kit: kit.kem.publicKey, masterKeys }
  return { did, kit: kit.printed, keys, genesis: statement } satisfies Prepared
})

/** Opens it on the session's node, with this device as its first, and the session with it. May be tried again with another handle. */
export const open = Effect.fn("Account.open")(function*({ did, genesis, keys, kit }: Prepared, wanted: Wanted) {
  const session = yield* NodeSession
  // Kept before the node hears of it: an account whose keys are nowhere would be lost.
  yield* DeviceKeys.keep(keys)
  const deviceId = yield* DeviceKeys.deviceIdOf(keys)
  const { sign } = yield* DeviceKeys.signerOf(keys)
  const by = { userId: did, deviceId, sign }
  yield* session.signUp(by, { ...wanted, genesis }).pipe(
    // An answer that was lost on its way: the node knows the account, and refuses it to be opened again.
    Effect.catchTag("NodeRefused", (refused) =>
      Effect.zipRight(
        Effect.mapError(AccountLog.read(session.origin, did), () => refused),
        Effect.asVoid(session.signIn(by))
      ))
  )
  return { did, kit } satisfies Created
})
