/**
 * What may be seen of accounts whose identity is a log (`did:vivim`), and the bytes that travel for them.
 * The same to anyone without a session: `GET /api/v1/identity/{did}`, its `/log`, and its `/keys/{hash}`.
 */
import * as RpcGroup from "@effect/rpc/RpcGroup"
import { ContentHash, DeviceId, Did, Handle, Millis } from "@vivim/event-schemas/ids"
import { Receipt } from "@vivim/event-schemas/Receipt"
import * as Schema from "effect/Schema"
import { query, watch } from "./Call.ts"
import { KemKey, Sealed, SignedOperation } from "./IdentityBytes.ts"

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
