/** Answers what owners ask of their imports: those that run, from the job itself; those that ended, from the registry. */
import type * as Reactivity from "@effect/experimental/Reactivity"
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import type * as SqlClient from "@effect/sql/SqlClient"
import { ContentStore } from "@vivim/content-store/ContentStore"
import { ImportViews, NoSuchImport } from "@vivim/contract/Import"
import { ImportReceipt } from "@vivim/contract/ImportReceipt"
import { NothingToChange } from "@vivim/contract/Refusal"
import { SessionGuard } from "@vivim/contract/Session"
import type { Did, DocumentId, ImportId } from "@vivim/event-schemas/ids"
import * as Doorway from "@vivim/projection/Doorway"
import { weatherproof } from "@vivim/projection/Doorway"
import type * as Reference from "@vivim/projection/Reference"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Imports } from "./Imports.ts"
import * as ImportView from "./ImportView.ts"
import { ReceiptTitles } from "./ReceiptTitles.ts"

/** What runs is told by the job itself, which knows more than the registry. */
const all = Effect.fnUntraced(function*(owner: Did) {
  const running = new Map((yield* Imports).running(owner).map((status) => [status.importId, status]))
  const known = yield* ImportView.statuses(owner, null)
  const fresh = [...running.values()].filter(({ importId }) => !known.some((status) => status.importId === importId))
  return [
    ...fresh,
    ...known.map((status) => status.state === "running" ? running.get(status.importId) ?? status : status)
  ]
})

const one = (owner: Did, importId: ImportId) =>
  Effect.flatMap(all(owner), (statuses) => {
    const found = statuses.find((status) => status.importId === importId)
    return found === undefined ? Effect.fail(new NoSuchImport({ importId })) : Effect.succeed(found)
  })

const receipt = Effect.fnUntraced(function*(owner: Did, importId: ImportId) {
  const hash = yield* ImportView.receiptHash(owner, importId)
  const store = yield* ContentStore
  const found = hash === null ? null : yield* store.get(owner, hash)
  if (found === null) return yield* new NoSuchImport({ importId })
  const parts = yield* Stream.runCollect(found.bytes)
  return yield* entitled(
    owner,
    yield* Schema.decode(Schema.parseJson(ImportReceipt))(Buffer.concat([...parts]).toString("utf8"))
  )
})

/** With the titles of what is in the archive yet. */
const entitled = Effect.fnUntraced(function*(owner: Did, receipt: ImportReceipt) {
  const titles = yield* ReceiptTitles
  const known = yield* titles.of(owner, receipt.items.flatMap(({ documentId }) => documentId ?? []))
  const items = receipt.items.map((item) =>
    item.documentId === undefined
      ? item
      : {
        ...item,
        title: known.get(item.documentId) ?? null,
        reason: item.reason ?? goneUnless(known, item.documentId)
      }
  )
  return { ...receipt, items }
})

const goneUnless = (known: ReadonlyMap<string, string>, id: DocumentId) =>
  known.has(id) ? null : "it is not in your library any more"

const cancel = Effect.fnUntraced(function*(owner: Did, importId: ImportId) {
  const status = yield* one(owner, importId)
  const imports = yield* Imports
  if (!(yield* imports.cancel(owner, importId))) {
    return yield* new NothingToChange({ message: "the import has ended" })
  }
  return status
})

type Ground = SqlClient.SqlClient | Reference.Needs | Imports | ContentStore
const Doors = ImportViews.middleware(SessionGuard)

export const handlers: Layer.Layer<
  Rpc.ToHandler<RpcGroup.Rpcs<typeof Doors>>,
  never,
  Ground | Reactivity.Reactivity
> = Doors.toLayer(Effect.map(Doorway.open<Ground>(), ({ query, watch }) => ({
  WatchImports: () =>
    watch(({ userId }) => ({ keys: [ImportView.keyOf(userId)], ask: weatherproof("read your imports", all(userId)) })),
  WatchImport: ({ importId }) =>
    watch(({ userId }) => ({
      keys: [ImportView.keyOf(userId)],
      ask: weatherproof("read the import", one(userId, importId), ["NoSuchImport"])
    })),
  ReadImportReceipt: ({ importId }) =>
    query(({ userId }) => weatherproof("read the receipt", receipt(userId, importId), ["NoSuchImport"])),
  CancelImport: ({ importId }) =>
    query(({ userId }) =>
      weatherproof("cancel the import", cancel(userId, importId), ["NoSuchImport", "NothingToChange"])
    )
})))
