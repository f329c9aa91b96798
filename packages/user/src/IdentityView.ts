/** Identities as anyone may see them, one's own sealed keys, and for operators the logs that were forked. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import { ForkedLog, Identity, IdentityViews, KeyWrap, NoSuchIdentity, PublicDevice } from "@vivim/contract/Identity"
import { SessionGuard } from "@vivim/contract/Session"
import * as Fork from "@vivim/crypto/did/Fork"
import * as DidKey from "@vivim/crypto/DidKey"
import * as NodeEd25519 from "@vivim/crypto/NodeEd25519"
import type { ContentHash, DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { type AccountRow, bytes, type DeviceRow, forksKey, key, kitRecipient } from "./UserRows.ts"

interface OperationRow {
  readonly position: string
  readonly operation: string
}

interface ForkRow {
  readonly user_id: Did
  readonly position: string
  readonly rival: string
  readonly seen_at: string
}

const ground = { verify: NodeEd25519.verify }

/** The operations of an account's log, in the order they were taken in. */
const operations = (userId: Did) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    sql<OperationRow>`
      SELECT position, operation FROM registry.user_operation WHERE user_id = ${userId} ORDER BY position`)

/** What an account shows to anyone. */
export const read = Effect.fn("IdentityView.read")(function*(userId: Did) {
  const sql = yield* SqlClient.SqlClient
  const [account] = yield* sql<AccountRow>`SELECT * FROM registry.user_account WHERE user_id = ${userId}`
  if (account === undefined) return yield* new NoSuchIdentity({ userId })
  const devices = yield* sql<
    DeviceRow
  >`SELECT * FROM registry.user_device WHERE user_id = ${userId} ORDER BY added_at, device_id`
  return new Identity({
    userId,
    handle: account.handle,
    operations: (yield* operations(userId)).map(({ operation }) => bytes(operation)),
    devices: devices.map((device) =>
      new PublicDevice({
        deviceId: device.device_id,
        kem: device.kem,
        addedAt: Number(device.added_at),
        revokedAt: device.revoked_at === null ? null : Number(device.revoked_at)
      })
    ),
    closed: account.closed
  })
})

/** What an account is now: its newest operation says all of it. Null for an account without a log. */
export const newest = Effect.fn("IdentityView.newest")(function*(userId: Did) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<Pick<AccountRow, "handle" | "closed"> & { readonly operation: string | null }>`
    SELECT handle, closed, (SELECT operation FROM registry.user_operation WHERE user_id = ${userId}
      ORDER BY position DESC LIMIT 1) AS operation
    FROM registry.user_account WHERE user_id = ${userId}`
  if (row === undefined) return yield* new NoSuchIdentity({ userId })
  return { ...row, operation: row.operation === null ? null : bytes(row.operation) }
})

/** The keys of the devices that may sign for an account now: a device's id is its key. */
export const deviceKeys = Effect.fn("IdentityView.deviceKeys")(function*(userId: Did) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<
    Pick<DeviceRow, "device_id">
  >`SELECT device_id FROM registry.user_device WHERE user_id = ${userId} AND revoked_at IS NULL`
  return rows.flatMap(({ device_id }) => DidKey.publicKeyOf(device_id) ?? [])
})

/** The account a handle belongs to; null for one nobody has. */
export const didOf = (handle: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ readonly user_id: Did }>`SELECT user_id FROM registry.user_account WHERE handle = ${handle}`,
      ([row]) => row?.user_id ?? null
    ))

/** Whether an account was here and is gone. */
export const hasLeft = (userId: Did) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => Effect.map(sql`SELECT 1 FROM registry.user_left WHERE user_id = ${userId}`, (rows) => rows.length > 0)
  )

/** The key with this hash that an account's device has, or had. */
export const kemKey = Effect.fn("IdentityView.kemKey")(function*(userId: Did, kem: ContentHash) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly key: string }>`
    SELECT key FROM registry.user_kem_key WHERE user_id = ${userId} AND kem = ${kem}`
  return row === undefined ? yield* new NoSuchIdentity({ userId }) : bytes(row.key)
})

interface WrapRow {
  readonly recipient: string
  readonly generation: number
  readonly sealed: string
  readonly kept_at: string
}

const wrapOf = ({ generation, kept_at, recipient, sealed }: WrapRow) =>
  new KeyWrap({
    deviceId: recipient === kitRecipient ? null : recipient as DeviceId,
    generation,
    sealed: bytes(sealed),
    keptAt: Number(kept_at)
  })

const wraps = Effect.fn("IdentityView.wraps")(function*(userId: Did) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<WrapRow>`
    SELECT * FROM registry.user_wrap WHERE user_id = ${userId} ORDER BY generation, recipient`
  return rows.map(wrapOf)
})

/** The newest master key, sealed to the recovery kit; null when nothing was kept for one. */
export const kitWrap = Effect.fn("IdentityView.kitWrap")(function*(userId: Did) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<WrapRow>`
    SELECT * FROM registry.user_wrap WHERE user_id = ${userId} AND recipient = ${kitRecipient}
    ORDER BY generation DESC LIMIT 1`
  return row === undefined ? null : wrapOf(row)
})

/** A proof is made of the log as it was when the second successor was seen: a recovery key may have voided both since. */
const proof = ({ position, rival, seen_at, user_id }: ForkRow) =>
  Effect.map(operations(user_id), (rows) => {
    const past = rows.filter((row) => Number(row.position) < Number(position)).map(({ operation }) => bytes(operation))
    const made = Fork.against(user_id, past, bytes(rival), ground)
    const encoded = made === null ? null : Fork.encode(made)
    const judged = encoded === null ? null : Fork.judge(encoded, ground)
    return encoded === null || judged === null
      ? []
      : [
        new ForkedLog({ userId: user_id, seq: judged.seq, kind: judged.kind, proof: encoded, seenAt: Number(seen_at) })
      ]
  })

/** So many are told at once. */
const ForksMax = 200

const forks = Effect.fn("IdentityView.forks")(function*() {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<ForkRow>`SELECT * FROM registry.user_fork ORDER BY position DESC LIMIT ${ForksMax}`
  return (yield* Effect.forEach(rows, proof)).flat()
})

type Ground = SqlClient.SqlClient
const Doors = IdentityViews.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  Ground | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<Ground>(), ({ query, watch }) => ({
  ReadIdentity: ({ userId }) => query(() => weatherproof("read an identity", read(userId), ["NoSuchIdentity"])),
  ReadKemKey: ({ kem, userId }) => query(() => weatherproof("read a key", kemKey(userId, kem), ["NoSuchIdentity"])),
  WatchKeyWraps: () =>
    watch(({ userId }) => ({ keys: [key(userId)], ask: weatherproof("read your sealed keys", wraps(userId)) })),
  WatchForkedLogs: () => watch(() => ({ keys: [forksKey], ask: weatherproof("read forked logs", forks()) }))
})))
