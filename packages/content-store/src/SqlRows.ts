/** The row of a content under whichever of its names, looked up with those others ask for. */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Batch from "@vivim/batch/Batch"
import type { Cipher, Locked } from "@vivim/crypto/Cipher"
import * as Effect from "effect/Effect"
import { ContentStoreError } from "./ContentStore.ts"
import * as Keys from "./Keys.ts"

export interface Row {
  readonly address: Uint8Array
  readonly owner: string
  readonly place: string
  readonly bytes: string
  readonly mime: string
}

/** The content of an owner with this hash, or null. */
export type Find = (owner: string, hash: Uint8Array) => Effect.Effect<Row | null, Locked | ContentStoreError>

/** Contents looked up with one statement. */
const togetherMax = 64

const failing = (cause: unknown) => new ContentStoreError({ doing: "find content", cause })
const nameOf = (address: Uint8Array) => Buffer.from(address).toString("latin1")

export const make = Effect.fnUntraced(function*(cipher: Cipher) {
  const sql = yield* SqlClient.SqlClient
  const lookUp = yield* Batch.make(togetherMax, (requests: ReadonlyArray<ReadonlyArray<Buffer>>) =>
    sql.unsafe<Row>(
      "SELECT address, owner, place, bytes, mime FROM content WHERE address = ANY($1::bytea[])",
      [requests.flat()] as never
    ).pipe(
      Effect.mapError(failing),
      Effect.map((rows) => {
        const byName = new Map(rows.map((row) => [nameOf(row.address), row]))
        return Batch.each(requests.map((addresses) => addresses.flatMap((one) => byName.get(nameOf(one)) ?? [])))
      })
    ))
  const find: Find = (owner, hash) =>
    Keys.addressesOf(cipher, owner, hash).pipe(
      Effect.flatMap(lookUp),
      Effect.map((rows) => rows.find((row) => row.owner === owner) ?? null)
    )
  return find
})
