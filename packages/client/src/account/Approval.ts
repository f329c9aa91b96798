/**
 * A second device, let in by one that is there: the new one shows a code, the other signs for it and hands the master key over. Only
 * public keys are in the code; no secret goes any way but sealed.
 *
 * B1  A code that is not whole, or not by the device it names, is refused; both sides show the same short words of it to compare.
 * B2  A device that was let in signs for the account and opens its master keys.
 */
import * as CommandIds from "@vivim/crypto/CommandIds"
import { CryptoSuite, SuiteV1 } from "@vivim/crypto/CryptoSuite"
import * as DidKey from "@vivim/crypto/DidKey"
import * as SignedBytes from "@vivim/crypto/SignedBytes"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import { Did, type DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Account from "./Account.ts"
import * as AccountLog from "./AccountLog.ts"
import * as DeviceKeys from "./DeviceKeys.ts"
import * as MasterKeys from "./MasterKeys.ts"
import * as RotationChain from "./RotationChain.ts"

/** The code is not one, not whole, or not signed by the device it names. */
export class CodeRefused extends Schema.TaggedError<CodeRefused>()("CodeRefused", { message: Schema.String }) {}

const of = (length: number) => Schema.Uint8ArrayFromSelf.pipe(Schema.filter((bytes) => bytes.length === length))

const Request = Schema.Struct({
  v: Schema.Literal(SuiteV1),
  /** The new device's Ed25519 key, X-Wing key, and the hash of the first key it will sign operations with. */
  key: of(32),
  kem: of(1_216),
  next: of(32)
})

const Welcome = Schema.Struct({
  v: Schema.Literal(SuiteV1),
  did: Did,
  origin: Schema.String,
  /** What master keys are wrapped to the kit with, sealed to the new device; null where the other one does not have it. */
  kit: Schema.NullOr(Schema.Uint8ArrayFromSelf)
})

const domain = "vivim/device-request"
const refuse = () => new CodeRefused({ message: "This is no code of a device, or it is not whole: show it again." })

const readCode = <A, I>(code: string, schema: Schema.Schema<A, I>) =>
  Encoding.decodeBase64Url(code.trim()).pipe(
    Effect.flatMap((bytes) => StrictCbor.decode(bytes)),
    Effect.flatMap(Schema.decodeUnknown(schema)),
    Effect.mapError(refuse)
  )

/** Three groups of four digits: what two people, or two screens, compare. */
const wordsOf = (bytes: Uint8Array) =>
  Effect.map(
    Effect.flatMap(CryptoSuite, ({ sha256 }) => sha256(bytes)),
    (hash) =>
      [0, 4, 8].map((at) =>
        String(new DataView(hash.buffer, hash.byteOffset + at, 4).getUint32(0) % 10_000).padStart(4, "0")
      ).join(" ")
  )

export interface Shown {
  /** For a QR code, or to be copied: about 1,800 characters. */
  readonly code: string
  readonly words: string
}

/** Makes this device's keys, and the code that asks for it to be let in. Asked again, it shows the same device. */
export const request = Effect.fn("Approval.request")(function*(origin: string) {
  const kept = yield* DeviceKeys.read
  const keys = kept === null || kept.did !== null ? yield* DeviceKeys.make(origin) : kept
  yield* DeviceKeys.keep(keys)
  const signer = yield* DeviceKeys.signerOf(keys)
  const { device, kemKey } = yield* Account.listed(keys)
  const plain = Canonical.encode({ v: SuiteV1, key: signer.publicKey, kem: kemKey, next: device.next })
  const signed = yield* SignedBytes.sign(signer, domain, plain)
  return { code: Encoding.encodeBase64Url(signed), words: yield* wordsOf(plain) } satisfies Shown
})

/** What a code asks for, its signature looked at. */
export const look = Effect.fn("Approval.look")(function*(code: string) {
  const signed = yield* Encoding.decodeBase64Url(code.trim()).pipe(
    Effect.flatMap(SignedBytes.read),
    Effect.mapError(refuse)
  )
  const asked = yield* StrictCbor.decode(signed.bytes).pipe(
    Effect.flatMap(Schema.decodeUnknown(Request, { onExcessProperty: "error" })),
    Effect.mapError(refuse)
  )
  yield* Effect.mapError(SignedBytes.verify(asked.key, domain, signed), refuse)
  return { ...asked, deviceId: DidKey.deviceId(asked.key), words: yield* wordsOf(signed.bytes) }
})

const kitScope = (did: Did, deviceId: string) => Canonical.encode(["vivim/kit-hand-over/1", did, deviceId])

/**
 * Lets the device of a code in: its owner has compared the words. Answers what the new device is to be shown (`join`). It may sign
 * operations unless `signs` is false.
 */
export const approve = Effect.fn("Approval.approve")(function*(
  calls: MasterKeys.SessionCalls,
  code: string,
  name: DisplayName,
  signs = true
) {
  const { deviceId, kem, next } = yield* look(code)
  const { did, keys } = yield* Account.own
  const device = { kem: yield* AccountLog.kemHash(kem), next: signs ? next : null }
  yield* Account.state(({ devices }) => ({ devices: { ...devices, [deviceId]: device } }), [kem])
  // Older master keys are not handed on: what they sealed is to be sealed anew when they are replaced.
  const master = DeviceKeys.masterKeyOf(keys)
  if (master !== null) {
    yield* MasterKeys.keep(calls, did, master.generation, [yield* MasterKeys.forDevice(master, did, deviceId, kem)])
  }
  yield* calls.NameDevice({ commandId: yield* CommandIds.next, userId: did, deviceId, name })
  const { sealTo } = yield* CryptoSuite
  const kit = keys.kit === null
    ? null
    : yield* Effect.orDie(sealTo(kem, kitScope(did, deviceId), Redacted.value(keys.kit)))
  return Encoding.encodeBase64Url(Canonical.encode({ v: SuiteV1, did, origin: keys.origin, kit }))
})

/** On the new device: takes what the other one answers, and sees in the account's own log that it was let in. */
export const join = Effect.fn("Approval.join")(function*(welcome: string) {
  const { did, kit, origin } = yield* readCode(welcome, Welcome)
  const keys = yield* DeviceKeys.read
  if (keys === null) return yield* new Account.NotADevice({ message: "This device has not asked to be let in." })
  const { log } = yield* AccountLog.read(origin, did)
  const deviceId = yield* DeviceKeys.deviceIdOf(keys)
  if (!(deviceId in log.head.devices)) {
    return yield* new Account.NotADevice({ message: "The account does not name this device." })
  }
  const { openWith } = yield* CryptoSuite
  const opened = kit === null
    ? null
    : yield* openWith(yield* DeviceKeys.kemKeyOf(keys), kitScope(did, deviceId), kit).pipe(Effect.mapError(refuse))
  yield* DeviceKeys.keep({ ...keys, did, origin, kit: opened === null ? null : Redacted.make(opened) })
  return did
})

/** Whether this device may sign operations of its account. */
export const mayState = Effect.gen(function*() {
  const { did, keys } = yield* Account.own
  const read = yield* AccountLog.read(keys.origin, did)
  return (yield* RotationChain.turn(keys.rotation, read.log.head, AccountLog.turnsMax(read))) !== null
})
