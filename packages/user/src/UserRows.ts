/** The registry's rows of what accounts are signed with: devices, operations of their logs, sealed master keys, forks. */
import type * as Event from "@vivim/event-schemas/Event"
import type { ContentHash, DeviceId, Did, Handle } from "@vivim/event-schemas/ids"
import type { OperationStated } from "@vivim/event-schemas/user/index"
import type { Fact } from "@vivim/projection/Fact"
import * as RegistryView from "@vivim/projection/RegistryView"

const { drop, patch, put } = RegistryView

/** Who watches an account looks at this key. */
export const key = (userId: string) => `user/${userId}`

/** Who watches for forked logs looks at this one: all their proofs are made anew, which nobody else's doings are a reason for. */
export const forksKey = "users/forks"

/** What stands for the recovery kit among recipients: no device is called so. */
export const kitRecipient = "~kit"

/** Bytes as they stand in rows. */
export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url")
/** The bytes that stand there. */
export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64url"))

/** What an account leaves behind is one row that says it was here. */
export const identityTables: Readonly<Record<string, RegistryView.Table>> = {
  user_device: {
    key: ["user_id", "device_id"],
    columns: {
      user_id: "text",
      device_id: "text",
      kem: "text",
      added_at: "bigint",
      named_position: "bigint",
      revoked_at: "bigint"
    }
  },
  user_operation: {
    key: ["user_id", "position"],
    columns: { user_id: "text", position: "bigint", seq: "int", hash: "text", operation: "text", stated_at: "bigint" }
  },
  user_kem_key: { key: ["user_id", "kem"], columns: { user_id: "text", kem: "text", key: "text" } },
  user_wrap: {
    key: ["user_id", "recipient", "generation"],
    columns: { user_id: "text", recipient: "text", generation: "int", sealed: "text", kept_at: "bigint" }
  },
  user_fork: {
    key: ["user_id", "position"],
    columns: { user_id: "text", position: "bigint", seq: "int", kept: "text", rival: "text", seen_at: "bigint" }
  },
  user_left: { key: ["user_id"], columns: { user_id: "text", left_at: "bigint" } }
}

export interface AccountRow {
  readonly user_id: Did
  readonly handle: Handle
  readonly registered_at: string
  readonly registered_position: string
  readonly profile_position: string | null
  readonly closed: boolean
  readonly privacy: "served" | "sealed"
  readonly privacy_since: string | null
}

export interface DeviceRow {
  readonly device_id: DeviceId
  readonly kem: ContentHash | null
  readonly added_at: string
  readonly named_position: string | null
  readonly revoked_at: string | null
}

/** What an operation makes of the rows. A device that is back after a thief was voided keeps the name it had. */
export const rowsOfOperation = (
  event: Event.Routing<typeof OperationStated>,
  { at, position }: Fact
): ReadonlyArray<RegistryView.Op> => {
  const { userId: user_id } = event
  return [
    put("user_operation", {
      user_id,
      position,
      seq: event.seq,
      hash: event.hash,
      operation: text(event.operation),
      stated_at: at
    }),
    patch("user_account", { user_id }, { closed: event.closed }),
    ...event.added.map(({ deviceId, kem }) =>
      put("user_device", { user_id, device_id: deviceId, kem, added_at: at, revoked_at: null })
    ),
    ...event.rekeyed.map(({ deviceId, kem }) => patch("user_device", { user_id, device_id: deviceId }, { kem })),
    ...event.removed.flatMap((deviceId) => [
      patch("user_device", { user_id, device_id: deviceId }, { revoked_at: at }),
      // What was sealed to a device that is gone is of no use to anyone who should have it.
      drop("user_wrap", { user_id, recipient: deviceId })
    ]),
    ...event.kemKeys.map(({ kem, key }) => put("user_kem_key", { user_id, kem, key: text(key) }))
  ]
}
