/** Imports as the registry knows them: whose, since when, how they ended. File names and sums stay sealed in the events. */
import * as SqlClient from "@effect/sql/SqlClient"
import { ImportStatus } from "@vivim/contract/Import"
import type { Did, ImportId } from "@vivim/event-schemas/ids"
import type { ImportCounts } from "@vivim/event-schemas/import/ImportCounts"
import { ImportEvents } from "@vivim/event-schemas/import/index"
import * as Reference from "@vivim/projection/Reference"
import * as RegistryView from "@vivim/projection/RegistryView"
import * as Effect from "effect/Effect"

const { patch, put } = RegistryView

/** Woken when one of an owner's imports starts, ends or makes progress. */
export const keyOf = (owner: string) => `imports/${owner}`

export const ImportView = RegistryView.make({
  name: "imports",
  version: 1,
  reads: ImportEvents,
  tables: {
    import_record: {
      key: ["import_id"],
      columns: {
        import_id: "text",
        owner: "text",
        bytes: "bigint",
        started_at: "bigint",
        started_position: "bigint",
        finished_at: "bigint",
        finished_position: "bigint",
        outcome: "text",
        receipt: "text"
      },
      indexes: [["owner"]]
    }
  },
  on: {
    "import.ImportStarted": ({ bytes, importId, owner }, { at, position }) => [
      put("import_record", { import_id: importId, owner, bytes, started_at: at, started_position: position })
    ],
    "import.ImportFinished": ({ importId, outcome, receipt }, { at, position }) => [
      patch("import_record", { import_id: importId }, {
        finished_at: at,
        finished_position: position,
        outcome,
        receipt: receipt?.hash ?? null
      })
    ]
  },
  touches: ({ owner }) => [keyOf(owner)]
})

interface Row {
  readonly import_id: ImportId
  readonly bytes: string
  readonly started_at: string
  readonly started_position: string
  readonly finished_at: string | null
  readonly finished_position: string | null
  readonly outcome: "imported" | "refused" | "cancelled" | null
  readonly receipt: string | null
}

export const noCounts: ImportCounts = {
  conversations: { found: 0, imported: 0, merged: 0, empty: 0, quarantined: 0 },
  nodes: { found: 0, kept: 0, hidden: 0, merged: 0, quarantined: 0 }
}

const statusOf = Effect.fnUntraced(function*(row: Row) {
  const started = yield* Reference.open(ImportEvents, Number(row.started_position))
  const ended = row.finished_position === null
    ? null
    : yield* Reference.open(ImportEvents, Number(row.finished_position))
  const end = ended?._tag === "import.ImportFinished" ? ended : null
  return new ImportStatus({
    importId: row.import_id,
    name: started?._tag === "import.ImportStarted" ? started.name : "",
    state: row.outcome ?? "running",
    format: end?.format ?? null,
    bytes: { read: row.outcome === "imported" ? Number(row.bytes) : 0, total: Number(row.bytes) },
    counts: end?.counts ?? noCounts,
    refusal: end?.refusal ?? null,
    startedAt: Number(row.started_at),
    finishedAt: row.finished_at === null ? null : Number(row.finished_at)
  })
})

/** Someone's imports, newest first, or just one of them. */
export const statuses = Effect.fn("ImportView.statuses")(function*(owner: Did, importId: ImportId | null) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<Row>`
    SELECT * FROM registry.import_record WHERE owner = ${owner} AND (${importId}::text IS NULL OR import_id = ${importId})
    ORDER BY started_position DESC LIMIT 100`
  return yield* Effect.forEach(rows, statusOf)
})

/** Where all receipts of an owner lie. */
export const receiptHashes = Effect.fn("ImportView.receiptHashes")(function*(owner: Did) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly receipt: string }>`
    SELECT DISTINCT receipt FROM registry.import_record WHERE owner = ${owner} AND receipt IS NOT NULL`
  return rows.map(({ receipt }) => receipt)
})

/** Where the receipt of a finished import lies in the content store. */
export const receiptHash = Effect.fn("ImportView.receiptHash")(function*(owner: Did, importId: ImportId) {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<Row>`SELECT * FROM registry.import_record WHERE owner = ${owner} AND import_id = ${importId}`
  return row?.receipt ?? null
})
