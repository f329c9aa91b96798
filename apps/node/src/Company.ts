/** The company a process keeps: what one of several processes of a node needs to know of the others. */
import * as PgClient from "@effect/sql-pg/PgClient"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import * as SigningKey from "@vivim/crypto/SigningKey"
import { channel } from "@vivim/crypto/vault/CompanyTables"
import * as SqlVaultCompany from "@vivim/crypto/vault/SqlVaultCompany"
import * as SqlSiblings from "@vivim/event-store/SqlSiblings"
import * as SqlHomes from "@vivim/import/SqlHomes"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Folders } from "./Folders.ts"
import * as ProcessPlace from "./ProcessPlace.ts"

/** Vaults of all processes, by the key the node signs with as itself. */
const vaults = (at: Folders, silenceMax: Duration.DurationInput) =>
  Layer.unwrapEffect(Effect.zipWith(
    SigningKey.open(at.instanceKey, true),
    PgClient.PgClient,
    (key, sql) => SqlVaultCompany.layer({ key, silenceMax, woken: sql.listen(channel) })
  )).pipe(Layer.provide(NodeCryptoSuite.layer))

/** `silenceMax`: how long a process may say nothing before the others do without it. */
export const layer = (at: Folders, isAlone: boolean, silenceMax: Duration.DurationInput) =>
  isAlone
    ? ProcessPlace.layer(at, true)
    : Layer.unwrapEffect(Effect.map(ProcessPlace.ProcessPlace, ({ id }) => SqlHomes.layer(id!))).pipe(
      Layer.provideMerge(ProcessPlace.layer(at, false)),
      Layer.provideMerge(SqlSiblings.layer),
      Layer.provideMerge(vaults(at, silenceMax))
    )
