/** Capabilities as the registry knows them: what was let to whom, how often and when it was used, what was taken back. */
import * as SqlClient from "@effect/sql/SqlClient"
import { Capability, CapabilityUse } from "@vivim/contract/Capability"
import { CapabilityEvents } from "@vivim/event-schemas/capability/index"
import type { Cid, Did, StreamName } from "@vivim/event-schemas/ids"
import * as Reference from "@vivim/projection/Reference"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as Effect from "effect/Effect"

const { patch, put } = RegistryView

/** Woken when an owner's capabilities change or are used. */
export const keyOf = (owner: string) => `capabilities/${owner}`

/** Uses that are shown, the newest first. */
const USES_SHOWN = 500

export const CapabilityView = RegistryView.make({
  name: "capabilities",
  version: 1,
  reads: CapabilityEvents,
  tables: {
    capability_record: {
      key: ["owner", "cid"],
      columns: {
        owner: "text",
        cid: "text",
        audience: "text",
        resource: "text",
        allows: "text",
        minted_at: "bigint",
        minted_position: "bigint",
        expires_at: "bigint",
        uses_max: "bigint",
        epoch: "bigint",
        revoked_at: "bigint"
      }
    },
    capability_use: {
      key: ["owner", "root", "position"],
      columns: {
        owner: "text",
        root: "text",
        position: "bigint",
        cid: "text",
        holder: "text",
        call: "text",
        used_at: "bigint"
      }
    },
    capability_epoch: {
      key: ["owner", "resource"],
      columns: { owner: "text", resource: "text", epoch: "bigint" }
    }
  },
  on: {
    "capability.CapabilityMinted": (event, { at, position }) => [
      put("capability_record", {
        owner: event.owner,
        cid: event.cid,
        audience: event.audience,
        resource: event.resource,
        allows: event.right,
        minted_at: at,
        minted_position: position,
        expires_at: event.expiresAt,
        uses_max: event.usesMax,
        epoch: event.epoch,
        revoked_at: null
      })
    ],
    "capability.CapabilityRevoked": ({ cid, owner }, { at }) => [
      patch("capability_record", { owner, cid }, { revoked_at: at })
    ],
    "capability.CapabilityUsed": ({ call, cid, holder, owner, root, usedAt }, { position }) => [
      put("capability_use", { owner, root, position, cid, holder, call, used_at: usedAt })
    ],
    "capability.EpochAdvanced": ({ epoch, owner, resource }) => [put("capability_epoch", { owner, resource, epoch })]
  },
  touches: ({ owner }) => [keyOf(owner)]
})

interface Row {
  readonly cid: Cid
  readonly audience: Did
  readonly resource: StreamName
  readonly allows: string
  readonly minted_at: string
  readonly minted_position: string
  readonly expires_at: string
  readonly uses_max: string | null
  readonly revoked_at: string | null
  readonly current: boolean
  readonly uses: string
  readonly last_used_at: string | null
}

const labelAt = (position: string) =>
  Effect.map(
    Reference.open(CapabilityEvents, Number(position)),
    (event) => event !== null && event._tag === "capability.CapabilityMinted" ? event.label : ""
  )

const orNull = (value: string | null) => value === null ? null : Number(value)

/** All an owner has let, the newest first. */
export const list = Effect.fn("CapabilityView.list")(function*(owner: Did) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`
    SELECT r.*, r.epoch = COALESCE(e.epoch, 0) AS current, COALESCE(u.uses, 0) AS uses, u.last_used_at
    FROM registry.capability_record r
    LEFT JOIN registry.capability_epoch e ON e.owner = r.owner AND e.resource = r.resource
    LEFT JOIN (SELECT root, count(*) AS uses, max(used_at) AS last_used_at FROM registry.capability_use
      WHERE owner = ${owner} GROUP BY root) u ON u.root = r.cid
    WHERE r.owner = ${owner} ORDER BY r.minted_position DESC`
  return yield* Effect.forEach(rows, (row) =>
    Effect.map(labelAt(row.minted_position), (label) =>
      new Capability({
        cid: row.cid,
        audience: row.audience,
        resource: row.resource,
        right: row.allows,
        label,
        mintedAt: Number(row.minted_at),
        expiresAt: Number(row.expires_at),
        usesMax: orNull(row.uses_max),
        uses: Number(row.uses),
        lastUsedAt: orNull(row.last_used_at),
        revokedAt: orNull(row.revoked_at),
        current: row.current
      })))
})

/** The last uses of one of them, the newest first. */
export const uses = Effect.fn("CapabilityView.uses")(function*(owner: Did, root: Cid) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<
    { readonly cid: Cid; readonly holder: Did; readonly call: string; readonly used_at: string }
  >`SELECT cid, holder, call, used_at FROM registry.capability_use WHERE owner = ${owner} AND root = ${root}
    ORDER BY position DESC LIMIT ${USES_SHOWN}`
  return rows.map(({ call, cid, holder, used_at }) => new CapabilityUse({ cid, holder, call, usedAt: Number(used_at) }))
})

/** The epoch a capability for a thing of the owner's must name. */
export const epoch = Effect.fn("CapabilityView.epoch")(function*(owner: Did, resource: string) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly epoch: string }>`
    SELECT epoch FROM registry.capability_epoch WHERE owner = ${owner} AND resource = ${resource}`
  return Number(row?.epoch ?? 0)
})
