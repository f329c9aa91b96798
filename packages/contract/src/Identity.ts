/**
 * What may be seen of accounts whose identity is a log (`did:vivim`), and the bytes that travel for them.
 * The same to anyone without a session: `GET /api/v1/identity/{did}`, its `/log`, and its `/keys/{hash}`.
 */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { ContentHash, DeviceId, Did, Handle, Millis } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Schema from "effect/Schema"
import { query, watch } from "./Call.ts"

const base64 = (min: number, max: number, what: string) =>
  Schema.Uint8ArrayFromBase64Url.pipe(
    Schema.filter((bytes) => bytes.length >= min && bytes.length <= max, { message: () => `${what} in base64url` }),
    // In generated tests, few: almost no bytes drawn at random have the length of a key.
    Schema.annotations({
      arbitrary: () => (fc: any) => fc.uint8Array({ minLength: min, maxLength: Math.max(min, Math.min(max, 8)) })
    })
  )

/** An operation of an account's log, signed: canonical dag-cbor. */
export const SignedOperation = base64(1, 8 * 1_024, "a signed operation")
/** An X-Wing public key. */
export const KemKey = base64(1_216, 1_216, "an X-Wing public key")
/** An Ed25519 signature. */
export const Signature = base64(64, 64, "a signature")
/** A key sealed to somebody; the node cannot open it. */
export const Sealed = base64(1, 4_096, "a sealed key")

/** An operation, and the keys of the devices it adds or gives another key: their hashes stand in it. */
export const Statement = Schema.Struct({
  operation: SignedOperation,
  kemKeys: Schema.Array(KemKey).pipe(Schema.maxItems(32))
})

/** The operation does not count; `reason` as in the law of the log, and `NoLog` for an account that has none. */
export class OperationRefused extends Schema.TaggedError<OperationRefused>()("OperationRefused", {
  userId: Did,
  reason: Schema.String
}) {}

/**
 * What became of an operation. `stated`: it counts. `voided`: it counts, and took back others. `forked`: it does not count, and is
 * kept as evidence, for another successor of the same operation was there first.
 */
export class Stated extends Schema.Class<Stated>("Stated")({
  ...Receipt.fields,
  outcome: Schema.Literal("stated", "voided", "forked")
}) {}

export class NoSuchIdentity extends Schema.TaggedError<NoSuchIdentity>()("NoSuchIdentity", { userId: Did }) {}

/** A device as anyone may see it: `did:key:${deviceId}`, and by its hash the key that things are sealed to it with. */
export class PublicDevice extends Schema.Class<PublicDevice>("PublicDevice")({
  deviceId: DeviceId,
  kem: Schema.NullOr(ContentHash),
  addedAt: Millis,
  revokedAt: Schema.NullOr(Millis)
}) {}

/** An account as anyone may see it. */
export class Identity extends Schema.Class<Identity>("Identity")({
  userId: Did,
  handle: Handle,
  /** Every operation that was taken in, those that were taken back with them. Empty for an account without a log. */
  operations: Schema.Array(SignedOperation),
  devices: Schema.Array(PublicDevice),
  /** Nobody can sign for it any more. */
  closed: Schema.Boolean
}) {}

/** The master key of one generation, sealed to a device of the account, or (`deviceId` null) to its recovery kit. */
export class KeyWrap extends Schema.Class<KeyWrap>("KeyWrap")({
  deviceId: Schema.NullOr(DeviceId),
  generation: Schema.Int,
  sealed: Sealed,
  keptAt: Millis
}) {}

/** A log that was forked, with the proof: `did/Fork.ts` judges it without this node. */
export class ForkedLog extends Schema.Class<ForkedLog>("ForkedLog")({
  userId: Did,
  seq: Schema.Int,
  kind: Schema.Literal("equivocation", "race", "late"),
  proof: Schema.Uint8ArrayFromBase64Url,
  seenAt: Millis
}) {}

export class IdentityViews extends RpcGroup.make(
  query("ReadIdentity", "GET /identities/:userId", "An account's public devices, and the log that proves them", {
    payload: { userId: Did },
    success: Identity,
    refusals: NoSuchIdentity
  }),
  query("ReadKemKey", "GET /identities/:userId/keys/:kem", "The key that things are sealed to a device with", {
    payload: { userId: Did, kem: ContentHash },
    success: KemKey,
    refusals: NoSuchIdentity
  }),
  watch("WatchKeyWraps", "GET /account/wraps", "Your master key, sealed to your devices and your recovery kit", {
    payload: {},
    success: Schema.Array(KeyWrap),
    refusals: Schema.Never
  }),
  watch("WatchForkedLogs", "GET /forks", "Accounts whose logs were forked, newest first, each with its proof", {
    payload: {},
    success: Schema.Array(ForkedLog),
    refusals: Schema.Never,
    needs: "operator"
  })
) {}
