/** What an account must remember to decide. */
import { Privacy } from "@vivim/contract/User"
import { IdentityLog } from "@vivim/crypto/did/IdentityLog"
import { ContentHash, DeviceId, Did } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"

export const UserState = Schema.Struct({
  userId: Schema.NullOr(Did),
  open: Schema.Boolean,
  displayName: Schema.String,
  bio: Schema.String,
  devices: Schema.ReadonlyMap({ key: DeviceId, value: Schema.Literal("active", "revoked") }),
  /** The account's log, folded; null for an account that has none. */
  log: Schema.NullOr(IdentityLog),
  /** Hashes of the second successors that were seen. */
  forks: Schema.Array(ContentHash),
  /** The newest master key that was sealed to devices; 0 before the first. */
  generation: Schema.Number,
  privacy: Privacy,
  /** Which store key the vault has; 1 until it was replaced. */
  storeKey: Schema.Number
})
export type UserState = typeof UserState.Type

export const initial: UserState = {
  userId: null,
  open: false,
  displayName: "",
  bio: "",
  devices: new Map(),
  log: null,
  forks: [],
  generation: 0,
  privacy: "served",
  storeKey: 1
}
